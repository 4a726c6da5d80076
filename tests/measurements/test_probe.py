"""Probes of the code: labels, features and items of each question."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, OneByOne, lively_model
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import Vocabulary
from textvae.measurements import log_odds
from textvae.measurements.probe import ProbeSettings, both_codes, held_out, measure, sample

NOUNS = ("author", "pilot", "teacher", "farmer", "senator", "guard")
VERBS = ("laugh", "swim", "smile")
WORDS = [word + ending for word in (*NOUNS, *VERBS) for ending in ("", "s")] + ["the"]
TRAINED = SimpleNamespace(model=None, vocabulary=Vocabulary(WORDS))
METRICS = ("accuracy", "standard_error", "chance")


def agreement(row="simple", nouns=NOUNS, verbs=VERBS):
    """Yield pairs: the author laughs, not laugh; the authors laugh, not laughs."""
    for noun in nouns:
        for verb in verbs:
            good, bad = f"the {noun} {verb}s", f"the {noun} {verb}"
            yield Pair(good, bad, row, item=noun, number="singular")
            good, bad = f"the {noun}s {verb}", f"the {noun}s {verb}s"
            yield Pair(good, bad, row, item=noun, number="plural")


PAIRS = list(agreement())


@pytest.fixture
def probe(monkeypatch):
    """Measure pairs with given functions of a sentence as its code; record encoded sentences."""
    encoded = []

    def run(pairs, *features, **settings):
        def posteriors(model, sentences):
            texts = [TRAINED.vocabulary.decode(ids) for ids in sentences]
            encoded.append([" ".join(text) for text in texts])
            mean = torch.tensor([[float(each(text)) for each in features] for text in texts])
            return SimpleNamespace(mean=mean)

        monkeypatch.setattr(log_odds, "posteriors", posteriors)
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
    ("features", "grammatical", "number"),
    [
        ([noun_is_plural], 0.5, 1),
        # Half of the sentences have a verb of the wrong number.
        ([verb_is_plural], 0.5, 0.5),
        ([agree], 1, 0.5),
        # Agreement of both numbers is an exclusive or, which is not linear.
        ([noun_is_plural, verb_is_plural], 0.5, 1),
        ([noun], 0.5, 0.5),
    ],
)
def test_probe_reads_linear_features_only(probe, features, grammatical, number):
    values, notes = probe([*PAIRS, *agreement("again")], *features)
    for row in ("simple", "again"):
        assert {name: value for name, value in values.items() if name.startswith(row)} == {
            f"{row}.grammatical_accuracy": grammatical,
            f"{row}.grammatical_standard_error": 0,
            f"{row}.grammatical_chance": 0.5,
            f"{row}.number_accuracy": number,
            f"{row}.number_standard_error": 0,
            f"{row}.number_chance": 0.5,
            f"{row}.items": len(NOUNS),
        }
    assert notes == {}
    # Each distinct sentence is encoded once.
    (encoded,) = probe.encoded
    assert len(encoded) == len(set(encoded)) == 2 * len(PAIRS)


def test_pair_that_is_one_sentence_to_the_model_is_half_right(probe):
    """The model knows no form of the verb of half of the pairs."""
    unknown = list(agreement(verbs=("sleep", "sing", "run")))
    values, _ = probe([*PAIRS, *unknown], agree)
    assert values["simple.grammatical_accuracy"] == 3 / 4
    assert "the author <unk>" in probe.encoded[0]


def random_pairs(count):
    """Yield pairs of random words in two rows, some with a number."""
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


def test_probe_of_a_model_equals_one_sentence_at_a_time():
    trained, pairs = lively_model(), list(random_pairs(60))
    found = measure(trained, pairs, ProbeSettings(folds=4, seed=3))
    assert (len(found.values), found.notes) == (14, {})
    alone = OneByOne(trained.model)
    codes = both_codes(trained, pairs)
    for row in ("near", "far"):
        examples = {"grammatical": [], "number": []}
        for pair, both in zip(pairs, codes, strict=True):
            sentences = (pair.grammatical, pair.ungrammatical)
            for sentence, code in zip(sentences, both, strict=True):
                mean = alone.posterior(VOCABULARY.encode(sentence.split())).mean.numpy()
                np.testing.assert_allclose(code, mean, atol=1e-5)
                if pair.row == row:
                    good = sentence == pair.grammatical
                    examples["grammatical"].append((mean, good, pair.item))
                    if pair.number:
                        examples["number"].append((mean, pair.number == "plural", pair.item))
        for question, rows in examples.items():
            expected = held_out(*map(np.array, zip(*rows, strict=True)), 4, 3)
            for metric in METRICS:
                value = found.values[f"{row}.{question}_{metric}"]
                assert value == pytest.approx(getattr(expected, metric), abs=1e-12)
        assert found.values[f"{row}.items"] == len({p.item for p in pairs if p.row == row})


def test_sample_takes_pairs_of_each_row_by_the_seed():
    small = list(agreement("small", NOUNS[:2]))
    chosen = sample([*PAIRS, *small], ProbeSettings(pairs_a_row=20))
    kept = [pair for pair in chosen if pair.row == "simple"]
    assert len(set(kept)) == len(kept) == 20
    assert set(kept) < set(PAIRS)
    assert [pair for pair in chosen if pair.row == "small"] == small
    # Independent of other rows, and of all items.
    assert sample([*small, *PAIRS], ProbeSettings(pairs_a_row=20))[len(small) :] == kept
    assert sample(PAIRS, ProbeSettings(pairs_a_row=20, seed=2)) != kept
    assert {pair.item for pair in kept} == set(NOUNS)
    assert sample(PAIRS, ProbeSettings(pairs_a_row=len(PAIRS))) == PAIRS


def test_undefined_values_have_notes(probe):
    """Rows without number, of a single item, of one number, and without items."""
    polarity = [
        Pair(f"{noun} the {verb}", f"the {noun} {verb}", "npi", item=noun)
        for noun in NOUNS
        for verb in VERBS
    ]
    values, notes = probe([*PAIRS, *polarity], lambda words: words[0] == "the")
    missing = {f"npi.number_{metric}" for metric in METRICS}
    assert {name for name, value in values.items() if value is None} == missing == set(notes)
    assert values["npi.grammatical_accuracy"] == 1

    values, notes = probe(list(agreement(nouns=["author"])), agree)
    assert values.pop("simple.items") == 1
    assert set(values.values()) == {None}
    assert set(notes) == set(values)

    values, notes = probe([pair for pair in PAIRS if pair.number == "plural"], agree)
    assert values["simple.grammatical_accuracy"] == 1
    assert set(notes) == {f"simple.number_{metric}" for metric in METRICS}

    pairs = [Pair(pair.grammatical, pair.ungrammatical) for pair in PAIRS]
    values, notes = probe(pairs, agree)
    assert (values["all.items"], values["all.grammatical_accuracy"]) == (len(PAIRS), 1)
    assert set(notes) == {"all.items", *(f"all.number_{metric}" for metric in METRICS)}
