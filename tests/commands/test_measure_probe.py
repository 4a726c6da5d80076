"""`textvae measure probe`: the probes of one cell's code as a measurement."""

import json
from functools import partial

import pytest

from one_by_one import VOCABULARY, lively_model
from textvae.cli import main
from textvae.corpora.minimal_pairs import Pair, write_pairs
from textvae.measurements.probe import ProbeSettings, measure
from textvae.models import language_model
from textvae.paper.measurements import read_measurement
from tiny_language_model import lively_language_model

TRAINED = lively_model()
# Words w0 to w5 are nouns of two numbers, as the words behind them tell.
PAIRS = [
    Pair(f"w{noun} w{mark} w{10 + noun}", f"w{noun} w{mark} w9", row, item=f"w{noun}", number=told)
    for noun in range(6)
    for mark, number in ((6, "singular"), (7, "plural"))
    for row, told in (("agreement.simple", number), ("npi.simple", ""))
]


@pytest.fixture(scope="module")
def pairs(place):
    """A file of pairs."""
    write_pairs(place / "pairs.tsv", PAIRS)
    return place / "pairs.tsv"


@pytest.fixture
def probe(speak):
    return partial(speak, "measure probe")


def test_a_measurement_of_the_pairs_in_a_file(pairs, probe, tmp_path):
    path = tmp_path / "new/probe.json"
    argv = ["--pairs", pairs, "--name", "mine", "--folds", 3, "--seed", 2, "--pairs-a-row", 10]
    assert probe(*argv, "--output", path) == (0, "", "")
    found = measure(TRAINED, PAIRS, ProbeSettings(pairs_a_row=10, folds=3, seed=2))
    values, notes = found.values, found.notes
    written = json.loads(path.read_text())
    assert written == {
        "cell": TRAINED.cell.as_dict(),
        "measurement": "probe",
        "split": "mine",
        "sentences": 24,
        "settings": {"pairs_a_row": 10, "folds": 3, "seed": 2},
        "values": values,
        "notes": notes,
    }
    assert len(values) == 14
    # What has no meaning is said to have none, and why.
    missing = [name for name, value in values.items() if value is None]
    assert missing == list(notes)
    assert all(name.startswith("npi.simple.number_") for name in missing)
    # It can be gathered.
    assert {row.metric: row.value for row in read_measurement(path)} == values


def test_without_a_name_the_file_is_named(pairs, probe):
    status, out, err = probe("--pairs", pairs)
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert found["split"] == str(pairs)
    assert found["settings"] == {"pairs_a_row": 4000, "folds": 10, "seed": 1}


def test_a_set_of_ones_own_needs_the_two_sentences_alone(probe, tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text("ungrammatical\tgrammatical\n" + "w1 w2\tw1 w3\nw4 w2\tw4 w3\n" * 5)
    found = json.loads(probe("--pairs", path)[1])
    # Two different pairs, five times each.
    assert found["sentences"] == 10
    assert found["values"]["all.items"] == 2
    assert found["values"]["all.grammatical_accuracy"] is not None
    assert set(found["notes"]) == {
        "all.items",
        *(f"all.number_{metric}" for metric in ("accuracy", "standard_error", "chance")),
    }


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--pairs", "gone.tsv"], "gone.tsv: no such file"),
        (["--pairs", "empty.tsv"], "empty.tsv: no pairs in it, expected one per line below"),
        (["--folds", "1"], "--folds: 1 is not a number of at least 2"),
        (["--pairs-a-row", "0"], "--pairs-a-row: 0 is not a number of at least 1"),
        (["--seed", "-1"], "--seed: -1 is not a number of at least 0"),
    ],
)
def test_wrong_input_is_one_line_of_error(probe, pairs, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.tsv").write_text("grammatical\tungrammatical\n")
    status, out, err = probe("--pairs", pairs, *argv)
    assert (status, out) == (1, "")
    assert err.startswith(f"textvae measure: {message}")
    assert err.count("\n") == 1


def test_a_language_model_has_no_code(pairs, tmp_path, capsys):
    language_model.save(tmp_path / "model", lively_language_model(), VOCABULARY, {})
    assert (
        main(["measure", "probe", "--model", str(tmp_path / "model"), "--pairs", str(pairs)]) == 1
    )
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"textvae measure: {tmp_path}/model")
