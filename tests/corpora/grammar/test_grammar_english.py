"""The embedded grammar: unambiguous, and right about the fifteen rows of the paper's Table 4."""

import math
import re
from collections import defaultdict
from functools import cache
from itertools import product

import pytest

from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.grammar.pcfg import (
    Grammar,
    entropy,
    expected_length,
    is_nonterminal,
    read_grammar,
)

log_probability = cache(lambda sentence: PARSER.log_probability(sentence.split()))
PARSER = InsideParser(english_like())


def accepted(sentence: str) -> bool:
    return log_probability(sentence) > -math.inf


# --- Table 4. "is/are.1": singular or plural, as noun 1 is; a star marks the word that the
# ungrammatical member of the pair has in the other number. ---

AGREEMENT = {
    "simple": "the author/authors.1 laughs/laugh.1*",
    "in a sentential complement": (
        "the mechanic/mechanics.2 said the author/authors.1 laughs/laugh.1*"
    ),
    "short VP coordination": "the author/authors.1 laughs/laugh.1 and dances/dance.1*",
    "long VP coordination": (
        "the author/authors.1 remembers/remember.1 many different foreign poems "
        "and hopes/hope.1* to watch the movies"
    ),
    "across a prepositional phrase": (
        "the author/authors.1 next to the guard/guards.2 laughs/laugh.1*"
    ),
    "across a prepositional phrase (inanimate)": (
        "the movie/movies.1 near the river/rivers.2 is/are.1* popular"
    ),
    "across a subject relative clause": (
        "the author/authors.1 that likes/like.1 the guard/guards.2 laughs/laugh.1*"
    ),
    "across an object relative clause": (
        "the author/authors.1 that the guard/guards.2 likes/like.2 laughs/laugh.1*"
    ),
    "across an object relative clause (no that)": (
        "the author/authors.1 the guard/guards.2 likes/like.2 laughs/laugh.1*"
    ),
    "in an object relative clause": (
        "the author/authors.1 that the guard/guards.2 likes/like.2* laughs/laugh.1"
    ),
    "in an object relative clause (no that)": (
        "the movie/movies.1 the guard/guards.2 likes/like.2* amuses/amuse.1 the doctors"
    ),
    "reflexive, simple": "the author/authors.1 praised himself/themselves.1*",
    "reflexive in a sentential complement": (
        "the mechanic/mechanics.2 said the author/authors.1 praised herself/themselves.1*"
    ),
    "reflexive across a relative clause": (
        "the author/authors.1 that the guard/guards.2 likes/like.2 praised himself/themselves.1*"
    ),
}
POLARITY = {
    "polarity item, simple": [
        ("no authors have ever laughed", "the authors have ever laughed"),
        ("no author has ever laughed", "every author has ever laughed"),
        ("few movies have ever been popular", "most movies have ever been popular"),
    ],
    "polarity item across a relative clause": [
        (
            "no authors that the guards like have ever been popular",
            "the authors that no guards like have ever been popular",
        ),
        (
            "few movies the guard likes have ever amused the doctors",
            "many movies few guards like have ever amused the doctors",
        ),
    ],
}


SLOT = re.compile(r"(?P<sg>\w+)/(?P<pl>\w+)\.(?P<noun>\d)(?P<star>\*?)")


def pairs(template: str) -> list[tuple[str, str]]:
    """The pairs of a template, for all numbers of its nouns."""
    nouns = sorted({slot["noun"] for slot in SLOT.finditer(template)})
    numbers = [dict(zip(nouns, of, strict=True)) for of in product(("sg", "pl"), repeat=len(nouns))]
    return [(inflect(template, of), inflect(template, of, wrong=True)) for of in numbers]


def inflect(template: str, number: dict[str, str], wrong: bool = False) -> str:
    """The sentence in which noun i has number[i], and the starred word the other, if `wrong`."""

    def form(slot: re.Match[str]) -> str:
        of_noun = number[slot["noun"]]
        other = "pl" if of_noun == "sg" else "sg"
        return slot[other if wrong and slot["star"] else of_noun]

    return SLOT.sub(form, template)


@pytest.mark.parametrize("row", AGREEMENT)
def test_agreement_rows(row):
    for good, bad in pairs(AGREEMENT[row]):
        assert accepted(good), good
        assert not accepted(bad), bad


@pytest.mark.parametrize("row", POLARITY)
def test_polarity_rows(row):
    for good, bad in POLARITY[row]:
        assert accepted(good), good
        assert not accepted(bad), bad
        assert accepted(bad.replace(" ever", "")), "without the polarity item it is grammatical"


def test_templates_make_the_pairs_they_say():
    assert pairs(AGREEMENT["simple"]) == [
        ("the author laughs", "the author laugh"),
        ("the authors laugh", "the authors laughs"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "the author that laughs near the guard dances",  # no phrase inside a relative clause
        "the author said the guard said the doctor laughs",  # one report, at the top
        "the author laughs and said the guard dances",
        "the author laughs and dances and smiles",
        "the author near the guard near the river laughs",
        "the movie praised himself",  # things neither laugh nor praise
        "the movie laughs",
        "the author praises himself",  # reflexives are in the past only
        "no guard said the author has ever laughed",  # no report has a negative subject
        "the guard said no author has laughs",
        "every authors laugh",
        "few author laughs",
    ],
)
def test_what_the_grammar_leaves_out(sentence):
    assert not accepted(sentence)


# --- The same for whatever the grammar generates. ---


def other_number() -> dict[str, str]:
    """Each finite verb's form in the other number, and each reflexive's."""
    swap = {"is": "are", "has": "have", "himself": "themselves", "herself": "themselves"}
    for lhs, expansions in english_like().rules.items():
        match = re.fullmatch(r"(Do|DoTo|Affect|Want)\[sg(.*)\]", lhs)
        if match:
            plurals = english_like().rules[f"{match[1]}[pl{match[2]}]"]
            for singular, plural in zip(expansions, plurals, strict=True):
                swap[singular.symbols[0]] = plural.symbols[0]
    return swap | {plural: singular for singular, plural in swap.items()}


def test_no_sentence_survives_a_change_of_number():
    swap = other_number()
    changed = 0
    for tokens, _ in sample(english_like(), 1_000, seed=31):
        for i, token in enumerate(tokens):
            # After "to" stands the bare form, which agrees with nothing.
            if token in swap and tokens[i - 1] != "to":
                changed += 1
                assert not accepted(" ".join([*tokens[:i], swap[token], *tokens[i + 1 :]])), tokens
    assert changed > 1_000


def test_every_polarity_item_needs_its_licensor():
    licensed = 0
    for tokens, _ in sample(english_like(), 2_000, seed=32):
        if "ever" in tokens:
            licensed += 1
            affirmative = ["the" if token in ("no", "few") else token for token in tokens]
            assert not accepted(" ".join(affirmative))
            affirmative.remove("ever")
            assert accepted(" ".join(affirmative))
    assert licensed > 100


# --- Size and content. ---


def test_size_of_the_corpus():
    assert 35 < entropy(english_like()) < 45
    assert 9.5 < expected_length(english_like()) < 10.5


def test_the_shortest_and_the_longest_sentence():
    longest = (
        "the guard said that the old author in front of the old judge wants to praise "
        "the old clever poem and wants to praise the old clever poem"
    )
    assert len(longest.split()) == 28
    assert accepted(longest)
    assert accepted("the author laughs")


def test_words_suit_each_other():
    # "laugh" and "protest" both head their lists; authors are of the stage, and so is laughing.
    own, foreign = log_probability("the author laughs"), log_probability("the author protests")
    assert own - foreign == pytest.approx(math.log(0.80 / 0.04))
    assert foreign > -math.inf, "no combination is impossible"


# --- Unambiguity, proved by counting. ---


def one_word_a_class(grammar: Grammar) -> dict[str, list[tuple[str, ...]]]:
    """The right-hand sides by left-hand side, with one word for all that stand in the same rules.

    Such words can take each other's places in any derivation, so a string with two derivations
    would still have two when all its words are replaced by those kept.
    """
    stands_in = defaultdict(set)
    for lhs, expansions in grammar.rules.items():
        for symbols, _ in expansions:
            for symbol in symbols:
                if not is_nonterminal(symbol):
                    stands_in[symbol].add(lhs if len(symbols) == 1 else (lhs, symbols))
    kept = {frozenset(rules): word for word, rules in stands_in.items()}.values()
    return {
        lhs: [
            symbols for symbols, _ in expansions
            if all(is_nonterminal(symbol) or symbol in kept for symbol in symbols)
        ]
        for lhs, expansions in grammar.rules.items()
    }  # fmt: skip


def derivations(grammar: Grammar) -> int:
    """How many derivations there are, with one word a class."""
    count: dict[str, int] = {}
    rules = one_word_a_class(grammar)
    for lhs in grammar.bottom_up:
        count[lhs] = sum(math.prod(count.get(s, 1) for s in symbols) for symbols in rules[lhs])
    return count[grammar.start]


def strings(grammar: Grammar) -> int:
    """How many different strings there are, with one word a class.

    A leftmost derivation is a stack of symbols still to come. Strings are counted word by word,
    always with the set of all stacks that are possible after the words so far: a deterministic
    automaton, which reads each string along one path however many derivations it has.
    """
    rules = one_word_a_class(grammar)

    @cache
    def after_a_word(stack: tuple[str, ...]) -> dict[str, set[tuple[str, ...]]]:
        top, *rest = stack
        if top not in rules:
            return {top: {tuple(rest)}}
        stacks = defaultdict(set)
        for symbols in rules[top]:
            for word, following in after_a_word((*symbols, *rest)).items():
                stacks[word] |= following
        return stacks

    @cache
    def from_here(stacks: frozenset[tuple[str, ...]]) -> int:
        following = defaultdict(set)
        for stack in stacks - {()}:
            for word, later in after_a_word(stack).items():
                following[word] |= later
        return (() in stacks) + sum(from_here(frozenset(later)) for later in following.values())

    return from_here(frozenset({(grammar.start,)}))


def test_counting_tells_ambiguous_from_unambiguous():
    clear = read_grammar("S -> A b 0.5 | A c 0.5 \n A -> a 0.5 | a a 0.5")
    assert derivations(clear) == strings(clear) == 4
    # a b b both ways: (a b) b and a (b b).
    unclear = read_grammar("S -> a B 0.5 | A b 0.5 \n A -> a 0.5 | a b 0.5 \n B -> c 0.5 | b b 0.5")
    assert (derivations(unclear), strings(unclear)) == (4, 3)


def test_the_embedded_grammar_has_as_many_strings_as_derivations():
    assert strings(english_like()) == derivations(english_like()) == 618_491_185_629_375_744
