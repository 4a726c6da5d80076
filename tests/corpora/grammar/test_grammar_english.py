"""The embedded grammar and its lexicon: agreement, polarity, unambiguity and Zipf's law."""

import math
import re
from collections import defaultdict
from functools import cache

import pytest

from textvae.corpora.grammar import InsideParser, pcfg, sample
from textvae.corpora.grammar.english import RULES, TOPICS, WORDS, english_like, forms, lexicon, zipf

GRAMMAR = english_like()
PARSER = InsideParser(GRAMMAR)
LEXICON = lexicon(pcfg.words_of(RULES))


def log_probability(sentence):
    return PARSER.log_probability(sentence.split())


def accepted(sentence):
    return log_probability(sentence) > -math.inf


# The constructions of Table 4 that the tests of minimal pairs do not have, and others.
@pytest.mark.parametrize(
    ("sentence", "variant"),
    [
        ("the movie near the rivers is popular", "the movie near the rivers are popular"),
        ("few movies have ever been popular", "most movies have ever been popular"),
        ("the author near the guard laughs", "the author that laughs near the guard dances"),
        ("the guard said the poet laughs", "the guard said the poet said the actor laughs"),
        ("the author laughs and dances", "the author laughs and dances and smiles"),
        ("the author praised himself", "the movie praised himself"),
        ("the author praised herself", "the author praises herself"),
        ("the guard said no author has ever laughed", "no guard said the author has ever laughed"),
        ("every author laughs", "every authors laugh"),
        ("few authors laugh", "few author laughs"),
        ("the author wants to laugh", "the author wants to laughs"),
    ],
)
def test_sentence_is_accepted_and_its_variant_is_not(sentence, variant):
    assert accepted(sentence)
    assert not accepted(variant)


def other_number():
    """Return each finite verb's form in the other number, and each reflexive's."""
    swap = {"is": "are", "has": "have", "himself": "themselves", "herself": "themselves"}
    for lhs, expansions in GRAMMAR.rules.items():
        match = re.fullmatch(r"(Do|DoTo|Affect|Want)\[sg(.*)\]", lhs)
        if match:
            plurals = GRAMMAR.rules[f"{match[1]}[pl{match[2]}]"]
            for singular, plural in zip(expansions, plurals, strict=True):
                swap[singular.symbols[0]] = plural.symbols[0]
    return swap | {plural: singular for singular, plural in swap.items()}


def test_change_of_number_or_licensor_is_ungrammatical():
    swap = other_number()
    changed = licensed = 0
    for tokens, _ in sample(GRAMMAR, 1_000, seed=31):
        for i, token in enumerate(tokens):
            # After "to" there is the bare form, which agrees with nothing.
            if token in swap and tokens[i - 1] != "to":
                changed += 1
                assert not accepted(" ".join([*tokens[:i], swap[token], *tokens[i + 1 :]])), tokens
        if "ever" in tokens:
            licensed += 1
            affirmative = ["the" if token in ("no", "few") else token for token in tokens]
            assert not accepted(" ".join(affirmative))
            affirmative.remove("ever")
            assert accepted(" ".join(affirmative))
    assert changed > 1_000
    assert licensed > 50


def test_entropy_lengths_and_topics_by_hand():
    assert 35 < pcfg.entropy(GRAMMAR) < 45
    assert 9.5 < pcfg.expected_length(GRAMMAR) < 10.5
    assert pcfg.length_bounds(GRAMMAR) == (3, 28)
    longest = "the guard said that the old author in front of the old judge "
    longest += "and ".join(2 * ["wants to praise the old clever poem "])
    assert len(longest.split()) == 28
    assert accepted(longest)
    # "laugh" and "protest" are both first in their lists; authors and laughing are of the stage.
    ratio = log_probability("the author laughs") - log_probability("the author protests")
    assert ratio == pytest.approx(math.log(0.80 / 0.04))


def one_word_per_class(grammar):
    """Return the right-hand sides by left-hand side, with one word for all of the same rules.

    Such words are interchangeable in any derivation, so a string with two derivations still has
    two when all its words are replaced by those kept.
    """
    rules_of = defaultdict(set)
    for lhs, expansions in grammar.rules.items():
        for symbols, _ in expansions:
            for symbol in symbols:
                if not pcfg.is_nonterminal(symbol):
                    rules_of[symbol].add(lhs if len(symbols) == 1 else (lhs, symbols))
    kept = {frozenset(rules): word for word, rules in rules_of.items()}.values()

    def is_kept(symbols):
        return all(pcfg.is_nonterminal(symbol) or symbol in kept for symbol in symbols)

    rules = grammar.rules.items()
    return {lhs: [one for one, _ in expansions if is_kept(one)] for lhs, expansions in rules}


def derivations(grammar):
    """Return the number of derivations, with one word per class."""
    count = {}
    rules = one_word_per_class(grammar)
    for lhs in grammar.bottom_up:
        count[lhs] = sum(math.prod(count.get(s, 1) for s in symbols) for symbols in rules[lhs])
    return count[grammar.start]


def strings(grammar):
    """Return the number of different strings, with one word per class.

    A leftmost derivation is a stack of remaining symbols. Strings are counted word by word, with
    the set of all stacks that are possible after the words so far: a deterministic automaton,
    which reads each string along one path however many derivations it has.
    """
    rules = one_word_per_class(grammar)

    @cache
    def after_word(stack):
        top, *rest = stack
        if top not in rules:
            return {top: {tuple(rest)}}
        stacks = defaultdict(set)
        for symbols in rules[top]:
            for word, following in after_word((*symbols, *rest)).items():
                stacks[word] |= following
        return stacks

    @cache
    def count(stacks):
        following = defaultdict(set)
        for stack in stacks - {()}:
            for word, later in after_word(stack).items():
                following[word] |= later
        return (() in stacks) + sum(count(frozenset(later)) for later in following.values())

    return count(frozenset({(grammar.start,)}))


def test_grammar_has_as_many_strings_as_derivations():
    clear = pcfg.read_grammar("S -> A b 0.5 | A c 0.5 \n A -> a 0.5 | a a 0.5")
    assert derivations(clear) == strings(clear) == 4
    # "a b b" has two derivations: (a b) b and a (b b).
    rules = "S -> a B 0.5 | A b 0.5 \n A -> a 0.5 | a b 0.5 \n B -> c 0.5 | b b 0.5"
    unclear = pcfg.read_grammar(rules)
    assert (derivations(unclear), strings(unclear)) == (4, 3)
    assert strings(GRAMMAR) == derivations(GRAMMAR) == 618_491_185_629_375_744


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *(("person", "author authors"), ("thing", "story stories"), ("thing", "boy boys")),
        *(("thing", "ax axes"), ("thing", "buzz buzzes"), ("thing", "church churches")),
        *(("does", "laughs laugh laughed"), ("does to", "watches watch watched")),
        *(("does to", "likes like liked"), ("does to", "carries carry carried")),
        *(("does to", "punishes punish punished"), ("affects", "annoys annoy annoyed")),
        ("quality", "gentle"),
    ],
)
def test_regular_inflection(kind, expected):
    stem = expected.split()[1 if kind in ("does", "does to", "affects") else 0]
    assert " ".join(forms(kind, stem).values()) == expected


def test_lexicon_has_disjoint_classes_of_lower_case_words():
    # Weights 1/2, 1/3, 1/4, of sum 13/12.
    assert zipf(["a", "b", "c"]) == pytest.approx({"a": 6 / 13, "b": 4 / 13, "c": 3 / 13})
    counts = pcfg.expected_counts(GRAMMAR)
    assert len(counts) >= 2_000
    assert all(re.fullmatch("[a-z]+", word) for word in counts)
    open_words = [word for words in LEXICON.values() for word in words]
    assert len(open_words) == len(set(open_words))
    assert not set(open_words) & pcfg.words_of(RULES)
    for symbol, words in LEXICON.items():
        assert math.fsum(words.values()) == pytest.approx(1, abs=1e-12), symbol
    stage = list(LEXICON["Noun[person,pl,stage]"])
    assert stage[:3] == ["authors", "actors", "singers"]
    assert len(stage) == 38
    for size, _, listed in WORDS.values():
        assert listed.keys() == set(TOPICS)
        assert all(2 <= len(common.split()) < size / 2 for common in listed.values())
    by_rank = (LEXICON[f"DoTo[{form},farm]"] for form in ("sg", "pl", "ed"))
    for singular, plural, past in zip(*by_rank, strict=True):
        assert forms("does to", plural) == {"sg": singular, "pl": plural, "ed": past}


def test_clash_of_a_listed_word_is_refused_and_of_a_coined_one_skipped():
    with pytest.raises(ValueError, match="laughs"):
        lexicon({"laughs"})
    coined = list(LEXICON["Noun[person,sg,stage]"])[-1]
    without = lexicon(pcfg.words_of(RULES) | {coined})
    assert all(coined not in words for words in without.values())
    sizes = [{symbol: len(words) for symbol, words in one.items()} for one in (without, LEXICON)]
    assert sizes[0] == sizes[1]
