"""Pairs whose right answers the grammar knows, on words that training knows, newly combined."""

import math
from collections import Counter, defaultdict
from functools import cache
from itertools import product

import pytest

from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.minimal_pairs import minimal_pairs
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.minimal_pairs import Pair
from textvae.errors import InputError

COMBINATIONS = 20
TRAINING = [" ".join(words) for words, _ in sample(english_like(), 10_000, "minimal pairs")]
PAIRS = minimal_pairs(TRAINING, COMBINATIONS, seed=1)
# Each row, and whether it has another noun: a combination makes 4 pairs then, else 2.
OTHER_NOUN = {
    "agreement.simple": False,
    "agreement.sentential-complement": True,
    "agreement.short-vp-coordination": False,
    "agreement.long-vp-coordination": False,
    "agreement.prepositional-phrase": True,
    "agreement.subject-relative": True,
    "agreement.across-object-relative": True,
    "agreement.across-object-relative-no-that": True,
    "agreement.in-object-relative": True,
    "agreement.in-object-relative-no-that": True,
    "reflexive.simple": False,
    "reflexive.sentential-complement": True,
    "reflexive.relative-clause": True,
    "npi.simple": False,
    "npi.relative-clause": True,
}
OF_PERSONS_AND_THINGS = {
    "agreement.prepositional-phrase",
    "agreement.across-object-relative",
    "agreement.across-object-relative-no-that",
    "agreement.in-object-relative",
    "agreement.in-object-relative-no-that",
    "npi.simple",
    "npi.relative-clause",
}


@cache
def inflections() -> dict[str, frozenset[str]]:
    """All forms of the lemma of each noun and verb, read off the rules of the grammar."""
    rules = english_like().rules
    found = {}
    for symbol in rules:
        for form, others in (("[sg,", ("[pl,", "[ed,")), (",sg,", (",pl,",))):
            symbols = [symbol, *(symbol.replace(form, other) for other in others)]
            if form in symbol and symbol.startswith(("Noun", "Do", "DoTo", "Affect")):
                for words in zip(*(rules[s] for s in symbols), strict=True):
                    lemma = frozenset(word.symbols[0] for word in words)
                    found |= dict.fromkeys(lemma, lemma)
    return found


def differing(pair: Pair) -> list[tuple[str, str]]:
    """The words in which the two sentences differ; they are of one length."""
    both = zip(pair.grammatical.split(), pair.ungrammatical.split(), strict=True)
    return [(right, wrong) for right, wrong in both if right != wrong]


def verb(pair: Pair) -> str:
    """A form of the verb in the clause of the agreeing noun."""
    words = pair.grammatical.split()
    if pair.row.startswith("npi"):
        return words[words.index("ever") + 1]
    if pair.row.startswith("reflexive"):
        return words[-2]
    ((right, _),) = differing(pair)
    return right


def by_set() -> dict[str, list[Pair]]:
    groups = defaultdict(list)
    for pair in PAIRS:
        groups[pair.set].append(pair)
    return groups


# --- The right answers. ---


def test_the_grammar_has_the_one_and_not_the_other():
    parser = InsideParser(english_like())
    for pair in PAIRS:
        assert parser.log_probability(pair.grammatical.split()) > -math.inf, pair
        assert parser.log_probability(pair.ungrammatical.split()) == -math.inf, pair


def test_only_the_critical_words_differ():
    reflexives = {("himself", "themselves"), ("herself", "themselves")}
    reflexives |= {(plural, singular) for singular, plural in reflexives}
    for pair in PAIRS:
        if pair.row == "npi.simple":
            assert differing(pair) == [("no", "the")]
        elif pair.row == "npi.relative-clause":
            assert differing(pair) == [("no", "the"), ("the", "no")]
        elif pair.row.startswith("reflexive"):
            ((right, wrong),) = differing(pair)
            assert (right, wrong) in reflexives
        else:
            ((right, wrong),) = differing(pair)
            assert inflections()[right] == inflections()[wrong]
            if pair.number == "plural":
                right, wrong = wrong, right
            assert right.endswith("s"), "singular verbs do"
            assert not wrong.endswith("s")


def test_both_reflexives_of_the_singular_occur():
    words = Counter(pair.grammatical.split()[-1] for pair in PAIRS if "reflexive" in pair.row)
    assert words.keys() == {"himself", "herself", "themselves"}
    assert words["themselves"] == words["himself"] + words["herself"]


# --- Nothing but syntax gives the answer away. ---


def test_no_combination_stands_in_training():
    # Slowly, by the sentences that have a word in any form.
    having = defaultdict(set)
    for number, sentence in enumerate(TRAINING):
        for word in sentence.split():
            having[word].add(number)

    def any_form(word: str) -> set[int]:
        return set().union(*(having[form] for form in inflections()[word]))

    for pair in PAIRS:
        assert not any_form(pair.item) & any_form(verb(pair)), pair


def test_every_word_is_known_from_training():
    occurrences = Counter(word for sentence in TRAINING for word in sentence.split())
    for pair in PAIRS:
        words = f"{pair.grammatical} {pair.ungrammatical}".split()
        assert min(occurrences[word] for word in words) >= 5, pair


def test_each_combination_is_in_all_subcategories():
    for pairs in by_set().values():
        combinations = {(pair.item, inflections()[verb(pair)]) for pair in pairs}
        assert len(combinations) == COMBINATIONS
        numbers = ("singular", "plural")
        names = ["_".join(both) for both in product(numbers, numbers)]
        subcategories = names if OTHER_NOUN[pairs[0].row] else numbers
        assert Counter(
            (pair.item, inflections()[verb(pair)], pair.subcategory) for pair in pairs
        ) == Counter((*combination, name) for combination in combinations for name in subcategories)


def test_the_numbers_are_those_of_the_nouns():
    def number(noun: str) -> str:
        return "singular" if noun == min(inflections()[noun], key=len) else "plural"

    for pair in PAIRS:
        # Nouns have two forms, verbs three. An object comes last.
        nouns = [w for w in pair.grammatical.split() if len(inflections().get(w, ())) == 2]
        (agreeing,) = (noun for noun in nouns if noun in inflections()[pair.item])
        others = [noun for noun in nouns if noun != agreeing]
        assert number(pair.item) == "singular"
        assert number(agreeing) == pair.number
        expected = [agreeing, *others[:1]] if OTHER_NOUN[pair.row] else [agreeing]
        assert pair.subcategory == "_".join(map(number, expected))


def test_objects_are_of_both_numbers():
    objects = {pair.grammatical.split()[-1] for pair in by_set()["prepositional-phrase-thing"]}
    assert {noun == min(inflections()[noun], key=len) for noun in objects} == {True, False}


def test_the_words_alone_say_nothing():
    # Over a set each word stands as often in a right sentence as in a wrong one.
    for pairs in by_set().values():
        if pairs[0].row != "npi.simple":
            right, wrong = (
                Counter(word for sentence in sentences for word in sentence.split())
                for sentences in zip(
                    *((p.grammatical, p.ungrammatical) for p in pairs), strict=True
                )
            )
            assert right == wrong


def test_all_else_stays_the_same_over_the_subcategories():
    def lemmas(sentence: str) -> tuple:
        same = {"have": "has", "herself": "themselves", "himself": "themselves"}
        return tuple(inflections().get(word, same.get(word, word)) for word in sentence.split())

    for pairs in by_set().values():
        assert len({lemmas(pair.grammatical) for pair in pairs}) == COMBINATIONS
        for pair in pairs:
            content = [word for word in pair.grammatical.split() if word in inflections()]
            assert len({inflections()[word] for word in content}) == len(content), "no word twice"


# --- What is made, and from what. ---


def test_the_number_of_pairs_of_each_row():
    assert Counter(pair.row for pair in PAIRS) == {
        row: COMBINATIONS * (4 if other else 2) * (2 if row in OF_PERSONS_AND_THINGS else 1)
        for row, other in OTHER_NOUN.items()
    }
    assert list(dict.fromkeys(pair.row for pair in PAIRS)) == list(OTHER_NOUN)


def test_the_same_pairs_on_every_machine():
    assert PAIRS[0] == Pair(
        grammatical="the tourist smiles",
        ungrammatical="the tourist smile",
        row="agreement.simple",
        set="simple",
        subcategory="singular",
        item="tourist",
        number="singular",
    )
    assert PAIRS[-1] == Pair(
        grammatical="no bottles that the glarkors bloffish have ever amused the lawyers",
        ungrammatical="the bottles that no glarkors bloffish have ever amused the lawyers",
        row="npi.relative-clause",
        set="npi-relative-clause-thing",
        subcategory="plural_plural",
        item="bottle",
        number="plural",
    )


def test_the_seed_decides():
    few = TRAINING[:5_000]
    first, again, other = (minimal_pairs(few, 2, seed) for seed in (1, 1, 2))
    assert first == again
    assert len(first) == len(other)
    assert first != other


def test_sentences_are_read_once_and_may_end_their_lines():
    few = TRAINING[:5_000]
    assert minimal_pairs((f"{line}\n" for line in few), 2, 1) == minimal_pairs(few, 2, 1)


@pytest.mark.parametrize("combinations", [0, -1])
def test_no_combination_is_none(combinations):
    with pytest.raises(InputError, match=f"combinations: {combinations} requested, expected at"):
        minimal_pairs(TRAINING, combinations, 1)


def test_too_few_combinations_are_refused_in_one_line():
    # "author" and "laughs" are known and unseen; "authors" and "guards" have laughed.
    training = [
        *5 * ["the author", "the authors", "the guard laughs", "the guards laugh", "near"],
        "the guard laughs and protests",
    ]
    with pytest.raises(InputError) as refusal:
        minimal_pairs(training, 2, 1)
    assert str(refusal.value) == (
        "agreement.simple: 2 combinations asked for (set simple), 1 found of a noun and a verb "
        "that occur at least 5 times in each form, but never together in the 26 training "
        "sentences; fewer combinations or more training sentences would help"
    )


def test_once_all_words_are_known_fewer_sentences_help():
    # Every form five times, all in one sentence: every noun has met every verb.
    everything = " ".join(inflections())
    with pytest.raises(InputError, match=r" 0 found .* 5 training sentences; .* or fewer "):
        minimal_pairs(5 * [everything], 1, 1)


def test_a_place_without_a_known_word_is_refused_in_one_line():
    # One noun, so none is left for the guard of "the guard said the author laughs".
    training = 5 * ["the author", "the authors", "laugh", "laughs", "she said"]
    with pytest.raises(InputError, match=r"^agreement.sentential-complement: no word for Person "):
        minimal_pairs(training, 1, 1)
