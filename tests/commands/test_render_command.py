"""`textvae render`: every registered exhibit, and one from a file outside the package."""

import json
import os
import subprocess
import sys

import pytest

from textvae.cli import main
from textvae.paper.exhibit import exhibits

COLUMNS = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
STARTS = {
    "tex": b"% Made by `textvae render ",
    "csv": b"",
    "html": b"<!DOCTYPE html>",
    "pdf": b"%PDF",
    "svg": b"<?xml",
    "png": b"\x89PNG",
}
CELL = {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1}
VALUES = {
    "rate-distortion": {"distortion_nats": 60.5, "rate_nats": 3.25},
    "posterior": {"logdetcov": -1.5, "active_units": 4, "moment_matched_kl": 2.0},
    "sensitivity": {"lines": 5, "codes": 7, "distinct_interpolation": 0.25},
    "syntax": {"npi.simple.p1": 0.5, "npi.simple.pairs": 9},
    "probe": {"npi.simple.grammatical_accuracy": 0.75, "npi.simple.items": 9},
}
GENERATED = {"fce": {"fce_nats": 87.1, "floor_nats": 60.25}, "description": {"mean_length": 9.5}}
OUTSIDE = '''
from textvae.paper.exhibit import TABLE, Rendered
from textvae.paper.render.table import Column, Line, Table
from textvae.registry import EXHIBITS


@EXHIBITS.register("rates", forms=TABLE, category="Tables", open=True, needs=["rate-distortion"])
def rates(inputs):
    """The 100% rates of all cells."""
    rows = inputs.rows()
    lines = tuple(Line(((row.model,), (f"{row.mean('rate_nats'):.1f}",))) for row in rows)
    columns = (Column("Model", "Model", "text"), Column("$R$", "<i>R</i>"))
    table = Table(inputs.name, inputs.caption, columns, (), (lines,), ())
    return Rendered((table,), data="R\\n3.25\\n")
'''


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """A made-up experiment of one cell: for each input of an exhibit the words of its flag."""
    monkeypatch.chdir(tmp_path)
    lines = [
        f"cbt,lstm,3,1,{text},{measurement},test,100,{metric},{value}\n"
        for text, measured in ((",", VALUES), ("greedy,1", GENERATED))
        for measurement, values in measured.items()
        for metric, value in values.items()
    ]
    (tmp_path / "measurements.csv").write_text(COLUMNS + "".join(lines))
    (tmp_path / "nothing.csv").write_text(COLUMNS)
    (tmp_path / "replicates.csv").write_text(
        "corpus,model,C,seed,decoding,copy,measurement,metric,replicates\n"
        "cbt,lstm,3,1,,,rate-distortion,distortion_nats,60 61\n"
    )
    config = {
        "cell": CELL,
        "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
        "training": {"recipe": {"objective": "rate-target", "beta": 1.0, "epochs": 1}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "training.jsonl").write_text(
        '{"step": 1, "epoch": 1.0, "C": 3.0, "D": 61.5, "R": 2.5}\n'
        '{"step": 1, "epoch": 1.0, "split": "valid", "D": 62.5, "R": 2.75}\n'
    )
    (tmp_path / "homotopy.json").write_text(
        json.dumps({"cell": CELL, "decodings": {"greedy": ["it is .", "it is .", "was it ?"]}})
    )
    splits = {split: {"sentences": 10} for split in ("train", "valid", "test")}
    statistics = {"name": "cbt", "vocabulary": {"reached": 9}, "splits": splits}
    (tmp_path / "statistics.json").write_text(json.dumps(statistics))
    return {
        "measurements": ["measurements.csv"],
        "bootstrap": ["replicates.csv"],
        "configs": ["config.json"],
        "homotopies": ["homotopy.json"],
        "records": ["training.jsonl"],
        "sizes": ["statistics.json"],
        "stand_ins": ["wiki/lstm/C3=cbt/lstm/C3"],
    }


def render(name, inputs, caption="A <caption> & more", **changed):
    """Run the command; its exit status, and the files that it was to write."""
    exhibit = exhibits()[name]
    argv = ["render", name, f"--caption={caption}"]
    for what in exhibit.reads:
        argv += [f"--{what.replace('_', '-')}", *changed.get(what, inputs[what])]
    for form in exhibit.forms:
        argv += [f"--{form}", f"out.{form}"]
    return main(argv), {form: f"out.{form}" for form in exhibit.forms}


@pytest.mark.parametrize("name", sorted(exhibits()))
def test_it_is_rendered_in_all_its_forms(experiment, tmp_path, name):
    status, files = render(name, experiment)
    assert status == 0
    contents = {form: (tmp_path / path).read_bytes() for form, path in files.items()}
    for form, content in contents.items():
        assert content.startswith(STARTS[form])
        assert content
    if "tex" in contents:
        assert contents["tex"].startswith(f"% Made by `textvae render {name}`. Needs ".encode())
        assert rb"A \textless{}caption\textgreater{} \& more" in contents["tex"]
        assert b"A &lt;caption&gt; &amp; more" in contents["html"]
    assert {path.name for path in tmp_path.glob("*out*")} == set(files.values())


@pytest.mark.parametrize(
    "name", sorted(name for name, one in exhibits().items() if one.scope == "own")
)
def test_it_refuses_missing_measurements_in_a_line(experiment, tmp_path, capsys, name):
    status, _ = render(name, experiment, measurements=["nothing.csv"])
    assert status == 1
    error = capsys.readouterr().err
    assert error.startswith(f"textvae render {name}: nothing.csv: holds no ")
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("name", sorted(exhibits()))
def test_it_refuses_files_that_are_missing_in_a_line(experiment, tmp_path, capsys, name):
    for what in exhibits()[name].reads:
        if what != "stand_ins":
            missing = f"gone/{experiment[what][0]}"
            assert render(name, experiment, **{what: [missing]})[0] == 1
            error = capsys.readouterr().err
            assert error.startswith(f"textvae render {name}: gone/")
            assert error.endswith("no such file\n")
            assert error.count("\n") == 1
    assert not list(tmp_path.glob("*out*"))


def test_one_form_may_be_asked_for_but_not_none(experiment, tmp_path, capsys):
    argv = ["render", "table1", "--measurements", "measurements.csv", "--caption", "A caption"]
    assert main([*argv, "--html", "out.html"]) == 0
    assert [path.name for path in tmp_path.glob("*out*")] == ["out.html"]
    assert main(argv) == 1
    assert capsys.readouterr().err == (
        "textvae render table1: no file to write, expected at least one of --tex, --csv, --html\n"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("table1", "table2", "table3", "table4", "section3_2", "collapse"),
        *("figure1", "curves", "comparison", "claims"),
    ],
)
def test_the_commands_of_earlier_versions_name_the_new(capsys, name):
    assert main([name, "--measurements", "measurements.csv"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"textvae {name}: ")
    assert f"`textvae render {name}`" in error
    assert error.count("\n") == 1


def textvae(program, *argv, **environment):
    """Run Python with the package in a process of its own."""
    command = [sys.executable, "-c", program, *argv]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def test_an_exhibit_from_a_file_outside_the_package(experiment, tmp_path):
    (tmp_path / "outside.py").write_text(OUTSIDE)
    run = "import sys; from textvae.cli import main; sys.exit(main(sys.argv[1:]))"
    outside = {"TEXTVAE_EXTENSIONS": str(tmp_path / "outside.py")}
    assert "The 100% rates of all cells" in textvae(run, "render", "--help", **outside).stdout
    argv = ["render", "rates", "--name", "rates-mine", "--caption", "Rates"]
    argv += ["--measurements", "measurements.csv", "--tex", "r.tex", "--csv", "r.csv"]
    done = textvae(run, *argv, "--html", "r.html", **outside)
    assert (done.returncode, done.stderr) == (0, "")
    tex = (tmp_path / "r.tex").read_text()
    assert tex.startswith("% Made by `textvae render rates`. ")
    assert r"\label{tab:rates-mine}" in tex
    assert "lstm & 3.2" in tex
    assert (tmp_path / "r.csv").read_text() == "R\n3.25\n"


OBJECTIVE = """
from textvae.registry import OBJECTIVES
from textvae.settings import Settings


@OBJECTIVES.register("free-bits", title="free bits", uses_C={uses_C})
class FreeBits:
    'No weight beta.'

    class Settings(Settings):
        'None.'
"""


@pytest.mark.parametrize("uses_C", [True, False])
@pytest.mark.parametrize("name", ["curves", "collapse", "claims"])
def test_an_objective_from_outside_is_shown_and_named(experiment, tmp_path, name, uses_C):
    (tmp_path / "outside.py").write_text(OBJECTIVE.format(uses_C=uses_C))
    config = json.loads((tmp_path / "config.json").read_text())
    config["training"]["recipe"] = {"objective": "free-bits", "epochs": 1}
    (tmp_path / "config.json").write_text(json.dumps(config))
    run = "import sys; from textvae.cli import main; sys.exit(main(sys.argv[1:]))"
    argv = ["render", name, "--caption", "A caption"]
    for what in exhibits()[name].reads:
        argv += [f"--{what}", *experiment[what]]
    form = exhibits()[name].forms[-1]
    argv += [f"--{form}", f"out.{form}"]
    done = textvae(run, *argv, TEXTVAE_EXTENSIONS=str(tmp_path / "outside.py"))
    assert (done.returncode, done.stderr) == (0, "")
    if name == "collapse":
        page = (tmp_path / f"out.{form}").read_text()
        assert "free bits</td><td></td>" in page


def test_an_objective_that_nobody_registered_is_a_line(experiment, tmp_path, capsys):
    config = json.loads((tmp_path / "config.json").read_text())
    config["training"]["recipe"]["objective"] = "free-bits"
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert render("curves", experiment)[0] == 1
    assert capsys.readouterr().err == (
        "textvae render curves: config.json: not the configuration of a model ('objective': got"
        " 'free-bits', expected one of elbo, rate-target)\n"
    )


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ('category="Tables"', "the exhibit 'mine' has no forms, expected some of csv, html, pdf,"),
        ('forms=["tex"], category="Table"', "'mine' has an unknown category: 'Table'"),
        ('forms=["doc"], category="Tables"', "'mine' has an unknown form: 'doc'"),
        ('forms=["tex"], category="Tables", need=["posterior"]', "an unknown fact: 'need'"),
    ],
)
def test_facts_that_are_wrong_are_a_line(tmp_path, facts, message):
    path = tmp_path / "outside.py"
    path.write_text(
        "from textvae.registry import EXHIBITS\n"
        f"@EXHIBITS.register('mine', {facts})\n"
        "def mine(inputs):\n    '''Mine.'''\n"
    )
    run = "import sys; from textvae.cli import main; sys.exit(main(sys.argv[1:]))"
    done = textvae(run, "render", "table1", TEXTVAE_EXTENSIONS=str(path))
    assert message in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_planning_and_tables_load_neither_torch_nor_matplotlib():
    program = (
        "import sys\n"
        "from textvae.paper.exhibit import exhibits\n"
        "import textvae.paper.render.latex, textvae.paper.render.html\n"
        "assert exhibits()\n"
        "sys.exit(bool({'torch', 'matplotlib'} & set(sys.modules)))\n"
    )
    assert textvae(program).returncode == 0
