"""Greedy reconstruction from the posterior mean, and its pairs."""

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, OneByOne, lively_model, random_sentences
from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.overlap import overlap_by_bucket
from textvae.measurements.reconstruction import ReconstructionSettings, measure, reconstruct
from textvae.models import batches, decoding

SENTENCES = random_sentences(60)
LONGEST = int(SENTENCES.lengths.max())


@pytest.fixture
def trained():
    return lively_model()


def ending(trained, bias):
    """An end that is never (-100) or always (100) the likeliest word."""
    with torch.no_grad():
        trained.model.output.bias[0] = bias
    return trained


def test_one_sentence_after_the_other(trained, monkeypatch):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", 50)
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", 7)
    pairs = reconstruct(trained, SENTENCES)
    alone = OneByOne(trained.model)
    for sentence, (original, copy) in zip(SENTENCES, pairs, strict=True):
        assert original == VOCABULARY.decode(sentence)
        # The mean of the posterior, not a sample of it.
        code = alone.posterior(sentence).mean
        assert copy == VOCABULARY.decode(alone.greedy(code, LONGEST + 1))
    assert len({tuple(copy) for _, copy in pairs}) > 10
    assert len({len(copy) for _, copy in pairs}) > 3


def test_the_scores_are_those_of_the_pairs(trained):
    values = measure(trained, SENTENCES, ReconstructionSettings()).values
    pairs = reconstruct(trained, SENTENCES)
    originals, copies = zip(*pairs, strict=True)
    assert values == overlap_by_bucket(originals, copies)
    assert values["sentences_all"] == len(pairs) == len(SENTENCES)


def test_a_sentence_without_end_is_cut_after_the_longest_and_its_end(trained):
    pairs = reconstruct(ending(trained, -100.0), SENTENCES)
    assert {len(copy) for _, copy in pairs} == {LONGEST + 1}


def test_nothing_said_is_an_empty_reconstruction(trained):
    ended = ending(trained, 100.0)
    values = measure(ended, SENTENCES, ReconstructionSettings()).values
    pairs = reconstruct(ended, SENTENCES)
    assert {tuple(copy) for _, copy in pairs} == {()}
    assert values["bleu2_all"] == values["rouge2_all"] == 0
    # All of the originals are short: the other buckets are empty and have no score.
    assert values["sentences_bucket1"] == 60
    assert values["bleu2_bucket3"] is None


def test_unknown_words_are_words(trained):
    pairs = reconstruct(trained, Sentences.of([[1, 5], [6, 1, 1]]))
    assert [original for original, _ in pairs] == [["<unk>", "w3"], ["w4", "<unk>", "<unk>"]]


def test_replicates_are_the_scores_of_pairs_drawn_again(trained):
    values = measure(trained, SENTENCES, ReconstructionSettings(bootstrap=5)).values
    pairs = reconstruct(trained, SENTENCES)
    plain = measure(trained, SENTENCES, ReconstructionSettings()).values
    replicates = values.pop("bootstrap")
    assert values == plain
    # Not of how many sentences a bucket holds.
    assert set(replicates) == {name for name in plain if not name.startswith("sentences")}
    for r, counts in enumerate(bootstrap.resamples(60, 5)):
        drawn = [pairs[i] for i in np.repeat(np.arange(60), counts)]
        expected = overlap_by_bucket(*zip(*drawn, strict=True))
        for name in ("bleu2_bucket1", "rouge4_all"):
            assert replicates[name][r] == pytest.approx(expected[name])
    # What has no score has no replicate.
    assert np.isnan(replicates["bleu2_bucket3"]).all()
