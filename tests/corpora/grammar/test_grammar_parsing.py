"""The chart parse, which knows nothing of how a sentence was drawn, agrees with the draw."""

import math

import pytest

from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.grammar.pcfg import read_grammar


def test_string_probability_is_that_of_its_derivation():
    # Were there a second derivation of any of these strings, the chart would add it.
    parser = InsideParser(english_like())
    for tokens, log_p in sample(english_like(), 5_000, seed=21):
        assert parser.log_probability(tokens) == pytest.approx(log_p, abs=1e-9)


def test_an_ambiguous_string_has_the_sum():
    # "old men and women": who is old?
    parser = InsideParser(
        read_grammar("""
            S -> old Pair 0.3 | Old and women 0.5 | Plain 0.2
            Pair -> men and women 1
            Old -> old men 1
            Plain -> Pair 1
        """)
    )
    assert parser.log_probability(["old", "men", "and", "women"]) == pytest.approx(math.log(0.8))
    # Through two rules of one symbol.
    assert parser.log_probability(["men", "and", "women"]) == pytest.approx(math.log(0.2))


def test_chains_that_meet_again_are_added():
    parser = InsideParser(read_grammar("S -> A 0.25 | B 0.75 \n A -> C 1 \n B -> C 1 \n C -> c 1"))
    assert parser.log_probability(["c"]) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    "text",
    ["", "the", "laughs author the", "the author", "the author laughs laughs", "the author zzz"],
)
def test_what_is_no_sentence_has_no_probability(text):
    assert InsideParser(english_like()).log_probability(text.split()) == -math.inf
