"""Grammars: notation, expectations, parsing and sampling, by hand and over all derivations."""

import math
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_errors import refusal
from textvae.corpora.grammar import InsideParser, english_like, pcfg, sample

TINY = pcfg.read_grammar("S -> NP sleeps 0.5 | NP sees NP 0.5 \n NP -> anna 0.75 | the cat 0.25")


def test_expectations_by_hand():
    # One fair choice of the sentence; then one noun phrase or two, with equal probability.
    of_np = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert pcfg.entropy(TINY) == pytest.approx(math.log(2) + 1.5 * of_np, abs=1e-15)
    # A noun phrase has 1.25 words: (1.25 + 1) / 2 + (1.25 + 1 + 1.25) / 2.
    assert pcfg.expected_length(TINY) == 2.875
    assert pcfg.length_bounds(TINY) == (2, 5)
    # 1.5 noun phrases per sentence; equal counts are in alphabetical order.
    counts = {"anna": 1.125, "sees": 0.5, "sleeps": 0.5, "cat": 0.375, "the": 0.375}
    assert list(pcfg.expected_counts(TINY).items()) == list(counts.items())
    certain = pcfg.read_grammar("S -> A A 1 \n A -> tick 1")
    assert (pcfg.entropy(certain), pcfg.length_bounds(certain)) == (0.0, (2, 2))


def test_sample_has_the_probabilities_by_hand():
    by_hand = {
        "anna sleeps": 0.5 * 0.75,
        "the cat sleeps": 0.5 * 0.25,
        "anna sees anna": 0.5 * 0.75 * 0.75,
        "anna sees the cat": 0.5 * 0.75 * 0.25,
        "the cat sees anna": 0.5 * 0.25 * 0.75,
        "the cat sees the cat": 0.5 * 0.25 * 0.25,
    }
    drawn = sample(TINY, 20_000, seed=3)
    for tokens, log_p in drawn:
        assert log_p == pytest.approx(math.log(by_hand[" ".join(tokens)]), abs=1e-12)
    # Pearson's chi-squared with 5 degrees of freedom: above 20.5 with probability 0.001.
    counts = Counter(" ".join(tokens) for tokens, _ in drawn)
    assert sum((counts[s] - 20_000 * p) ** 2 / (20_000 * p) for s, p in by_hand.items()) < 20.5


def test_sample_of_the_embedded_grammar_has_its_expectations():
    drawn = sample(english_like(), 20_000, seed=12)
    surprisals = [-log_p for _, log_p in drawn]
    mean = math.fsum(surprisals) / len(surprisals)
    variance = math.fsum((s - mean) ** 2 for s in surprisals) / (len(surprisals) - 1)
    error = math.sqrt(variance / len(surprisals))
    assert error < 0.1
    assert abs(mean - pcfg.entropy(english_like())) < 4 * error
    lengths = [len(tokens) for tokens, _ in drawn]
    assert min(lengths) == 3
    assert max(lengths) <= 28
    assert sum(lengths) / len(lengths) == pytest.approx(
        pcfg.expected_length(english_like()), abs=0.1
    )
    expected = pcfg.expected_counts(english_like())
    counts = Counter(word for tokens, _ in drawn for word in tokens)
    assert counts.keys() <= expected.keys()
    for word in list(expected)[:50]:
        # A word may occur several times in a sentence: allow for a variance of twice the mean.
        count = 20_000 * expected[word]
        assert abs(counts[word] - count) < 4 * math.sqrt(2 * count), word


def test_sample_is_decided_by_the_seed_on_every_machine():
    assert [" ".join(tokens) for tokens, _ in sample(TINY, 4, "1/train")] == [
        *("anna sleeps", "the cat sees anna", "anna sees anna", "anna sees the cat"),
    ]
    english = [" ".join(tokens) for tokens, _ in sample(english_like(), 2, "1/train")]
    assert english == [
        "another swicker that listens tries to describe no hunters",
        "the shrostle has stretured no brave shroster",
    ]
    first = sample(english_like(), 50, 1)
    assert first != sample(english_like(), 50, 2)
    assert sample(english_like(), 80, 1)[:50] == first
    assert sample(TINY, 0, 1) == []


def test_other_strings_have_probability_zero():
    parser = InsideParser(english_like())
    for text in ("", "the", "laughs author the", "the author", "the author laughs laughs", "zzz"):
        assert parser.log_probability(text.split()) == -math.inf


def test_ambiguous_string_has_the_sum():
    # "old men and women": who is old?
    text = "S -> old Pair 0.3 | Old and women 0.5 | Plain 0.2 \n Pair -> men and women 1"
    parser = InsideParser(pcfg.read_grammar(f"{text} \n Old -> old men 1 \n Plain -> Pair 1"))
    assert parser.log_probability(["old", "men", "and", "women"]) == pytest.approx(math.log(0.8))
    # By two rules of one symbol.
    assert parser.log_probability(["men", "and", "women"]) == pytest.approx(math.log(0.2))
    chains = pcfg.read_grammar("S -> A 0.25 | B 0.75 \n A -> C 1 \n B -> C 1 \n C -> c 1")
    assert InsideParser(chains).log_probability(["c"]) == pytest.approx(0.0, abs=1e-15)


@st.composite
def grammars(draw):
    """Draw a grammar of three levels, small enough to list all of its derivations."""
    rules = {}
    below = ["a", "b"]
    for lhs, longest in (("A", 1), ("B", 3), ("S", 3)):
        body = st.lists(st.sampled_from(below), min_size=1, max_size=longest).map(tuple)
        bodies = draw(st.lists(body, min_size=1, max_size=2, unique=True))
        weights = [draw(st.integers(min_value=1, max_value=9)) for _ in bodies]
        rules[lhs] = tuple(
            pcfg.Expansion(body, weight / sum(weights))
            for body, weight in zip(bodies, weights, strict=True)
        )
        below = [*below, lhs]
    used = {"S"}
    for lhs in ("S", "B"):
        if lhs in used:
            used.update(s for symbols, _ in rules[lhs] for s in symbols if pcfg.is_nonterminal(s))
    return pcfg.Grammar("S", {lhs: rules[lhs] for lhs in rules if lhs in used})


def derivations(grammar, symbol):
    """Return every derivation from `symbol`: its words and its probability."""
    if not pcfg.is_nonterminal(symbol):
        return [((symbol,), 1.0)]
    return [
        (sum((words for words, _ in parts), ()), p * math.prod(q for _, q in parts))
        for symbols, p in grammar.rules[symbol]
        for parts in product(*(derivations(grammar, s) for s in symbols))
    ]


@settings(deadline=None, max_examples=80)
@given(grammars())
def test_expectations_and_chart_equal_sums_over_derivations(grammar):
    listed = derivations(grammar, "S")
    lengths = [len(words) for words, _ in listed]
    assert math.fsum(p for _, p in listed) == pytest.approx(1)
    surprisal = math.fsum(-p * math.log(p) for _, p in listed)
    assert pcfg.entropy(grammar) == pytest.approx(surprisal, abs=1e-12)
    mean_length = math.fsum(p * len(words) for words, p in listed)
    assert pcfg.expected_length(grammar) == pytest.approx(mean_length)
    assert pcfg.length_bounds(grammar) == (min(lengths), max(lengths))
    for word, count in pcfg.expected_counts(grammar).items():
        assert count == pytest.approx(math.fsum(p * words.count(word) for words, p in listed))
    # Most of these grammars are ambiguous: the chart must add derivations.
    by_string = Counter()
    for words, p in listed:
        by_string[words] += p
    parser = InsideParser(grammar)
    for words, p in list(by_string.items())[:50]:
        assert parser.log_probability(words) == pytest.approx(math.log(p), abs=1e-9)
    for words in product("ab", repeat=3):
        assert (parser.log_probability(words) > -math.inf) == (words in by_string)


FEATURES = pcfg.Features(
    priors={"n": (NUMBER := {"sg": 0.75, "pl": 0.25}), "m": NUMBER, "t": {"sea": 0.5, "law": 0.5}},
    suits={"sea": {"sea": 0.9, "law": 0.1}, "law": {"law": 1.0}},
)


def rules(text):
    """Return {left-hand side: {"right-hand side": probability}}."""
    return {
        lhs: {" ".join(symbols): p for symbols, p in expansions}
        for lhs, expansions in pcfg.read_grammar(text, FEATURES).rules.items()
    }


def test_variables_agree_are_drawn_or_suit_by_hand():
    text = "S -> VP[n] 1 \n VP[n] -> the V[n] 1 \n V[sg] -> laughs 1 \n V[pl] -> laugh 1"
    assert rules(text) == {
        "S": {"VP[sg]": 0.75, "VP[pl]": 0.25},
        **{f"VP[{n}]": {f"the V[{n}]": 1.0} for n in NUMBER},
        "V[sg]": {"laughs": 1.0},
        "V[pl]": {"laugh": 1.0},
    }
    # Each variable on the right is drawn from its prior, once.
    table = rules("S -> N[n] sees N[m] 0.8 | N[n] and N[n] 0.2 \n N[n] -> x 1")
    expected = {"N[sg] and N[sg]": 0.2 * 0.75, "N[pl] and N[pl]": 0.2 * 0.25}
    for (n, p), (m, q) in product(NUMBER.items(), repeat=2):
        expected[f"N[{n}] sees N[{m}]"] = 0.8 * p * q
    assert table["S"] == pytest.approx(expected)
    # A tilde draws a value that suits.
    words = "V[t] -> v 1 \n N[t] -> n 1 \n A[t] -> a 1"
    table = rules(f"S -> VP[t] 1 \n VP[t] -> V[u~t] N[u] A[~t] 1 \n {words}")
    assert table["VP[law]"] == {"V[law] N[law] A[law]": 1.0}
    sea = {"V[sea] N[sea] A[sea]": 0.81, "V[sea] N[sea] A[law]": 0.09}
    sea |= {"V[law] N[law] A[sea]": 0.09, "V[law] N[law] A[law]": 0.01}
    assert table["VP[sea]"] == pytest.approx(sea)


def test_rules_span_lines_with_comments_and_a_lexicon():
    text = "\n S -> a b  0.5  # first\n | c  0.25\n\n | d  0.25 # last -> not a rule\n"
    assert rules(text) == {"S": {"a b": 0.5, "c": 0.25, "d": 0.25}}
    assert pcfg.words_of(text) == {"a", "b", "c", "d"}
    words = {"N[sg]": {"x": 1.0}, "N[pl]": {"y": 1.0}}
    grammar = pcfg.read_grammar("S -> the N[n] 1", FEATURES, words)
    assert grammar.start == "S"
    assert [e.symbols for e in grammar.rules["N[pl]"]] == [("y",)]
    message = refusal(pcfg.read_grammar, "S -> N 1 \n N -> a 1", None, {"N": {"b": 1.0}})
    assert "N is defined by a rule and by the lexicon" in message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *(("", "no rule"), ("S a b 1", "'S a b 1'"), ("S -> a b", "S ends with 'b'")),
        *(("S -> a 0.5 |", "S ends with ''"), ("S -> N[n 1", "'N[n'"), ("S -> A[~t] 1", "~t")),
        ("S -> a 1 \n S -> b 1", "two rules define S"),
        ("S -> V[n] 1 \n V[n] -> a 1 \n V[sg] -> b 1", "two rules define V[sg]"),
        ("S -> V[gs] 1 \n V[sg] -> a 1", "V[gs] in S -> V[gs]"),
        ("S -> a 0.5 | b 0.4", "S have total probability 0.9"),
        ("S -> a 1 | b 0", "S -> b has probability 0.0"),
        ("S -> a 1.5 | b -0.5", "S -> a has probability 1.5"),
        *(("S -> a nan", "S -> a has probability nan"), ("S -> 1", "S has an empty expansion")),
        *(("S -> a 0.5 | a 0.5", "S -> a appears twice"), ("S -> the NP 1", "NP in S -> the NP")),
        ("S -> a 1 \n NP -> b 1", "NP cannot be reached from S"),
        *(("S -> a 1 \n np -> b 1", "'np'"), ("S -> a 0.9 | S S 0.1", "S -> S")),
        ("S -> NP 1 \n NP -> a 0.5 | a PP 0.5 \n PP -> of NP 1", "NP -> "),
    ],
)
def test_invalid_grammar_is_named(text, key):
    assert key in refusal(rules, text)
    assert "S has no rule" in refusal(pcfg.Grammar, "S", {"A": (pcfg.Expansion(("a",), 1.0),)})
    assert "total probability 0" in refusal(pcfg.Grammar, "S", {"S": ()})
