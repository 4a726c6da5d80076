"""Scores of a language model, against one that reads word by word."""

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

# With unknown words, and a sentence without words.
TEXT = Sentences.of([*map(list, random_sentences(30)), [1, 4, 1], [], [1], [5, 1]])


@torch.no_grad()
def costs_by_hand(model, sentence):
    """Return -log p of each word given those before it; the last is of the end."""
    words = [*map(int, sentence), 0]
    inputs = [model.embedding.weight[word] for word in [0, *words[:-1]]]
    states = states_by_hand(model.decoder.recurrence, inputs)
    return [
        -model.output(state).log_softmax(0)[word].item()
        for state, word in zip(states, words, strict=True)
    ]


@pytest.mark.parametrize("budget", [10, 10**6])
def test_scores_are_sums_of_word_costs(monkeypatch, budget):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    model = lively_language_model()
    costs = [costs_by_hand(model, sentence) for sentence in TEXT]
    scores = score(model, TEXT)
    np.testing.assert_allclose(scores.nll, [sum(each) for each in costs], rtol=1e-5)
    # The cost of an unknown word can be left out, but it is context of the next.
    known = [
        sum(cost for cost, word in zip(each, [*sentence, 0], strict=True) if word != 1)
        for each, sentence in zip(costs, TEXT, strict=True)
    ]
    np.testing.assert_allclose(scores.without_unk, known, rtol=1e-5)
    assert scores.nll.dtype == scores.without_unk.dtype == np.float64
    assert len(score(model, TEXT.take(np.arange(0))).nll) == 0


def test_scores_of_a_uniform_model_by_hand():
    model = LanguageModel(SIZES, len(VOCABULARY))
    with torch.no_grad():
        model.output.weight.zero_()
    word = math.log(len(VOCABULARY))
    scores = score(model, Sentences.of([[2, 1, 3, 1], [2], [1], []]))
    # 4 + 1 tokens with the end mark, 1 + 1 ...
    assert scores.nll.tolist() == pytest.approx([5 * word, 2 * word, 2 * word, word])
    assert scores.without_unk.tolist() == pytest.approx([3 * word, 2 * word, word, word])


def test_weights_that_are_not_finite_are_refused():
    model = LanguageModel(SIZES, len(VOCABULARY))
    with torch.no_grad():
        model.output.bias[1] = math.nan
    with pytest.raises(InputError, match="not finite"):
        score(model, Sentences.of([[2, 1]]))
