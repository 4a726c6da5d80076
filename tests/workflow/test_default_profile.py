"""The default profile: targets after a flag that takes several words are refused in one line."""

import pytest
from snakemake.profiles import ProfileConfigFileParser

from workflow_copy import ROOT

PROFILE = ROOT / "profiles/default/config.yaml"


def settings(monkeypatch, *words):
    """Return the settings of the profile as Snakemake reads them on a command line."""
    monkeypatch.setattr("sys.argv", ["snakemake", *words])
    with PROFILE.open() as file:
        return ProfileConfigFileParser().parse(file)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("own.yaml", "own", "own.tex"):
        (tmp_path / name).touch()
    (tmp_path / "results").mkdir()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (
            "--configfile own.yaml table1.tex",
            ["--configfile: got table1.tex", "snakemake table1.tex"],
        ),
        ("-n --configfiles own.yaml own.tex --cores 2", ["--configfiles: got own.tex"]),
        ("--configfile own.yaml all", ["got all"]),
        ("--configfile results", ["got results"]),
        ("--configfile gone.yaml", ["--configfile: no such file: gone.yaml"]),
        ("--configfile=gone.yaml", ["--configfile: no such file: gone.yaml"]),
        ("--config device=cpu table1.tex", ["--config: got table1.tex", "KEY=VALUE"]),
        ("-C device=cpu table1.tex", ["-C: got table1.tex"]),
    ],
)
def test_target_after_configfile_is_refused_in_one_line(monkeypatch, words, parts):
    with pytest.raises(SystemExit) as stop:
        settings(monkeypatch, *words.split())
    line = stop.value.code
    assert "\n" not in line
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    "words",
    [
        "table1.tex --configfile own.yaml own --cores 2",
        "--configfile own.yaml -- table1.tex",
        "--configfile=own.yaml table1.tex",
        "--configfile /dev/null",
        "table1.tex --config device=cpu threads=2",
        "",
    ],
)
def test_targets_elsewhere_are_accepted(monkeypatch, words):
    assert settings(monkeypatch, *words.split())["resources"] == ["gpu=1", "turn=1"]
