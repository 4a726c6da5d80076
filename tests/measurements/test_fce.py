"""Forward and reverse cross-entropy: by hand, and of models trained on tiny texts."""

import math

import numpy as np
import pytest

from one_by_one import VOCABULARY
from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.fce import kneser_ney
from textvae.fce.kneser_ney import Scores
from textvae.measurements.fce import (
    CommonDictionary,
    CrossEntropySettings,
    cross_entropies,
    measure,
    replicated_cross_entropies,
    replicated_unk_percent,
)
from textvae.models import language_model
from tiny_language_model import lively_language_model, round_dance

HAS_KENLM = kneser_ney.trainer() is not None


def scores(nll, without_unk):
    return Scores(np.array(nll, dtype=float), np.array(without_unk, dtype=float))


SYNTHETIC = scores([40, 60, 35], [30, 60, 33])
REAL = scores([38, 55, 33], [29, 55, 33])
REVERSE = scores([20, 22], [20, 20])


def test_cross_entropies_are_means_and_the_excess_is_paired():
    assert cross_entropies(SYNTHETIC, REAL, REVERSE) == {
        "fce_nats": pytest.approx(45),
        # Deviations -5, 15, -10: variance 350 / 2, over three sentences.
        "fce_standard_error": pytest.approx(math.sqrt(175 / 3)),
        "fce_without_unk_nats": pytest.approx(41),
        "floor_nats": pytest.approx(42),
        "floor_without_unk_nats": pytest.approx(39),
        "reverse_nats": pytest.approx(21),
        "excess_nats": pytest.approx(3),
        # Differences 2, 5, 2: variance 6 / 2, over three sentences.
        "excess_standard_error": pytest.approx(1),
    }


def test_missing_scores_have_neither_values_nor_replicates():
    missing = cross_entropies(None, None, None)
    assert set(missing) == set(cross_entropies(SYNTHETIC, REAL, REVERSE))
    assert set(missing.values()) == {None}
    half = cross_entropies(None, REAL, None)
    floors = {"floor_nats", "floor_without_unk_nats"}
    assert {name for name, value in half.items() if value is not None} == floors
    assert replicated_cross_entropies(None, None, 5) == {}
    assert set(replicated_cross_entropies(None, REAL, 5)) == floors


def test_single_sentence_has_no_standard_error():
    one = scores([40], [30])
    values = cross_entropies(one, one, one)
    assert values["fce_standard_error"] is values["excess_standard_error"] is None
    assert (values["fce_nats"], values["excess_nats"]) == (40, 0)
    two = scores([40, 42], [30, 30])
    assert cross_entropies(two, None, None)["fce_standard_error"] == pytest.approx(1)


def test_replicates_are_cross_entropies_of_resampled_test_sentences():
    values = cross_entropies(SYNTHETIC, REAL, REVERSE)
    replicates = replicated_cross_entropies(SYNTHETIC, REAL, 5)
    assert set(replicates) == {
        name for name in values if "standard_error" not in name and name != "reverse_nats"
    }
    for r, counts in enumerate(bootstrap.resamples(3, 5)):
        resampled = [
            Scores(np.repeat(one.nll, counts), np.repeat(one.without_unk, counts))
            for one in (SYNTHETIC, REAL)
        ]
        expected = cross_entropies(*resampled, REVERSE)
        for name, rows in replicates.items():
            assert rows[r] == pytest.approx(expected[name])


def test_percentage_of_unk_is_that_of_resampled_test_sentences():
    """1 of 2 words, none of 4, and a sentence without words."""
    sentences = [[UNK_ID, 5], [3, 4, 5, 6], []]
    rows = replicated_unk_percent(Sentences.of(sentences), 20)["test_unk_percent"]
    for row, counts in zip(rows, bootstrap.resamples(3, 20), strict=True):
        words = 2 * counts[0] + 4 * counts[1]
        expected = 100 * counts[0] / words if words else np.nan
        assert row == pytest.approx(expected, nan_ok=True)


# Over the words w1 to w19, and one that is in no text.
DICTIONARY = Vocabulary([*VOCABULARY.words[3:], "own"])
METRICS = set(cross_entropies(SYNTHETIC, REAL, REVERSE))
SYNTHETIC_TEXT, REAL_TEXT, TEST = (
    Sentences.of([*map(DICTIONARY.encode, round_dance(150, step, seed))])
    for step, seed in ((3, 7), (1, 0), (1, 2))
)
# Model (0 of the synthetic, 1 of the real text) and text of forward, floor and reverse.
SCORED = ((0, TEST), (1, TEST), (1, SYNTHETIC_TEXT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the 5-gram models of both texts."""
    folder = tmp_path_factory.mktemp("fce")
    (folder / "none.arpa").write_text("not built\n")
    for name, text in {"synthetic": SYNTHETIC_TEXT, "real": REAL_TEXT}.items():
        kneser_ney.train(text, DICTIONARY, folder / f"{name}.arpa", name)
    return folder


LSTMS = (lively_language_model(1), lively_language_model(2))


def run(folder, synthetic="synthetic", real="real", **settings):
    arpas = (folder / f"{synthetic}.arpa", folder / f"{real}.arpa")
    subject = CommonDictionary(DICTIONARY, SYNTHETIC_TEXT, TEST, LSTMS, arpas)
    return measure(subject, CrossEntropySettings(**settings))


def test_values_are_of_the_scores_and_counts(folder):
    values = run(folder).values
    scored = {"": [language_model.score(LSTMS[i], t) for i, t in SCORED]}
    if HAS_KENLM:
        models = [kneser_ney.load(folder / f"{name}.arpa") for name in ("synthetic", "real")]
        scored["kn5_"] = [kneser_ney.score(models[i], text) for i, text in SCORED]
    for prefix, three in scored.items():
        expected = cross_entropies(*three)
        assert {name: values[f"{prefix}{name}"] for name in METRICS} == expected
        assert expected["fce_without_unk_nats"] < expected["fce_nats"]
    words = [word for sentence in round_dance(150, 3, seed=7) for word in sentence]
    of_test = [word for sentence in round_dance(150, seed=2) for word in sentence]
    counted = {
        "vocabulary_size": DICTIONARY.types,
        "unk_percent": pytest.approx(100 * words.count("w0") / len(words)),
        "test_vocabulary_size": len(set(of_test) - {"w0"}),
        "test_unk_percent": pytest.approx(100 * of_test.count("w0") / len(of_test)),
        "test_mean_length": pytest.approx(len(of_test) / 150),
    }
    assert {name: values[name] for name in counted} == counted
    assert set(values) == {*METRICS, *(f"kn5_{name}" for name in METRICS), *counted}


def test_models_that_are_not_built_have_a_note(folder):
    neither = run(folder, "none", "none")
    assert set(neither.notes) == {f"kn5_{name}" for name in METRICS}
    assert {neither.values[name] for name in neither.notes} == {None}
    assert {*neither.notes.values()} == {"not built"}
    if HAS_KENLM:
        one = run(folder, "none")
        built = {f"kn5_{name}" for name in ("floor_nats", "floor_without_unk_nats", "reverse_nats")}
        assert {name for name in one.values if name.startswith("kn5")} == built | one.notes.keys()
        assert all(one.values[name] > 0 for name in built)


def test_replicates_are_of_lstms_and_ngrams(folder):
    values = run(folder, bootstrap=50).values
    replicates = values.pop("bootstrap")
    assert values == run(folder).values
    own = {name for name in METRICS if "error" not in name and name != "reverse_nats"}
    prefixes = ("", "kn5_") if HAS_KENLM else ("",)
    of_models = {prefix + name for prefix in prefixes for name in own}
    assert set(replicates) == of_models | {"test_unk_percent"}
    for prefix in prefixes:
        rows, error = replicates[f"{prefix}fce_nats"], values[f"{prefix}fce_standard_error"]
        assert np.mean(rows) == pytest.approx(values[f"{prefix}fce_nats"], abs=error)
        # Paired: both models are scored on the same resample.
        difference = rows - replicates[f"{prefix}floor_nats"]
        assert difference == pytest.approx(replicates[f"{prefix}excess_nats"], abs=1e-9)
