"""Decoding of codes: when sentences end, and that batching does not change them."""

import math
from collections import defaultdict

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_decoder, lively_model
from textvae.errors import InputError
from textvae.models import decoding
from textvae.models.batches import pack
from textvae.models.decoding import Decoded, decode, greedy, sentence_rng
from textvae.schemes import DecodingStrategy
from tiny import ENCODERS

CODES = 2 * torch.randn(50, LATENT, generator=torch.Generator().manual_seed(1))
STEPS = 12
STRATEGIES = ["greedy", "top5", "nucleus0.9-t0.7"]


@pytest.fixture
def model():
    return lively_model().model


@pytest.fixture(params=ENCODERS)
def any_model(request):
    """A model with each of the decoders."""
    return lively_decoder(request.param)


def sentences(model, name="nucleus0.9-t0.7", codes=CODES, seed=(1, 1), steps=STEPS):
    return list(decode(model, codes, steps, DecodingStrategy.parse(name), seed))


def test_greedy_decoding_equals_that_of_single_sentences(model):
    with torch.no_grad():
        model.output.bias[0] += 1
    oracle = OneByOne(model)
    decoded = greedy(model, CODES.clone().requires_grad_(), steps=15)
    assert decoded == [oracle.greedy(code, steps=15) for code in CODES]
    # Some end at once, some later, some are cut.
    assert {len(sentence) for sentence in decoded} == {0, 1, 2, 15}
    assert greedy(model, CODES, 4) == [sentence[:4] for sentence in decoded]
    assert greedy(model, CODES[:3], steps=0) == [[], [], []]
    assert greedy(model, CODES[:0], steps=4) == []


@pytest.mark.parametrize("name", STRATEGIES)
def test_sentence_depends_on_its_code_and_stream_alone(any_model, monkeypatch, name):
    decoded = sentences(any_model, name)
    assert len({tuple(sentence.ids) for sentence in decoded}) > 15
    assert len({len(sentence.ids) for sentence in decoded}) > 3
    assert 0 < sum(not sentence.ended for sentence in decoded) < 30
    others = torch.cat([CODES[:9], torch.randn(300, LATENT)])
    assert sentences(any_model, name, others)[:9] == decoded[:9]
    for size in (1, 7):
        monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", size)
        assert sentences(any_model, name) == decoded
    # In another order, each with its own stream.
    order = torch.randperm(len(CODES)).tolist()
    monkeypatch.setattr(decoding, "sentence_rng", lambda seed, i: sentence_rng(seed, order[i]))
    assert sentences(any_model, name, CODES[order]) == [decoded[i] for i in order]


def test_logits_equal_those_of_the_whole_sentence_at_once(any_model, monkeypatch):
    """Word by word as in decoding, in batches of any size, and at once as in training."""
    rows_of, choose_tokens = defaultdict(list), decoding.choose_tokens

    class Numbered:
        def __init__(self, seed, number):
            self.number, self.random = number, sentence_rng(seed, number).random

    def choose(logits, strategy, streams):
        for stream, row in zip(streams, logits, strict=True):
            rows_of[stream.number].append(row)
        return choose_tokens(logits, strategy, streams)

    monkeypatch.setattr(decoding, "sentence_rng", Numbered)
    monkeypatch.setattr(decoding, "choose_tokens", choose)
    for size in (7, 1024):
        rows_of.clear()
        monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", size)
        decoded = sentences(any_model)
        batch = pack([np.array(sentence.ids, dtype=np.int64) for sentence in decoded])
        with torch.no_grad():
            z = batch.arrange(CODES)
            embedded = any_model.embedding(batch.previous)
            logits = any_model.output(any_model.decoder(embedded, z, batch))
        for row, number in enumerate(batch.order.tolist()):
            # A sentence that was cut has no logits after its last word.
            steps = len(rows_of[number])
            assert steps == len(decoded[number].ids) + decoded[number].ended
            expected = logits[batch.rows == row][:steps]
            torch.testing.assert_close(torch.stack(rows_of[number]), expected, rtol=0, atol=1e-5)


def test_draws_depend_on_seed_copy_and_number(model):
    codes = CODES[:1].expand(40, -1)
    decoded = sentences(model, codes=codes)
    assert decoded == sentences(model, codes=codes)
    assert len({tuple(sentence.ids) for sentence in decoded}) > 10
    for seed in ((1, 2), (2, 1)):
        assert sentences(model, codes=codes, seed=seed) != decoded
    # Greedy decoding draws nothing.
    assert len({tuple(s.ids) for s in sentences(model, "greedy", codes)}) == 1
    assert sentences(model, "greedy") == sentences(model, "greedy", seed=(2, 1))


def test_end_mark_must_come_within_the_steps(model):
    """A sentence of n words has ended after n + 1 steps, and not after n."""
    ended = [(i, sentence) for i, sentence in enumerate(sentences(model)) if sentence.ended]
    assert len(ended) > 10
    for length in {len(sentence.ids) for _, sentence in ended}:
        longer, shorter = (sentences(model, steps=steps) for steps in (length + 1, length))
        for number, sentence in ended:
            if len(sentence.ids) == length:
                assert longer[number] == sentence
                assert shorter[number] == Decoded(sentence.ids, False)


def test_ended_sentences_are_not_computed(any_model, monkeypatch):
    rows, step = [], any_model.decoder.step
    monkeypatch.setattr(
        any_model.decoder,
        "step",
        lambda words, *more: rows.append(len(words)) or step(words, *more),
    )
    decoded = sentences(any_model, "sample-t2", steps=1000)
    steps = [len(sentence.ids) + sentence.ended for sentence in decoded]
    assert max(steps) < 1000
    assert rows == [sum(own > now for own in steps) for now in range(max(steps))]


def test_batches_are_decoded_only_when_needed(model, monkeypatch):
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", 5)
    numbers = []
    monkeypatch.setattr(
        decoding, "sentence_rng", lambda seed, i: numbers.append(i) or sentence_rng(seed, i)
    )
    next(decode(model, CODES, STEPS, DecodingStrategy.parse("top5")))
    assert numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["greedy", "top3", "nucleus0.9", "sample"])
def test_logits_that_are_not_finite_are_refused(model, name):
    with torch.no_grad():
        model.output.bias[1] = math.nan
    with pytest.raises(InputError, match=r"^logit .*not finite"):
        sentences(model, name)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", STRATEGIES)
def test_sentences_are_the_same_on_a_gpu(any_model, name):
    expected = sentences(any_model, name)
    assert sentences(any_model.cuda(), name) == expected
