"""Which nouns and verbs training knows, and which of them never met."""

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.grammar.combinations import (
    CLASSES,
    MIN_OCCURRENCES,
    Combination,
    Lemma,
    TrainingCombinations,
    draw,
    lemmas,
    unseen,
)


def lemma(word_class: str, name: str) -> Lemma:
    return next(lemma for lemma in lemmas(word_class) if lemma.name == name)


@pytest.mark.parametrize(
    ("word_class", "name", "forms"),
    [
        ("Person", "author", {"sg": "author", "pl": "authors"}),
        ("Thing", "story", {"sg": "story", "pl": "stories"}),
        ("Do", "laughs", {"sg": "laughs", "pl": "laugh", "ed": "laughed"}),
        ("DoTo", "carries", {"sg": "carries", "pl": "carry", "ed": "carried"}),
        ("Have", "has", {"sg": "has", "pl": "have"}),
        ("Self", "himself", {"sg": "himself", "pl": "themselves"}),
        ("Self", "herself", {"sg": "herself", "pl": "themselves"}),
        ("Prep", "next to", dict.fromkeys(("sg", "pl", "ed"), "next to")),
        ("Adj", "popular", dict.fromkeys(("sg", "pl", "ed"), "popular")),
    ],
)
def test_the_forms_of_a_word(word_class, name, forms):
    assert lemma(word_class, name).forms == forms


def test_every_class_is_a_distribution():
    for word_class in CLASSES:
        assert math.fsum(word.probability for word in lemmas(word_class)) == pytest.approx(1)
    # A quarter of the words are of the stage, where authors come first of 38 nouns.
    weights = [1 / (rank + 1) for rank in range(1, 39)]
    assert lemma("Person", "author").probability == pytest.approx(0.25 * 0.5 / sum(weights))


def test_what_training_has_together():
    training = TrainingCombinations.of(
        [
            "the authors that the guard likes laugh",
            "the guard hopes to laugh",
            "a zebra amused the movie",
        ]
    )
    assert training.sentences == 3
    assert training.occurrences["the"] == 4
    assert training.occurrences["laugh"] == 2
    # In any form, wherever they stand: the guard does not laugh in the first sentence.
    assert training.cooccurring == {
        ("author", "likes"),
        ("author", "laughs"),
        ("guard", "likes"),
        ("guard", "laughs"),
        ("movie", "amuses"),
    }


def test_a_word_is_known_when_all_the_forms_that_count_are():
    often = MIN_OCCURRENCES * ["author authors laughs laugh"] + ["actor actors laughed"]
    training = TrainingCombinations.of([*often, *(MIN_OCCURRENCES - 1) * ["actor"]])

    def known(word_class: str, *forms: str) -> list[str]:
        return [word.name for word in training.known(word_class, forms)]

    assert known("Person", "sg") == ["author", "actor"]
    assert known("Person", "sg", "pl") == ["author"]
    assert known("Do", "sg", "pl") == ["laughs"]
    assert known("Do", "ed") == []


def test_every_word_of_a_preposition_is_to_be_known():
    training = TrainingCombinations.of(MIN_OCCURRENCES * ["next from front of in"] + ["to"])
    assert [word.name for word in training.known("Prep", ["sg"])] == ["in front of"]


def test_unmet_by_hand():
    nouns = [lemma("Person", name) for name in ("author", "guard")]
    verbs = [lemma("Do", name) for name in ("laughs", "protests")]
    met = TrainingCombinations.of(
        ["the authors protested", "the guard wants to protest"]
    ).cooccurring
    assert [(noun.name, verb.name) for noun, verb in unseen(nouns, verbs, met)] == [
        ("author", "laughs"),
        ("guard", "laughs"),
    ]


def test_a_combination_is_as_probable_as_its_two_words():
    both = Combination(Lemma("a", {}, 0.5), Lemma("b", {}, 0.25))
    assert both.probability == 0.125


def test_draws_by_hand():
    # Waits of -ln(1 - u) / p: ln 4 / 0.5 = 2.77, ln 2 / 0.3 = 2.31, ln 2 / 0.2 = 3.47.
    words = [Lemma(name, {}, p) for name, p in (("a", 0.5), ("b", 0.3), ("c", 0.2))]
    drawn = draw(words, 2, iter([0.75, 0.5, 0.5]).__next__)
    assert [word.name for word in drawn] == ["b", "a"]


def test_draws_are_without_replacement_and_by_probability():
    uniform = Random(4).random
    words = [Lemma(name, {}, p) for name, p in (("a", 0.5), ("b", 0.3), ("c", 0.2))]
    orders = Counter("".join(word.name for word in draw(words, 2, uniform)) for _ in range(9999))
    # The first by its probability, the second by its probability among the two left.
    expected = {
        "ab": 0.5 * 0.3 / 0.5, "ac": 0.5 * 0.2 / 0.5, "ba": 0.3 * 0.5 / 0.7,
        "bc": 0.3 * 0.2 / 0.7, "ca": 0.2 * 0.5 / 0.8, "cb": 0.2 * 0.3 / 0.8,
    }  # fmt: skip
    assert math.fsum(expected.values()) == pytest.approx(1)
    # Pearson's chi-squared with 5 degrees of freedom: beyond 20.5 once in a thousand.
    assert sum((orders[o] - 9999 * p) ** 2 / (9999 * p) for o, p in expected.items()) < 20.5


# Words few enough that they meet and that they do not.
_words = st.sampled_from(["the", "author", "authors", "guard", "movie", "laugh", "laughed", "like"])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(_words, max_size=4), max_size=8))
def test_training_against_looking_at_every_sentence(sentences):
    training = TrainingCombinations.of(" ".join(words) + "\n" for words in sentences)
    for noun in (lemma("Person", "author"), lemma("Person", "guard"), lemma("Thing", "movie")):
        for verb in (lemma("Do", "laughs"), lemma("DoTo", "likes")):
            together = any(
                set(words) & set(noun.forms.values()) and set(words) & set(verb.forms.values())
                for words in sentences
            )
            assert ((noun.name, verb.name) in training.cooccurring) == together
    for word in ("the", "laugh", "himself"):
        assert training.occurrences.get(word, 0) == sum(words.count(word) for words in sentences)
