"""Codes to sentences: when they end, and that batches do not matter."""

import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model
from textvae.models import decoding
from textvae.models.decoding import greedy

CODES = 2 * torch.randn(50, LATENT, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def model():
    return lively_model().model


@pytest.mark.parametrize("batch", [1, 7, 1024])
def test_in_batches_as_one_after_the_other(model, monkeypatch, batch):
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", batch)
    alone = OneByOne(model)
    sentences = greedy(model, CODES, steps=15)
    assert sentences == [alone.greedy(code, steps=15) for code in CODES]
    # Some end at once, some later, some not in time.
    lengths = {len(sentence) for sentence in sentences}
    assert len(lengths) > 4
    assert max(lengths) == 15


def test_fewer_steps_cut_and_change_nothing_else(model):
    for short, long in zip(greedy(model, CODES, 4), greedy(model, CODES, 15), strict=True):
        assert short == long[:4]


def test_no_steps_no_words(model):
    assert greedy(model, CODES[:3], steps=0) == [[], [], []]


def test_no_end_mark_is_among_the_words_and_nothing_follows_it(model):
    with torch.no_grad():
        model.output.bias[0] += 1
    sentences = greedy(model, CODES, steps=15)
    assert all(0 not in sentence for sentence in sentences)
    assert any(sentence == [] for sentence in sentences)


def test_decoding_keeps_no_gradients(model):
    CODES_WITH_GRADIENT = CODES.clone().requires_grad_()
    assert greedy(model, CODES_WITH_GRADIENT, steps=3) == greedy(model, CODES, steps=3)
