"""`textvae measure sensitivity`: a measurement of one cell, on the same lines for every cell."""

import json
from functools import partial

import pytest

from one_by_one import LATENT, lively_model
from textvae.corpora.encoded import save_array
from textvae.generation.codes import line_ends
from textvae.measurements.sensitivity import SensitivitySettings, measure
from textvae.paper.measurements import read_measurement

TRAINED = lively_model()


@pytest.fixture(scope="module")
def lines(place):
    """A file of twenty lines."""
    save_array(place / "lines.npy", line_ends(20, LATENT, 6))
    return place / "lines.npy"


@pytest.fixture
def sensitivity(speak):
    return partial(speak, "measure sensitivity")


def test_a_measurement_of_the_lines_in_a_file(place, lines, sensitivity, tmp_path):
    path = tmp_path / "new/sensitivity.json"
    argv = ["--lines", lines, "--corpus", place / "corpus", "--points", 5]
    assert sensitivity(*argv, "--output", path) == (0, "", "")
    written = json.loads(path.read_text())
    assert written == {
        "cell": TRAINED.cell.as_dict(),
        "measurement": "sensitivity",
        "split": "prior",
        "sentences": 20,
        "settings": {"points": 5, "bootstrap": 0},
        "values": measure(TRAINED, line_ends(20, LATENT, 6), SensitivitySettings(points=5), 9),
        "notes": {},
    }
    shares = [value for name, value in written["values"].items() if name.startswith("distinct")]
    assert len(shares) == 6
    assert all(0 <= share <= 1 for share in shares)
    # It can be gathered.
    metrics = {row.metric: row.value for row in read_measurement(path)}
    assert metrics == written["values"]
    assert (metrics["lines"], metrics["codes"]) == (20, 5)


def test_lines_drawn_here_are_those_of_a_file(lines, sensitivity):
    printed = sensitivity("--count", 20, "--seed", 6)
    assert printed == sensitivity("--lines", lines)
    assert json.loads(printed[1])["values"]["lines"] == 20
    assert printed != sensitivity("--count", 20, "--seed", 7)


def test_one_line_says_that_it_has_no_standard_error(sensitivity):
    found = json.loads(sensitivity("--count", 1)[1])
    missing = [name for name, value in found["values"].items() if value is None]
    assert len(missing) == 3
    assert found["notes"] == dict.fromkeys(missing, "not defined on these sentences")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--points", "1"], "--points: 1 is not a number of at least 2"),
        (["--count", "0"], "--count: 0 is not a number of at least 1"),
        (["--seed", "-1"], "--seed: -1 is not a number of at least 0"),
        (["--longest", "0"], "--longest: 0 is not a number of at least 1"),
        (["--lines", "gone.npy"], "gone.npy: no such file (`textvae codes` makes it)"),
        (["--lines", "wide.npy"], "wide.npy: codes of 5 dimensions, the model has 4"),
    ],
)
def test_wrong_input_is_one_line_of_error(sensitivity, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    save_array(tmp_path / "wide.npy", line_ends(3, LATENT + 1, 1))
    assert sensitivity(*argv) == (1, "", f"textvae measure: {message}\n")


def test_a_number_of_lines_is_not_of_a_file(lines, sensitivity):
    with pytest.raises(SystemExit, match="2"):
        sensitivity("--lines", lines, "--count", 3)
