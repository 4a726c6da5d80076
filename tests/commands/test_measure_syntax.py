"""`textvae measure syntax`: accuracies on minimal pairs in a file."""

import csv
import json
from functools import partial

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model
from pairs_of_words import random_pairs
from textvae.corpora.minimal_pairs import write_pairs
from textvae.corpora.vocabulary import Vocabulary
from textvae.measurements.log_odds import encode
from textvae.measurements.syntax import SyntaxSettings, judge
from textvae.models import language_model
from textvae.models.language_model import LanguageModel
from textvae.paper.measurements import read_measurement
from tiny_language_model import SIZES, lively_language_model

TRAINED = lively_model()
PAIRS = random_pairs(80)
ENCODED = encode(PAIRS, VOCABULARY)
FLOAT32 = ["--precision", "float32"]


@pytest.fixture(scope="module")
def pairs(place):
    """A file of eighty pairs."""
    write_pairs(place / "pairs.tsv", PAIRS)
    return place / "pairs.tsv"


@pytest.fixture(scope="module")
def without_code(place):
    """The folder of a language model over the same words."""
    language_model.save(place / "language-model", lively_language_model(), VOCABULARY, {})
    return place / "language-model"


@pytest.fixture
def syntax(speak):
    return partial(speak, "measure syntax")


def test_a_measurement_of_the_pairs_in_a_file(pairs, without_code, syntax, tmp_path):
    path = tmp_path / "new/syntax.json"
    argv = ["--pairs", pairs, "--language-model", without_code, "--name", "mine", *FLOAT32]
    assert syntax(*argv, "--output", path) == (0, "", "")
    written = json.loads(path.read_text())
    settings = SyntaxSettings(precision="float32")
    values, _ = judge(TRAINED.model, PAIRS, ENCODED, settings, lively_language_model())
    assert written == {
        "cell": TRAINED.cell.as_dict(),
        "measurement": "syntax",
        "split": "mine",
        "sentences": 80,
        "settings": {"precision": "float32", "checked": 2000, "seed": 1, "bootstrap": 0},
        "values": values,
        "notes": {},
    }
    assert {name.rpartition(".")[0] for name in values} == {"first.row", "second.row"}
    # It can be gathered.
    assert {row.metric: row.value for row in read_measurement(path)} == values


def test_printed_and_named_by_the_file_where_nothing_is_given(pairs, syntax):
    status, out, _ = syntax("--pairs", pairs)
    found = json.loads(out)
    assert (status, found["split"]) == (0, str(pairs))
    assert not any("language_model" in name for name in found["values"])


def test_any_pairs_will_do(syntax, tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("ungrammatical\tgrammatical\nw3 w4 w9\tw3 w4 w5\nw1\tw2 w1\n")
    status, out, _ = syntax("--pairs", path, *FLOAT32)
    values = json.loads(out)["values"]
    assert status == 0
    assert (values["all.pairs"], values["all.coverage"]) == (2, 1)
    assert values["all.p1"] in (0, 0.5, 1)


def test_the_scores_of_each_pair(pairs, without_code, syntax, tmp_path):
    path = tmp_path / "scores.tsv"
    syntax("--pairs", pairs, "--language-model", without_code, "--scores", path, *FLOAT32)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["grammatical"] for row in rows] == [pair.grammatical for pair in PAIRS]
    assert [row["covered"] == "yes" for row in rows] == ENCODED.covered.tolist()
    _, odds = judge(
        TRAINED.model, PAIRS, ENCODED, SyntaxSettings(precision="float32"), lively_language_model()
    )
    for name, expected in odds.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], expected, rtol=1e-5)


def test_a_language_model_of_other_words(pairs, syntax, tmp_path):
    torch.manual_seed(1)
    words = Vocabulary(["other", "words"])
    language_model.save(tmp_path / "other", LanguageModel(SIZES, len(words)), words, {})
    status, out, err = syntax("--pairs", pairs, "--language-model", tmp_path / "other")
    assert (status, out) == (1, "")
    assert "its vocabulary is not that of" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--pairs", "nowhere.tsv"], "nowhere.tsv: no such file"),
        (["--checked", "-1"], "--checked: -1 is not a number of at least 0"),
        (["--language-model", "nowhere"], "nowhere/config.json: no such file"),
    ],
)
def test_what_cannot_be_scored(pairs, syntax, argv, expected):
    status, out, err = syntax("--pairs", pairs, *argv)
    assert (status, out) == (1, "")
    assert err.startswith(f"textvae measure: {expected}")
    assert err.count("\n") == 1


def test_words_that_the_model_does_not_know_are_told(syntax, tmp_path):
    path = tmp_path / "cased.tsv"
    path.write_text("grammatical\tungrammatical\nW1 w2\tW1 w3\nw1 W2.\tw1 w2.\nA w1\tB w1\n")
    status, out, err = syntax("--pairs", path)
    assert status == 0
    said = (
        "textvae measure syntax: only 1 of 3 pairs differ in words that the model knows;"
        " unknown are "
    )
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert all(f"'{word}'" in err for word in ("W2.", "w2.", "A", "B"))
    assert "W1" not in err
    assert json.loads(out)["notes"] == {}


def test_what_no_pair_covers_has_a_note(syntax, tmp_path):
    path = tmp_path / "unknown.tsv"
    path.write_text("grammatical\tungrammatical\nw1 A\tw1 B\n")
    found = json.loads(syntax("--pairs", path)[1])
    assert found["values"]["all.p1_covered"] is None
    assert found["notes"]["all.p1_covered"] == "no pair is covered"


def test_an_output_that_is_a_folder(pairs, syntax, tmp_path):
    status, _, err = syntax("--pairs", pairs, "--output", tmp_path)
    assert status == 1
    assert err.endswith(f"textvae measure: {tmp_path}: is a folder, expected the name of a file\n")
