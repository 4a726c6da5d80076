"""Minimal pairs of the grammar: right answers, and unseen combinations of frequent words."""

import math
from collections import Counter, defaultdict
from functools import cache
from itertools import product

import pytest

from input_errors import refusal
from textvae.config.schema import MAX_COMBINATIONS
from textvae.corpora.grammar import combinations
from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.minimal_pairs import minimal_pairs, read_templates
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.syneval import FILES

COMBINATIONS = 20
TRAINING = [" ".join(words) for words, _ in sample(english_like(), 10_000, "minimal pairs")]
PAIRS = minimal_pairs(TRAINING, COMBINATIONS, seed=1)
# Rows of one noun; the others have two, whose numbers vary independently.
ONE_NOUN = {"agreement.simple", "reflexive.simple", "npi.simple"}
ONE_NOUN |= {f"agreement.{length}-vp-coordination" for length in ("short", "long")}


@cache
def inflections():
    """Return all forms of the lemma of each noun and verb, from the rules of the grammar."""
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


def differing(pair):
    """Return the words in which the two sentences, of one length, differ."""
    both = zip(pair.grammatical.split(), pair.ungrammatical.split(), strict=True)
    return [(right, wrong) for right, wrong in both if right != wrong]


def verb(pair):
    """Return a form of the verb in the clause of the agreeing noun."""
    words = pair.grammatical.split()
    if pair.row.startswith("npi"):
        return words[words.index("ever") + 1]
    return words[-2] if pair.row.startswith("reflexive") else differing(pair)[0][0]


def number(noun):
    return "singular" if noun == min(inflections()[noun], key=len) else "plural"


def test_only_critical_words_differ_and_the_grammar_rejects_one():
    parser = InsideParser(english_like())
    reflexives = {("himself", "themselves"), ("herself", "themselves")}
    reflexives |= {(plural, singular) for singular, plural in reflexives}
    for pair in PAIRS:
        assert parser.log_probability(pair.grammatical.split()) > -math.inf, pair
        assert parser.log_probability(pair.ungrammatical.split()) == -math.inf, pair
        if pair.row.startswith("npi"):
            both = [("no", "the"), ("the", "no")]
            assert differing(pair) == both[: 2 if pair.row.endswith("clause") else 1]
            continue
        ((right, wrong),) = differing(pair)
        if pair.row.startswith("reflexive"):
            assert (right, wrong) in reflexives
        else:
            assert inflections()[right] == inflections()[wrong]
            singular, plural = (wrong, right) if pair.number == "plural" else (right, wrong)
            assert singular.endswith("s")
            assert not plural.endswith("s")
    words = Counter(pair.grammatical.split()[-1] for pair in PAIRS if "reflexive" in pair.row)
    assert words.keys() == {"himself", "herself", "themselves"}
    assert words["themselves"] == words["himself"] + words["herself"]


def test_words_are_frequent_in_training_and_combinations_unseen():
    sentences_of = defaultdict(list)
    for index, sentence in enumerate(TRAINING):
        for word in sentence.split():
            sentences_of[word].append(index)

    def any_form(word):
        return set().union(*(sentences_of[form] for form in inflections()[word]))

    for pair in PAIRS:
        assert not any_form(pair.item) & any_form(verb(pair)), pair
        words = f"{pair.grammatical} {pair.ungrammatical}".split()
        assert min(len(sentences_of[word]) for word in words) >= 5, pair


def test_each_combination_has_all_numbers_and_the_same_other_words():
    same = {"have": "has", "herself": "themselves", "himself": "themselves"}
    numbers = ("singular", "plural")
    sets = defaultdict(list)
    for pair in PAIRS:
        sets[pair.set].append(pair)
    assert len(sets) == 22
    for pairs in sets.values():
        nouns = 1 if pairs[0].row in ONE_NOUN else 2
        subcategories = ["_".join(values) for values in product(numbers, repeat=nouns)]
        groups = defaultdict(list)
        for pair in pairs:
            groups[pair.item, inflections()[verb(pair)]].append(pair)
        assert len(groups) == COMBINATIONS
        for group in groups.values():
            assert sorted(pair.subcategory for pair in group) == sorted(subcategories)
            sentences = [pair.grammatical.split() for pair in group]
            root = inflections() | same
            assert len({tuple(root.get(word, word) for word in words) for words in sentences}) == 1
            content = [word for word in sentences[0] if word in inflections()]
            assert len({inflections()[word] for word in content}) == len(content), "no word twice"
        if pairs[0].row != "npi.simple":
            # Over a set each word is as frequent in grammatical sentences as in the others.
            right = Counter(word for pair in pairs for word in pair.grammatical.split())
            assert right == Counter(word for pair in pairs for word in pair.ungrammatical.split())
    objects = {pair.grammatical.split()[-1] for pair in sets["prepositional-phrase-thing"]}
    assert {number(noun) for noun in objects} == set(numbers)


def test_numbers_are_those_of_the_nouns():
    for pair in PAIRS:
        # Nouns have two forms, verbs three. An object is last.
        nouns = [w for w in pair.grammatical.split() if len(inflections().get(w, ())) == 2]
        (agreeing,) = (noun for noun in nouns if noun in inflections()[pair.item])
        others = [noun for noun in nouns if noun != agreeing]
        assert number(pair.item) == "singular"
        assert number(agreeing) == pair.number
        expected = [agreeing, *others][: 1 if pair.row in ONE_NOUN else 2]
        assert pair.subcategory == "_".join(map(number, expected))


def test_rows_and_sets_are_those_of_marvin_and_linzen():
    sets = Counter(row for row, _ in FILES.values())
    sizes = {row: COMBINATIONS * (2 if row in ONE_NOUN else 4) * sets[row] for row in sets}
    assert Counter(pair.row for pair in PAIRS) == sizes
    assert list(dict.fromkeys(pair.row for pair in PAIRS)) == list(sets)


def test_pairs_are_decided_by_the_seed_on_every_machine():
    first = ("the tourist smiles", "the tourist smile", "agreement.simple", "simple", "singular")
    assert PAIRS[0] == Pair(*first, item="tourist", number="singular")
    last = "bottles that {} glarkors bloffish have ever amused the lawyers"
    sentences = (f"no {last.format('the')}", f"the {last.format('no')}")
    group = ("npi.relative-clause", "npi-relative-clause-thing", "plural_plural")
    assert PAIRS[-1] == Pair(*sentences, *group, item="bottle", number="plural")
    few = TRAINING[:5_000]
    first = minimal_pairs(few, 2, 1)
    assert minimal_pairs((f"{line}\n" for line in few), 2, 1) == first  # read once
    assert minimal_pairs(few, 2, 2) != first


def test_too_few_combinations_or_words_are_refused():
    # "author" and "laughs" are known but unseen together; "authors" and "guards" have laughed.
    training = [
        *5 * ["the author", "the authors", "the guard laughs", "the guards laugh", "near"],
        "the guard laughs and protests",
    ]
    assert "combinations: 0" in refusal(minimal_pairs, training, 0, 1)
    message = refusal(minimal_pairs, training, 2, 1)
    keys = ["agreement.simple: 2", "set simple", "1 available", "5 times", "26 training", "or more"]
    assert all(key in message for key in keys)
    # Every form five times, all in one sentence: more sentences would not help.
    message = refusal(minimal_pairs, 5 * [" ".join(inflections())], 1, 1)
    assert all(key in message for key in [" 0 available", " 5 training", "or fewer"])
    # One noun, so none is left for the guard of "the guard said the author laughs".
    training = 5 * ["the author", "the authors", "laugh", "laughs", "she said"]
    assert "sentential-complement: no word for Person " in refusal(minimal_pairs, training, 1, 1)


def lemma(word_class, name):
    return next(lemma for lemma in combinations.lemmas(word_class) if lemma.name == name)


def test_configuration_allows_the_combinations_of_the_smallest_set():
    sizes = (
        math.prod(len(combinations.lemmas(slot.word_class)) for slot in template.combination)
        for template in read_templates()
    )
    assert min(sizes) == MAX_COMBINATIONS


def test_each_class_is_a_distribution():
    for word_class in combinations.CLASSES:
        total = math.fsum(word.probability for word in combinations.lemmas(word_class))
        assert total == pytest.approx(1)
    # A quarter of the words are of the stage, where "author" is the first of 38 nouns.
    weights = [1 / (rank + 1) for rank in range(1, 39)]
    assert lemma("Person", "author").probability == pytest.approx(0.25 * 0.5 / sum(weights))


def test_cooccurring_words_by_hand():
    sentences = ["the authors that the guard likes laugh", "the guard hopes to laugh"]
    training = combinations.TrainingCombinations.of([*sentences, "a zebra amused the movie"])
    assert training.sentences == 3
    assert (training.occurrences["the"], training.occurrences["laugh"]) == (4, 2)
    # In any form and position: the guard does not laugh in the first sentence.
    assert training.cooccurring == {
        *(("author", "likes"), ("author", "laughs"), ("guard", "likes"), ("guard", "laughs")),
        ("movie", "amuses"),
    }
    nouns = [lemma("Person", name) for name in ("author", "guard")]
    verbs = [lemma("Do", name) for name in ("laughs", "protests")]
    pairs = combinations.unseen(nouns, verbs, {("author", "protests")})
    names = [(noun.name, verb.name) for noun, verb in pairs]
    assert names == [("author", "laughs"), ("guard", "laughs"), ("guard", "protests")]


def test_word_is_known_if_all_required_forms_are_frequent():
    frequent = 5 * ["author authors laughs laugh next from front of in"]
    sentences = [*frequent, "actor actors laughed to", *4 * ["actor"]]
    training = combinations.TrainingCombinations.of(sentences)
    assert combinations.MIN_OCCURRENCES == 5

    def known(word_class, *forms):
        return [word.name for word in training.known(word_class, forms)]

    assert known("Person", "sg") == ["author", "actor"]
    assert known("Person", "sg", "pl") == ["author"]
    assert known("Do", "sg", "pl") == ["laughs"]
    assert known("Do", "ed") == []
    assert known("Prep", "sg") == ["in front of"]  # all of its words


def test_draws_by_hand():
    letters = {"a": 0.5, "b": 0.3, "c": 0.2}.items()
    letters = [combinations.Lemma(name, {}, p) for name, p in letters]
    # Waits of -ln(1 - u) / p: ln 4 / 0.5 = 2.77, ln 2 / 0.3 = 2.31, ln 2 / 0.2 = 3.47.
    drawn = combinations.draw(letters, 2, iter([0.75, 0.5, 0.5]).__next__)
    assert [word.name for word in drawn] == ["b", "a"]
    assert combinations.Combination(letters[0], letters[1]).probability == 0.15
