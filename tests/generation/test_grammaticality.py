"""The embedded grammar's verdict on generated sentences."""

import math

import numpy as np
import pytest

from textvae.corpora.grammar import InsideParser, english_like, entropy
from textvae.corpora.grammar.corpus import write_corpus
from textvae.measurements.description import grammaticality

GRAMMATICAL = [
    "the author laughs",
    "the authors laugh",
    "no author has ever laughed",
    "the guard said the authors laugh",
    "the author that the guards like praised himself",
]
UNGRAMMATICAL = [
    "the author laugh",
    "the authors praised himself",
    "every author has ever laughed",
    "the author laughs laughs",
    "author laughs",
    "the author",
    "the <unk> laughs",
    "<unk>",
    # A sentence that ended at once.
    "",
]


def words(sentences):
    return [sentence.split() for sentence in sentences]


@pytest.mark.parametrize("sentence", GRAMMATICAL)
def test_a_sentence_of_the_grammar_is_accepted(sentence):
    found = grammaticality(words([sentence]))
    assert found["accepted_percent"] == 100
    expected = InsideParser(english_like()).log_probability(sentence.split())
    assert found["mean_log_probability"] == expected < math.log(1e-4)


@pytest.mark.parametrize("sentence", UNGRAMMATICAL)
def test_any_other_is_not_and_has_no_probability(sentence):
    assert grammaticality(words([sentence])) == {
        "accepted_percent": 0,
        "mean_log_probability": None,
    }


def test_the_mean_is_of_the_accepted_and_counts_repeated_sentences():
    one, other = words(GRAMMATICAL[:2])
    parser = InsideParser(english_like())
    p, q = parser.log_probability(one), parser.log_probability(other)
    found = grammaticality(
        [one, other, one, *words(UNGRAMMATICAL[:3]), one, *words(UNGRAMMATICAL[:1])]
    )
    assert found["accepted_percent"] == pytest.approx(50)
    assert found["mean_log_probability"] == pytest.approx((3 * p + q) / 4, rel=1e-12)


def test_the_grammar_s_own_sentences_have_the_probabilities_that_it_wrote_down(tmp_path):
    """All are accepted, at -H on average: what a perfect model would reach."""
    write_corpus(tmp_path, {"train": 300}, seed=1)
    exact = np.load(tmp_path / "train.log-probabilities.npy")
    found = grammaticality(words((tmp_path / "train.txt").read_text().splitlines()))
    assert found["accepted_percent"] == 100
    assert found["mean_log_probability"] == pytest.approx(exact.mean(), abs=1e-9)
    error = exact.std(ddof=1) / 300**0.5
    assert abs(found["mean_log_probability"] + entropy(english_like())) < 4 * error
