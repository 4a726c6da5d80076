"""Forward and reverse cross-entropy: by hand, and of models trained on tiny texts."""

import math

import numpy as np
import pytest

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.fce import kneser_ney
from textvae.fce.kneser_ney import Scores
from textvae.fce.training import LanguageModelJob, train
from textvae.measurements.fce import (
    CommonDictionary,
    CrossEntropySettings,
    cross_entropies,
    measure,
    replicated_cross_entropies,
)
from textvae.models import language_model
from textvae.models.language_model import score
from tiny import CPU, WORDS
from tiny_language_model import RECIPE, SIZES, round_dance

HAS_KENLM = kneser_ney.trainer() is not None
needs_kenlm = pytest.mark.skipif(not HAS_KENLM, reason="KenLM is not installed")


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


# Human text continues each word with the next of 20; the synthetic texts lack the last word.
DICTIONARY = Vocabulary(f"w{i}" for i in range(WORDS - 1))
METRICS = set(cross_entropies(SYNTHETIC, REAL, REVERSE))


def encoded(step, seed):
    """Return sentences whose words are `step` apart, over the dictionary."""
    sentences = round_dance(150, step, seed)
    return Sentences.of([*map(DICTIONARY.encode, sentences)])


TEST = encoded(1, seed=2)
TEXTS = {"real": encoded(1, seed=0), "similar": encoded(1, seed=7), "different": encoded(3, seed=7)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the language models of all texts."""
    folder = tmp_path_factory.mktemp("fce")
    recipe = RECIPE.replace(epochs=6)
    sizes = SIZES.model_copy(update={"hidden": 16})
    (folder / "none.arpa").write_text("not built\n")
    for name, text in TEXTS.items():
        job = LanguageModelJob(name, text, DICTIONARY, sizes, recipe, 1, CPU)
        train(job, folder / name, folder / "checkpoints", 10)
        kneser_ney.train(text, len(DICTIONARY), folder / f"{name}.arpa", name)
    return folder


def subject(folder, name, synthetic_arpa=None, real_arpa="real"):
    lstms = tuple(language_model.load(folder / of, CPU)[0] for of in (name, "real"))
    arpas = (folder / f"{synthetic_arpa or name}.arpa", folder / f"{real_arpa}.arpa")
    return CommonDictionary(DICTIONARY, TEXTS[name], TEST, lstms, arpas)


@pytest.fixture(scope="module")
def values(folder):
    """The values for the similar and the different text."""
    settings = CrossEntropySettings()
    return {
        name: measure(subject(folder, name), settings).values for name in ("similar", "different")
    }


def test_similar_text_has_the_lower_cross_entropy_and_none_beats_real_text(values):
    similar, different = values["similar"], values["different"]
    uniform = (1 + similar["test_mean_length"]) * math.log(len(DICTIONARY))
    assert similar["floor_nats"] == different["floor_nats"]
    assert similar["fce_nats"] < uniform < different["fce_nats"]
    assert similar["reverse_nats"] < uniform < different["reverse_nats"]
    assert similar["excess_nats"] > -3 * similar["excess_standard_error"]
    assert different["excess_nats"] > 10 * different["excess_standard_error"]


@needs_kenlm
def test_kneser_ney_agrees(values):
    similar, different = values["similar"], values["different"]
    assert similar["kn5_floor_nats"] == different["kn5_floor_nats"]
    assert similar["kn5_fce_nats"] < different["kn5_fce_nats"] - 3
    assert similar["kn5_reverse_nats"] < different["kn5_reverse_nats"] - 3
    assert similar["kn5_fce_nats"] == pytest.approx(similar["fce_nats"], rel=0.3)


def test_values_are_of_the_scores_and_counts(folder, values):
    ours, real = subject(folder, "similar").lstms
    expected = cross_entropies(score(ours, TEST), score(real, TEST), score(real, TEXTS["similar"]))
    found = values["similar"]
    assert {name: found[name] for name in METRICS} == expected
    assert found["fce_without_unk_nats"] < found["fce_nats"]
    words = [word for sentence in round_dance(150, seed=7) for word in sentence]
    of_test = [word for sentence in round_dance(150, seed=2) for word in sentence]
    counted = {
        "vocabulary_size": 19,
        "unk_percent": pytest.approx(100 * words.count("w19") / len(words)),
        "test_vocabulary_size": len(set(of_test) - {"w19"}),
        "test_unk_percent": pytest.approx(100 * of_test.count("w19") / len(of_test)),
        "test_mean_length": pytest.approx(len(of_test) / 150),
    }
    assert {name: found[name] for name in counted} == counted
    assert set(found) == {*METRICS, *(f"kn5_{name}" for name in METRICS), *counted}


def test_models_that_are_not_built_have_a_note(folder):
    neither = measure(subject(folder, "similar", "none", "none"), CrossEntropySettings())
    assert set(neither.notes) == {f"kn5_{name}" for name in METRICS}
    assert {neither.values[name] for name in neither.notes} == {None}
    assert {*neither.notes.values()} == {"not built"}


@needs_kenlm
def test_single_model_that_is_built_has_values(folder):
    one = measure(subject(folder, "similar", "none"), CrossEntropySettings())
    built = {f"kn5_{name}" for name in ("floor_nats", "floor_without_unk_nats", "reverse_nats")}
    assert {name for name in one.values if name.startswith("kn5")} == built | one.notes.keys()
    assert all(one.values[name] > 0 for name in built)


def test_replicates_are_of_lstms_and_ngrams(folder, values):
    replicated = measure(subject(folder, "similar"), CrossEntropySettings(bootstrap=50)).values
    replicates = replicated.pop("bootstrap")
    assert replicated == values["similar"]
    own = {name for name in METRICS if "error" not in name and name != "reverse_nats"}
    ngrams = {f"kn5_{name}" for name in own} if HAS_KENLM else set()
    assert set(replicates) == own | ngrams
    prefixes = ("", "kn5_") if HAS_KENLM else ("",)
    for prefix in prefixes:
        rows, error = replicates[f"{prefix}fce_nats"], replicated[f"{prefix}fce_standard_error"]
        assert np.mean(rows) == pytest.approx(replicated[f"{prefix}fce_nats"], abs=error)
        # Paired: both models are scored on the same resample.
        difference = rows - replicates[f"{prefix}floor_nats"]
        assert difference == pytest.approx(replicates[f"{prefix}excess_nats"], abs=1e-9)
