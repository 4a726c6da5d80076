"""The default profile: what Snakemake would misread of the configuration is refused in one line."""

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
        (tmp_path / name).write_text("device: cpu\n")
    (tmp_path / "paths.yaml").write_text("pathvars: {results: 3}\n")
    (tmp_path / "tab.yaml").write_text("models:\n\ttiny: {}\n")
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
        # Of these Snakemake takes the last.
        ("--config threads=1 threads=2", ["--config: the key 'threads'", "twice"]),
        ("--config threads=1 -C device=cpu", ["-C: given twice"]),
        ("-Cthreads=1 -Cdevice=cpu", ["-C: given twice"]),
        ("-Cmodels.tiny.hidden=3", ["-C: 'models.tiny.hidden'", "--configfile"]),
        ("-C=pathvars=results/x", ["-C: pathvars:", "'results/x'"]),
        ("--configfile own.yaml --configfiles own", ["--configfiles: given twice"]),
        ('--config models={"a":{"b":1,"b":2}}', ["--config models.a:", "'b'"]),
        # Of these it names neither key nor line.
        ("--config models.tiny.hidden=3", ["'models.tiny.hidden'", "--configfile"]),
        ("--config pathvars=results/x", ["--config: pathvars:", "'results/x'"]),
        ("--config pathvars={results:[x]}", ["pathvars:", "expected a mapping"]),
        ("--configfile paths.yaml", ["paths.yaml: pathvars.results: got 3"]),
        ("--configfile own.yaml tab.yaml", ["tab.yaml, line 2, column 1", "spaces"]),
    ],
)
def test_wrong_configuration_on_the_command_line_is_refused_in_one_line(monkeypatch, words, parts):
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
        "--configfile own.yaml own --config models={a:{b:1}}",
        "table1.tex --config device=cpu threads=2",
        "-Cdevice=cpu table1.tex",
        "",
    ],
)
def test_targets_elsewhere_are_accepted(monkeypatch, words):
    assert settings(monkeypatch, *words.split())["resources"] == ["gpu=1", "turn=1"]
