"""Rules with features, spelt out."""

import pytest

from textvae.corpora.grammar.pcfg import Features, read_grammar, words_of
from textvae.errors import InputError

NUMBER = {"sg": 0.75, "pl": 0.25}
FEATURES = Features(
    priors={"n": NUMBER, "m": NUMBER, "t": {"sea": 0.5, "law": 0.5}},
    suits={"sea": {"sea": 0.9, "law": 0.1}, "law": {"law": 1.0}},
)


def rules(text: str, features: Features = FEATURES) -> dict[str, dict[str, float]]:
    """{lhs: {"right hand side": probability}}"""
    return {
        lhs: {" ".join(symbols): p for symbols, p in expansions}
        for lhs, expansions in read_grammar(text, features).rules.items()
    }


def test_a_variable_on_both_sides_agrees():
    assert rules("""
        S -> VP[n] 1
        VP[n] -> the V[n] 1
        V[sg] -> laughs 1
        V[pl] -> laugh 1
    """) == {
        "S": {"VP[sg]": 0.75, "VP[pl]": 0.25},
        "VP[sg]": {"the V[sg]": 1.0},
        "VP[pl]": {"the V[pl]": 1.0},
        "V[sg]": {"laughs": 1.0},
        "V[pl]": {"laugh": 1.0},
    }


def test_variables_on_the_right_are_drawn_one_by_one():
    table = rules("S -> N[n] sees N[m] 0.8 | N[n] and N[n] 0.2 \n N[n] -> x 1")
    assert table["S"] == pytest.approx(
        {
            "N[sg] sees N[sg]": 0.8 * 0.75 * 0.75,
            "N[sg] sees N[pl]": 0.8 * 0.75 * 0.25,
            "N[pl] sees N[sg]": 0.8 * 0.25 * 0.75,
            "N[pl] sees N[pl]": 0.8 * 0.25 * 0.25,
            "N[sg] and N[sg]": 0.2 * 0.75,
            "N[pl] and N[pl]": 0.2 * 0.25,
        }
    )


def test_a_tilde_draws_what_suits_and_may_name_it():
    table = rules("S -> VP[t] 1 \n VP[t] -> V[u~t] N[u] A[~t] 1 \n V[t] -> v 1 \n"
                  "N[t] -> n 1 \n A[t] -> a 1")  # fmt: skip
    assert table["VP[law]"] == {"V[law] N[law] A[law]": 1.0}
    assert table["VP[sea]"] == pytest.approx(
        {
            "V[sea] N[sea] A[sea]": 0.81,
            "V[sea] N[sea] A[law]": 0.09,
            "V[law] N[law] A[sea]": 0.09,
            "V[law] N[law] A[law]": 0.01,
        }
    )


def test_rules_run_over_lines_and_comments_are_left_out():
    text = """
    S -> a b  0.5  # first
       | c    0.25

       | d    0.25 # last -> not a rule
    """
    assert rules(text) == {"S": {"a b": 0.5, "c": 0.25, "d": 0.25}}
    assert words_of(text) == {"a", "b", "c", "d"}


def test_the_lexicon_fills_what_the_rules_leave_open():
    grammar = read_grammar("S -> the N[n] 1", FEATURES, {"N[sg]": {"x": 1.0}, "N[pl]": {"y": 1.0}})
    assert grammar.start == "S"
    assert [e.symbols for e in grammar.rules["N[pl]"]] == [("y",)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "contains no rule"),
        ("S a b 1", "no arrow in 'S a b 1'"),
        ("S -> a b", "an alternative of S ends with 'b', expected its probability"),
        ("S -> a 0.5 |", "an alternative of S ends with '', expected its probability"),
        ("S -> N[n 1", r"'N\[n' is not a symbol"),
        ("S -> A[~t] 1", "~t is used where t has no value"),
        ("S -> a 1 \n S -> b 1", "two rules define S"),
        ("S -> V[n] 1 \n V[n] -> a 1 \n V[sg] -> b 1", r"two rules define V\[sg\]"),
        ("S -> V[gs] 1 \n V[sg] -> a 1", r"V\[gs\] in S -> V\[gs\] has no rule"),
    ],
)
def test_what_cannot_be_read_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        rules(text)


def test_a_word_class_cannot_be_defined_twice():
    with pytest.raises(InputError, match="N is defined by a rule and by the lexicon"):
        read_grammar("S -> N 1 \n N -> a 1", None, {"N": {"b": 1.0}})
