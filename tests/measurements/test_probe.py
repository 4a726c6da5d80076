"""Probes of a trained model's code: what is asked of which sentences."""

import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, OneByOne, lively_model
from realdata import real_file
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.syneval import read_folder
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.measurements import log_odds as codes
from textvae.measurements.log_odds import differing_words
from textvae.measurements.probe import ProbeSettings, both_codes, held_out, measure, sample

NOUNS = ("author", "pilot", "teacher", "farmer", "senator", "guard")
VERBS = ("laugh", "swim", "smile")
WORDS = [word + ending for word in (*NOUNS, *VERBS) for ending in ("", "s")] + ["the"]
TRAINED = SimpleNamespace(model=None, vocabulary=Vocabulary(WORDS))
METRICS = ("accuracy", "standard_error", "chance")


def agreement(row="simple", nouns=NOUNS):
    """The author laughs, not laugh; the authors laugh, not laughs."""
    for noun in nouns:
        for verb in VERBS:
            one, many = f"the {noun} {verb}s", f"the {noun} {verb}"
            yield Pair(one, many, row, item=noun, number="singular")
            one, many = f"the {noun}s {verb}s", f"the {noun}s {verb}"
            yield Pair(many, one, row, item=noun, number="plural")


PAIRS = list(agreement())


@pytest.fixture
def holding(monkeypatch):
    """Measure pairs as if codes held certain functions of a sentence; what was encoded is kept."""
    encoded = []

    def run(pairs, *held, **settings):
        def posteriors(model, sentences):
            assert model is TRAINED.model
            texts = [TRAINED.vocabulary.decode(ids) for ids in sentences]
            encoded.append([" ".join(text) for text in texts])
            return SimpleNamespace(mean=torch.tensor([[float(f(x)) for f in held] for x in texts]))

        monkeypatch.setattr(codes, "posteriors", posteriors)
        found = measure(TRAINED, pairs, ProbeSettings(**settings))
        return found.values, found.notes

    run.encoded = encoded
    return run


def noun_is_plural(words):
    return words[1].endswith("s")


def verb_is_plural(words):
    return not words[2].endswith("s")


def agree(words):
    return noun_is_plural(words) == verb_is_plural(words)


def noun(words):
    return NOUNS.index(words[1].removesuffix("s"))


@pytest.mark.parametrize(
    ("held", "grammatical", "number"),
    [
        ([noun_is_plural], 0.5, 1),
        # The form of the verb tells no number: half of the sentences have the wrong one.
        ([verb_is_plural], 0.5, 0.5),
        ([agree], 1, 0.5),
        # Both numbers are no agreement yet: that is an exclusive or, which no plane parts.
        ([noun_is_plural, verb_is_plural], 0.5, 1),
        ([noun], 0.5, 0.5),
        ([len], 0.5, 0.5),
    ],
)
def test_what_a_code_holds(holding, held, grammatical, number):
    values, notes = holding(PAIRS, *held)
    assert values == {
        "simple.grammatical_accuracy": grammatical,
        "simple.grammatical_standard_error": 0,
        "simple.grammatical_chance": 0.5,
        "simple.number_accuracy": number,
        "simple.number_standard_error": 0,
        "simple.number_chance": 0.5,
        "simple.items": len(NOUNS),
    }
    assert notes == {}


def test_each_distinct_sentence_is_encoded_once(holding):
    """Here every sentence stands in two pairs of a row, and both rows have the same."""
    holding([*PAIRS, *agreement("again")], agree)
    sentences = {text for pair in PAIRS for text in (pair.grammatical, pair.ungrammatical)}
    assert len(sentences) == 2 * len(PAIRS)
    (encoded,) = holding.encoded
    assert len(encoded) == len(sentences)
    assert set(encoded) == sentences


def test_unknown_words_may_make_the_two_sentences_one(holding):
    """Of half of the pairs the model knows no form of the verb: half of them it tells wrong."""
    unknown = [
        replace(
            pair,
            grammatical=re.sub("laugh|swim|smile", "sleep", pair.grammatical),
            ungrammatical=re.sub("laugh|swim|smile", "sleep", pair.ungrammatical),
        )
        for pair in PAIRS
    ]
    told, _ = holding([*PAIRS, *unknown], agree)
    assert told["simple.grammatical_accuracy"] == 3 / 4
    assert "the author <unk>" in holding.encoded[0]


def random_pairs(count):
    """Of two rows in turn and random words, some with a number."""
    draw = np.random.default_rng(1)
    for index in range(count):
        first, second, good, bad = draw.choice(VOCABULARY.words[2:], 4, replace=False)
        yield Pair(
            f"{first} {second} {good}",
            f"{first} {second} {bad}",
            row=("near", "far")[index % 2],
            item=str(first),
            number=("singular", "plural", "")[draw.integers(3)],
        )


def one_sentence_at_a_time(trained, pairs, question):
    """Features, labels and items, for the classifier, by the equations of the encoder."""
    alone, told = OneByOne(trained.model), []
    for pair in pairs:
        for sentence in (pair.grammatical, pair.ungrammatical):
            mean = alone.posterior(VOCABULARY.encode(sentence.split())).mean.numpy()
            if question == "grammatical":
                told.append((mean, sentence == pair.grammatical, pair.item))
            elif pair.number:
                told.append((mean, pair.number == "plural", pair.item))
    return map(np.array, zip(*told, strict=True))


def test_a_model_one_sentence_at_a_time():
    trained, pairs = lively_model(), list(random_pairs(60))
    found = measure(trained, pairs, ProbeSettings(folds=4, seed=3))
    values, notes = found.values, found.notes
    assert notes == {}
    assert len(values) == 14
    for row in ("near", "far"):
        of_row = [pair for pair in pairs if pair.row == row]
        for question in ("grammatical", "number"):
            expected = held_out(*one_sentence_at_a_time(trained, of_row, question), 4, 3)
            for metric in METRICS:
                value = values[f"{row}.{question}_{metric}"]
                assert value == pytest.approx(getattr(expected, metric), abs=1e-12)
        assert values[f"{row}.items"] == len({pair.item for pair in of_row})


def test_the_code_of_the_grammatical_sentence_comes_first():
    trained, pairs = lively_model(), list(random_pairs(5))
    alone, codes = OneByOne(trained.model), both_codes(trained, pairs)
    for pair, both in zip(pairs, codes, strict=True):
        for sentence, code in zip((pair.grammatical, pair.ungrammatical), both, strict=True):
            expected = alone.posterior(VOCABULARY.encode(sentence.split())).mean
            np.testing.assert_allclose(code, expected, atol=1e-5)


def test_no_more_pairs_of_a_row_than_asked_for():
    small = list(agreement("small", NOUNS[:2]))
    chosen = sample([*PAIRS, *small], ProbeSettings(pairs_a_row=20))
    kept = [pair for pair in chosen if pair.row == "simple"]
    assert len(set(kept)) == len(kept) == 20
    assert set(kept) < set(PAIRS)
    assert [pair for pair in chosen if pair.row == "small"] == small
    # What is drawn of a row is not another's affair; it is the seed's.
    assert sample([*small, *PAIRS], ProbeSettings(pairs_a_row=20))[len(small) :] == kept
    assert sample(PAIRS, ProbeSettings(pairs_a_row=20, seed=2)) != kept
    # Of all kinds, not the first ones.
    assert {pair.item for pair in kept} == set(NOUNS)


def test_the_settings_are_those_of_the_classifier(holding):
    """Of a code in which the number of two nouns has the wrong sign, folds decide who is told."""

    def some(words):
        return noun_is_plural(words) == (noun(words) > 1)

    accuracies = {
        (folds, seed): holding(PAIRS, some, folds=folds, seed=seed)[0]["simple.number_accuracy"]
        for folds in (2, 6)
        for seed in range(8)
    }
    assert {accuracies[6, seed] for seed in range(8)} == {4 / 6}
    assert len({accuracies[2, seed] for seed in range(8)}) > 1


def test_a_row_without_number_says_so(holding):
    """Polarity items: no author has ever laughed, not the author has ever laughed."""
    polarity = [
        Pair(f"{noun} the {verb}", f"the {noun} {verb}", "npi", item=noun)
        for noun in NOUNS
        for verb in VERBS
    ]
    values, notes = holding([*PAIRS, *polarity], lambda words: words[0] == "the")
    missing = [f"npi.number_{metric}" for metric in METRICS]
    assert [name for name, value in values.items() if value is None] == missing
    assert notes == dict.fromkeys(missing, "no pair of the row tells a number")
    assert values["npi.grammatical_accuracy"] == 1


def test_of_one_item_nothing_can_be_held_out(holding):
    values, notes = holding(list(agreement(nouns=["author"])), agree)
    assert values.pop("simple.items") == 1
    assert set(values.values()) == {None}
    reason = "fewer than two lexical items, or one class alone to learn from"
    assert notes == dict.fromkeys(values, reason)


def test_number_needs_both_numbers(holding):
    values, notes = holding([pair for pair in PAIRS if pair.number == "plural"], agree)
    assert values["simple.grammatical_accuracy"] == 1
    assert [values[f"simple.number_{metric}"] for metric in METRICS] == [None] * 3
    assert len(notes) == 3


def test_without_items_each_pair_is_one(holding):
    pairs = [Pair(pair.grammatical, pair.ungrammatical) for pair in PAIRS]
    values, notes = holding(pairs, agree)
    assert values["all.items"] == len(PAIRS)
    assert values["all.grammatical_accuracy"] == 1
    assert values["all.number_accuracy"] is None
    assert notes["all.items"] == "pairs that tell no lexical item count as one of their own each"


def test_an_end_mark_is_no_word():
    pairs = [*PAIRS, Pair("the author <eos> laughs", "the author <eos> laugh")]
    with pytest.raises(InputError, match=r"<eos> occurs in 'the author <eos> laughs'"):
        measure(TRAINED, pairs, ProbeSettings())


def test_the_form_of_the_critical_word_tells_no_number():
    """Of each noun of Marvin and Linzen, over both sentences of its pairs."""
    forms: dict[tuple[str, str], dict[str, Counter]] = {}
    for pair in read_folder(real_file("syneval/EMNLP2018_templates")):
        if pair.number:
            words = differing_words(pair.grammatical.split(), pair.ungrammatical.split())
            of_noun = forms.setdefault((pair.row, pair.item), {})
            of_noun.setdefault(pair.number, Counter()).update(words)
    assert len({row for row, _ in forms}) == 13
    for told in forms.values():
        assert told["singular"] == told["plural"]
