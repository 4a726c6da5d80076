"""Log-odds of two sentences, against the cost of each sentence alone."""

import random

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, OneByOne, lively_decoder, lively_model
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.measurements import log_odds as module
from textvae.measurements.log_odds import (
    Question,
    encode,
    log_odds,
    posterior_means,
)
from textvae.models.batches import pack
from tiny import MODEL

CODES = torch.randn(5, MODEL.architecture.latent, generator=torch.Generator().manual_seed(1))


def random_questions(count: int, seed: int = 1) -> list[Question]:
    """Return questions many of which share a prefix; some sentences are prefixes of the other."""
    draw = random.Random(seed)
    ids = range(1, len(VOCABULARY))
    stems = [draw.choices(ids, k=draw.randint(0, 4)) for _ in range(6)]
    questions = []
    for _ in range(count):
        stem = draw.choice(stems)
        endings = [draw.choices(ids, k=draw.randint(0, 3)) for _ in range(2)]
        first, second = ((*stem, *ending) for ending in endings)
        questions.append(Question(draw.randrange(len(CODES)), first, second))
    return questions


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_log_odds_equal_those_of_sentences_one_at_a_time(monkeypatch, decoder):
    model, questions = lively_decoder(decoder), random_questions(120)

    def log_p(sentence, z):
        return -model.distortion(pack([np.array(sentence, dtype=int)]), z[None]).item()

    slow = [log_p(q.first, CODES[q.code]) - log_p(q.second, CODES[q.code]) for q in questions]
    # Preferences of both kinds, by nats.
    assert 0.2 < np.mean(np.array(slow) > 0) < 0.8
    assert np.abs(slow).mean() > 1
    for size in (2048, 7):
        monkeypatch.setattr(module, "QUESTIONS_PER_TRAVERSAL", size)
        found = log_odds(model, CODES, questions, torch.float32, "test")
        np.testing.assert_allclose(found, slow, atol=2e-5)
        assert ((found > 0) == (np.array(slow) > 0)).all()


def test_equal_sentences_have_log_odds_of_exactly_zero():
    equal = Question(0, (5, 1, 4), (5, 1, 4))
    questions = [*random_questions(20), equal]
    assert log_odds(lively_model().model, CODES, questions, torch.float32, "test")[-1] == 0.0
    assert log_odds(lively_model().model, CODES, [equal], torch.float32, "test") == [0.0]


def test_close_log_odds_in_bfloat16_are_computed_again_in_float32(monkeypatch):
    model, questions = lively_model().model, random_questions(400)
    exact = log_odds(model, CODES, questions, torch.float32, "test")
    rounded = log_odds(model, CODES, questions, torch.bfloat16, "test")
    close = np.abs(rounded) < module.CLOSE
    assert 0 < close.sum() < 200
    np.testing.assert_allclose(rounded[close], exact[close], atol=2e-5)
    assert ((rounded > 0) == (exact > 0)).all()
    # Others are rounded, by less than CLOSE.
    assert 1e-4 < np.abs(rounded - exact).max() < module.CLOSE
    monkeypatch.setattr(module, "CLOSE", 0.0)
    monkeypatch.setattr(module, "CLOSE_A_WORD", 0.0)
    unchecked = log_odds(model, CODES, questions, torch.bfloat16, "test")
    assert np.abs(unchecked[close] - exact[close]).max() > 1e-4


def test_closeness_grows_with_the_number_of_scored_words(monkeypatch):
    precisions = []
    normalisers = module.log_normalisers

    def record(features, weight, bias, precision):
        precisions.append(precision)
        return normalisers(features, weight, bias, precision)

    monkeypatch.setattr(module, "log_normalisers", record)
    monkeypatch.setattr(module, "CLOSE", 0.0)
    # The first question has two scored ends, the second two words and an end in each sentence.
    questions = [Question(0, (2, 3), (2, 4)), Question(0, (5, 3, 3), (6, 3, 3))]
    model = lively_model().model
    odds = np.abs(log_odds(model, CODES, questions, torch.float32, "test"))
    for nats_a_word, again in ((odds[1] / 6, True), (odds[1] / 8, False)):
        assert odds[0] > 2 * nats_a_word
        precisions.clear()
        monkeypatch.setattr(module, "CLOSE_A_WORD", nats_a_word * 1.01)
        log_odds(model, CODES, questions, torch.bfloat16, "test")
        assert torch.bfloat16 in precisions
        assert (torch.float32 in precisions) == again


# The second is finite, and its products are not.
@pytest.mark.parametrize("damage", [float("nan"), 3e38])
def test_damaged_weights_are_refused(damage):
    model = lively_model().model
    with torch.no_grad():
        model.output.weight[3:8] = damage
        model.posterior.mean.bias[0] = float("inf")
    with pytest.raises(InputError, match=r"^p1: .*not finite"):
        log_odds(model, CODES, random_questions(20), torch.float32, "p1")
    with pytest.raises(InputError, match="codes are not finite"):
        posterior_means(model, [(3, 4)])


def test_posterior_means_are_of_distinct_sentences():
    model = lively_model().model
    sentences = [(3, 4), (5,), (3, 4), (2, 2, 2), (5,)]
    means, rows = posterior_means(model, sentences)
    assert means.shape == (3, model.architecture.latent)
    assert rows.tolist() == [0, 1, 0, 2, 1]
    slow = OneByOne(model)
    expected = torch.stack([slow.posterior(sentence).mean for sentence in sentences])
    np.testing.assert_allclose(means[rows], expected, atol=1e-5)


WORDS = Vocabulary(["the", "author", "laughs", "laugh", "no", "have"])


@pytest.mark.parametrize(
    ("good", "bad", "covered"),
    [
        ("the author laughs", "the author laugh", True),
        # Unknown words count, whether the sentences share them or differ in them.
        ("the surgeon laughs", "the surgeon laugh", False),
        ("the author smiles", "the author laugh", False),
        ("the author smiles", "the author smile", False),
        ("no author laughs", "the author no laugh", True),
    ],
)
def test_pair_is_covered_if_all_its_words_are_known(good, bad, covered):
    encoded = encode([Pair(good, bad)], WORDS)
    assert (len(encoded), encoded.covered.tolist()) == (1, [covered])
    for (ids,), sentence in ((encoded.grammatical, good), (encoded.ungrammatical, bad)):
        assert ids == tuple(
            WORDS.encode([w]).pop() if w in WORDS.words else UNK_ID for w in sentence.split()
        )


def test_end_mark_inside_a_sentence_is_refused():
    with pytest.raises(InputError, match=r"^<eos> .*'the author <eos> laughs'"):
        encode([Pair("the author <eos> laughs", "the author")], WORDS)
