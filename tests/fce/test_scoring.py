"""What sentences cost, against a model that goes through them word by word."""

import math

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, random_sentences, states_by_hand
from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.models import batches
from textvae.models.language_model import LanguageModel, score
from tiny_language_model import SIZES, lively_language_model

# Of some the words are unknown, and one has none.
TEXT = Sentences.of([*map(list, random_sentences(30)), [1, 4, 1], [], [1], [5, 1]])


@torch.no_grad()
def prices_by_hand(model, sentence):
    """-log p of each word given those before it; the last is of the end."""
    words = [*map(int, sentence), 0]
    inputs = [model.embedding.weight[word] for word in [0, *words[:-1]]]
    states = states_by_hand(model.decoder.recurrence, inputs)
    return [
        -model.output(state).log_softmax(0)[word].item()
        for state, word in zip(states, words, strict=True)
    ]


def test_sentences_cost_what_their_words_cost_one_by_one():
    model = lively_language_model()
    prices = [prices_by_hand(model, sentence) for sentence in TEXT]
    found = score(model, TEXT)
    np.testing.assert_allclose(found.nll, [sum(each) for each in prices], rtol=1e-5)
    # An unknown word is not paid for, but what follows it is still predicted from it.
    known = [
        sum(p for p, word in zip(each, [*sentence, 0], strict=True) if word != 1)
        for each, sentence in zip(prices, TEXT, strict=True)
    ]
    np.testing.assert_allclose(found.without_unk, known, rtol=1e-5)
    assert found.nll.dtype == found.without_unk.dtype == np.float64


def test_by_hand_where_every_word_is_as_likely_as_any_other():
    model = LanguageModel(SIZES, len(VOCABULARY))
    with torch.no_grad():
        model.output.weight.zero_()
    word = math.log(len(VOCABULARY))
    found = score(model, Sentences.of([[2, 1, 3, 1], [2], [1], []]))
    # <eos> is a word to pay for: 4 + 1, 1 + 1 ...
    assert found.nll.tolist() == pytest.approx([5 * word, 2 * word, 2 * word, word])
    assert found.without_unk.tolist() == pytest.approx([3 * word, 2 * word, word, word])


def test_a_score_does_not_depend_on_the_neighbours(monkeypatch):
    model = lively_language_model()
    together = score(model, TEXT)
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", 10)
    in_small_batches = score(model, TEXT)
    np.testing.assert_allclose(together.nll, in_small_batches.nll, rtol=1e-5)
    np.testing.assert_allclose(together.without_unk, in_small_batches.without_unk, rtol=1e-5)


def test_of_no_sentences_there_are_no_scores():
    found = score(lively_language_model(), TEXT.take(np.arange(0)))
    assert (len(found.nll), len(found.without_unk)) == (0, 0)


def test_damaged_weights_are_told():
    model = LanguageModel(SIZES, len(VOCABULARY))
    with torch.no_grad():
        model.output.bias[1] = math.nan
    with pytest.raises(InputError, match=r"^cost of a sentence is not finite"):
        score(model, Sentences.of([[2, 1]]))
