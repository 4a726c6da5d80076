"""What holds for every registered measurement: its command, its JSON, what it refuses."""

import json
import math
import subprocess
import sys

import pytest

from one_by_one import LATENT, VOCABULARY, lively_model
from pairs_of_words import random_pairs
from textvae.cli import main
from textvae.corpora.encoded import save_array
from textvae.corpora.minimal_pairs import write_pairs
from textvae.errors import InputError
from textvae.generation.codes import line_ends
from textvae.io import write_json
from textvae.measurements import KINDS, measured_on
from textvae.models import language_model, saved
from textvae.paper.measurements import read_measurement, read_replicates
from textvae.registry import MEASUREMENTS, Declaration
from tiny import tiny_corpus
from tiny_language_model import lively_language_model, round_dance, write

TRAINED = lively_model()
# What each kind of subject is given; paths are below the folder of the test.
GIVEN = {
    "split": {"model": "model", "corpus": "corpus"},
    "lines": {"model": "model", "lines": "lines.npy"},
    "text": {"text": "text.txt", "report": "text.json"},
    "fce": {
        "text": "text.txt",
        "report": "text.json",
        "corpus": "corpus",
        "synthetic-lstm": "speaker",
        "real-lstm": "speaker",
        "synthetic-kneser-ney": "none.arpa",
        "real-kneser-ney": "none.arpa",
    },
    "pairs": {"model": "model", "pairs": "pairs.tsv"},
}
# Settings that keep a test short.
SHORT = {"likelihood": ["--samples", "2"]}
NAMES = [name for kind in KINDS for name in measured_on(kind)]
KIND = {name: kind for kind in KINDS for name in measured_on(kind)}
REPLICATED = [
    name
    for name in NAMES
    if any(one.name == "bootstrap" for one in MEASUREMENTS.declared()[name].specs)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a subject of each kind."""
    place = tmp_path_factory.mktemp("place")
    saved.save(place / "model", TRAINED, {})
    tiny_corpus(place / "corpus", sentences=40)
    tiny_corpus(place / "small", sentences=1)
    save_array(place / "lines.npy", line_ends(4, LATENT, 1))
    write(place / "text.txt", round_dance(30))
    report = {"cell": TRAINED.cell.as_dict(), "decoding": "greedy", "copy": 2}
    write_json(place / "text.json", report | {"cut": 1, "longest": 8})
    language_model.save(place / "speaker", lively_language_model(), VOCABULARY, {})
    (place / "none.arpa").write_text("not built\n")
    write_pairs(place / "pairs.tsv", random_pairs(30))
    return place


@pytest.fixture
def measure(place, capsys):
    """Run a measurement on its subject, some of whose files may be others."""

    def run(name, *flags, **changes):
        given = GIVEN[KIND[name]] | {key.replace("_", "-"): path for key, path in changes.items()}
        argv = [word for key, path in given.items() for word in (f"--{key}", str(place / path))]
        status = main(["measure", name, *argv, *SHORT.get(name, []), *map(str, flags)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_every_kind_of_subject_has_a_measurement():
    assert set(KIND.values()) == set(KINDS)
    assert sorted(NAMES) == sorted(MEASUREMENTS.names())


@pytest.mark.parametrize("name", NAMES)
def test_it_writes_what_can_be_gathered(measure, tmp_path, name):
    path = tmp_path / "new/measured.json"
    assert measure(name, "--output", path) == (0, "", "")
    content = json.loads(path.read_text())
    assert content["cell"] == TRAINED.cell.as_dict()
    assert content["measurement"] == name
    assert content["sentences"] > 0
    declared = {one.name: one.default for one in MEASUREMENTS.declared()[name].specs}
    assert content["settings"] == declared | ({"samples": 2} if name in SHORT else {})
    missing = {metric for metric, value in content["values"].items() if value is None}
    assert all(math.isfinite(value) for value in content["values"].values() if value is not None)
    # What has no value has a note.
    assert missing <= content["notes"].keys()
    of_text = KIND[name] in ("text", "fce")
    assert (content.get("decoding"), content.get("copy")) == (
        ("greedy", 2) if of_text else (None, None)
    )
    rows = {row.metric: row.value for row in read_measurement(path)}
    assert rows.keys() == content["values"].keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_the_same_without_an_output(measure, tmp_path, name):
    measure(name, "--output", tmp_path / "measured.json")
    status, out, err = measure(name)
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "measured.json").read_text())


@pytest.mark.parametrize("name", REPLICATED)
def test_replicates_are_of_its_values_where_they_are_asked_for(measure, tmp_path, name):
    plain = json.loads(measure(name)[1])
    assert "bootstrap" not in plain
    path = tmp_path / "measured.json"
    assert measure(name, "--bootstrap", 5, "--output", path) == (0, "", "")
    content = json.loads(path.read_text())
    assert content["values"] == plain["values"]
    assert set() < content["bootstrap"].keys() <= content["values"].keys()
    assert all(len(values) == 5 for values in content["bootstrap"].values())
    gathered = {row.metric: list(row.values) for row in read_replicates(path)}
    assert gathered == content["bootstrap"]
    # What has no value has no replicates.
    assert all(content["values"][metric] is not None for metric in content["bootstrap"])
    # People can still read the file: a line for each metric.
    lines = [line.strip() for line in path.read_text().splitlines()]
    for metric in content["bootstrap"]:
        (line,) = [line for line in lines if line.startswith(f'"{metric}": [')]
        assert line.count(",") >= 4


@pytest.mark.parametrize(("name", "given"), [(n, g) for n in NAMES for g in GIVEN[KIND[n]]])
def test_what_is_not_there_is_refused_in_a_line(measure, place, name, given):
    status, out, err = measure(name, **{given: "gone"})
    assert (status, out) == (1, "")
    assert f"{place}/gone" in err
    assert err.startswith("textvae measure: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", measured_on("split"))
def test_one_sentence_is_refused_in_a_line(measure, place, name):
    message = f"{place}/small: at least 2 sentences are needed, found 1"
    assert measure(name, corpus="small") == (1, "", f"textvae measure: {message}\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_out_of_bounds_is_refused_in_a_line(measure, name):
    bounded = [one for one in MEASUREMENTS.declared()[name].specs if one.ge is not None]
    assert bounded
    for one in bounded:
        status, out, err = measure(name, one.flag, int(one.ge) - 1)
        assert (status, out) == (1, "")
        assert err.startswith(f"textvae measure: {one.flag}: {int(one.ge) - 1} is not a number")
        assert err.count("\n") == 1
    for one in MEASUREMENTS.declared()[name].specs:
        if one.le is not None:
            beyond = int(one.le) + 1
            said = f"{one.flag}: {beyond} is not a number from {one.ge} to {one.le}"
            assert measure(name, one.flag, beyond) == (1, "", f"textvae measure: {said}\n")


@pytest.mark.parametrize("name", NAMES)
def test_its_further_texts_are_files(measure, tmp_path, name):
    for text in MEASUREMENTS.declared()[name].facts.get("texts", {}):
        status, _, err = measure(name, f"--{text}", tmp_path / text)
        assert (status, err) == (0, "")
        assert (tmp_path / text).read_text().endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_help_names_its_settings(capsys, name):
    with pytest.raises(SystemExit) as stop:
        main(["measure", name, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert all(one.flag in out for one in MEASUREMENTS.declared()[name].specs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("evaluate", "measure"), ("describe", "measure description"), ("fce", "measure fce")),
        *(("syntax", "measure syntax"), ("probe", "measure probe")),
        ("sensitivity", "measure sensitivity"),
    ],
)
def test_an_earlier_command_names_the_one_in_its_place(capsys, old, new):
    assert main([old, "--model", "model"]) == 2
    said = f"this command is now `textvae {new}`; `textvae {new} --help` lists its flags"
    assert capsys.readouterr() == ("", f"textvae {old}: {said}\n")


def test_a_measurement_of_no_known_kind_is_named(monkeypatch):
    wrong = Declaration("measurement", "odd", "", "odd.py", facts={"of": "weather"})
    monkeypatch.setattr(MEASUREMENTS, "declared", lambda: {"odd": wrong})
    with pytest.raises(InputError, match=r"^odd\.py: the measurement 'odd' is of 'weather', exp"):
        measured_on("split")


OWN = '''
import numpy as np

from textvae.measurements.report import replicates_setting
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting
from textvae import bootstrap


class LengthSettings(Settings):
    """How lengths are measured."""

    {setting}: int = setting(1, "added to each length", ge=0)
    bootstrap: int = replicates_setting()


@MEASUREMENTS.register(
    "mean-length", of="split", summary="words of a sentence", settings=LengthSettings
)
def measure(trained, sentences, settings):
    lengths = np.asarray(sentences.lengths, dtype=float) + settings.{setting}
    values = {{"mean_length": float(lengths.mean())}}
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated_means(
            {{"mean_length": lengths}}, settings.bootstrap
        )
    return values
'''


@pytest.fixture
def extended(place, tmp_path):
    """Run `textvae` with an extension, in a process of its own."""

    def run(source, *argv):
        (tmp_path / "own.py").write_text(source)
        environment = {
            "TEXTVAE_EXTENSIONS": str(tmp_path / "own.py"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        return subprocess.run(
            [sys.executable, "-m", "textvae.cli", *map(str, argv)],
            env=environment,
            cwd=place,
            capture_output=True,
            text=True,
        )

    return run


def test_a_measurement_of_ones_own_is_measured_by_the_command(extended, tmp_path):
    source = OWN.format(setting="more")
    path = tmp_path / "measured.json"
    argv = ["measure", "mean-length", "--model", "model", "--corpus", "corpus", "--more", 2]
    done = extended(source, *argv, "--bootstrap", 3, "--output", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    content = json.loads(path.read_text())
    assert (content["measurement"], content["sentences"]) == ("mean-length", 40)
    assert content["settings"] == {"more": 2, "bootstrap": 3}
    assert 3 < content["values"]["mean_length"] < 10
    assert len(content["bootstrap"]["mean_length"]) == 3


def test_a_setting_with_the_name_of_another_flag_is_refused_in_a_line(extended, tmp_path):
    done = extended(OWN.format(setting="corpus"), "measure", "posterior", "--help")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"textvae measure: {tmp_path}/own.py: mean-length: ")
    assert done.stderr.count("\n") == 1
