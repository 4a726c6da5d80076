"""`textvae render`: the contract of every registered exhibit."""

import json
import os
import subprocess
import sys

import pytest

from textvae.cli import main
from textvae.errors import InputError
from textvae.paper.exhibit import exhibit_of, exhibits, exhibits_of
from textvae.registry import EXHIBITS, Declaration

EXHIBIT = exhibits()
OWN = [name for name, exhibit in EXHIBIT.items() if exhibit.scope == "own"]
READ = [
    (name, what)
    for name, exhibit in EXHIBIT.items()
    for what in exhibit.reads
    if what != "training_costs"
]

HOSTILE = r"<script>\input{x}</script> & 50%"
CAPTION = f"A caption: {HOSTILE}"
IN_TEX = r"\textless{}script\textgreater{}\textbackslash{}input\{x\}\textless{}/script"
IN_HTML = r"&lt;script&gt;\input{x}&lt;/script&gt; &amp; 50%"
STARTS = {"tex": b"% Made by `", "csv": b"", "html": b"<!DOCTYPE html>"}
STARTS |= {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}
HEAD = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
CELL = {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1}
VALUES = {
    "rate-distortion": {"distortion_nats": 60.5, "rate_nats": 3.25},
    "posterior": {"logdetcov": -1.5, "active_units": 4, "moment_matched_kl": 2.0},
    "sensitivity": {"lines": 5, "codes": 7, "distinct_interpolation": 0.25},
    "syntax": {f"{HOSTILE}.p1": 0.5, "npi.simple.p1": 0.5, "npi.simple.pairs": 9},
    "probe": {f"{HOSTILE}.items": 3, "npi.simple.grammatical_accuracy": 0.75},
}
GENERATED = {"fce": {"fce_nats": 87.1, "floor_nats": 60.25}, "description": {"mean_length": 9.5}}
# Exhibit -> what its CSV and HTML must contain.
LINES = {
    "table1": ("cbt,lstm,3,distortion_nats,60.5,1,,100,62,-1.5\n", "<td>60.5</td><td>3.2</td>"),
    "table2": ("cbt,lstm,3,1,greedy,1,it is .,1\n", f'<td class="prose">{IN_HTML}</td>'),
    "table3": ("cbt,lstm,3,greedy,fce_nats,87.1,1,1,,100,86.6,0.5\n", "<td>87.1</td>"),
    "table4": ("cbt,lstm,3,npi.simple.p1,0.5,1,,100,,\n", f"{IN_HTML}</td><td>0.50</td>"),
    "probe": ("cbt,lstm,3,npi.simple,grammatical,0.75,1,,,,\n", f"{IN_HTML}</td><td>–</td>"),
    "section3_2": ("cbt,lstm,3,moment_matched_kl,2,1,,100,,\n", "<td>2.00</td>"),
    "collapse": ("cbt,lstm,3,LSTM-LSTM,rate-target,1,1,60.5,,3.25,", "<td>60.5</td><td>3.2</td>"),
    "sensitivity": ("cbt,lstm,3,1,interpolation,5,7,0.25,,\n",),
    "figure1": ("\ncbt,lstm,3,1,3.25,,60.5,,-1.5,,,4,,,true,",),
    # The corpus and the model have only the names of the paper's.
    "comparison": (",62,60.5,cbt/lstm/C3,1,", "train sentences 10, the paper", "hidden 8, the"),
    "claims": ("one seed; 2 resamples of 100", "one seed; 2 resamples of 100"),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """For each input of an exhibit its arguments: files of one cell."""
    folder = tmp_path_factory.mktemp("inputs")
    lines = [
        f"cbt,lstm,3,1,{text},{measurement},test,100,{metric},{value}\n"
        for text, measured in ((",", VALUES), ("greedy,1", GENERATED))
        for measurement, values in measured.items()
        for metric, value in values.items()
    ]
    recipe = {"objective": "rate-target", "beta": 1.0, "epochs": 1}
    architecture = {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4}
    config = {"cell": CELL, "architecture": architecture, "training": {"recipe": recipe}}
    sentences = {"greedy": ["it is .", "it is .", "was it ?"], HOSTILE: ["", "a", HOSTILE]}
    splits = {split: {"sentences": 10} for split in ("train", "valid", "test")}
    statistics = {"name": "cbt", "vocabulary": {"reached": 9}, "splits": splits}
    contents = {
        "measurements.csv": HEAD + "".join(lines),
        "replicates.csv": "corpus,model,C,seed,decoding,copy,measurement,metric,replicates\n"
        "cbt,lstm,3,1,,,rate-distortion,rate_nats,3.2 3.3\n",
        "config.json": json.dumps(config),
        "homotopy.json": json.dumps({"cell": CELL, "decodings": sentences}),
        "training.jsonl": '{"epoch": 1.0, "C": 3.0, "D": 61.5, "R": 2.5}\n'
        '{"epoch": 1.0, "split": "valid", "D": 62.5, "R": 2.75}\n',
        "statistics.json": json.dumps(statistics),
        "empty.csv": HEAD,
        "other.json": json.dumps(config | {"cell": CELL | {"C": 15.0}}),
        "bad/config.json": json.dumps(config),
        "bad/training.jsonl": '{"',
    }
    choice = {"corpus": "cbt", "model": "lstm", "seed": 1, "by": "information", "C": 3.0}
    choice |= {"status": "reached", "cost_in_trainings": 2, "reason": HOSTILE}
    contents["auto/choice.json"] = json.dumps(choice)
    for name in ("bad", "auto"):
        (folder / name).mkdir()
    for name, content in contents.items():
        (folder / name).write_text(content)
    names = ("measurements", "bootstrap", "configs", "homotopies", "records", "sizes")
    files = dict(zip(names, map(folder.joinpath, contents), strict=False))
    files |= {"stand_ins": "wiki/lstm/C3=cbt/lstm/C3", "training_costs": folder / "costs"}
    return files | {"choices": folder / "auto/choice.json"}


@pytest.fixture
def render(inputs, tmp_path, capsys):
    """A function that runs the command and returns its status, error message and files by form.

    changes: another argument for an input, or None to leave its flag out.
    """

    def run(name, *more, folder="out", **changes):
        exhibit = EXHIBIT[name]
        files = {form: tmp_path / folder / f"file.{form}" for form in exhibit.forms}
        argv = ["render", name, f"--caption={CAPTION}", *more]
        for what in exhibit.reads:
            if (argument := changes.get(what, inputs[what])) is not None:
                argv += [f"--{what.replace('_', '-')}", str(argument)]
        for form, path in files.items():
            argv += [f"--{form}", str(path)]
        try:
            status = main(argv)
        except SystemExit as raised:
            status = raised.code
        return status, capsys.readouterr().err, files

    return run


def refusal(result, tmp_path, name):
    """Check that a command gave one line of error and left no file; return the line."""
    status, error, _ = result
    assert status == 1
    assert error.startswith(f"textvae render {name}: ")
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())
    return error


@pytest.mark.parametrize("name", EXHIBIT)
def test_exhibit_writes_its_forms(render, tmp_path, name):
    """Nothing else, the same bytes twice, with our numbers and every text escaped."""
    status, error, files = render(name)
    assert (status, error) == (0, "")
    assert sorted((tmp_path / "out").iterdir()) == sorted(files.values())
    contents = {form: path.read_bytes() for form, path in files.items()}
    _, _, again = render(name, folder="again")
    assert {form: path.read_bytes() for form, path in again.items()} == contents
    for form, content in contents.items():
        assert content
        assert content.startswith(STARTS[form])
    in_csv, *in_html = LINES.get(name, ("",))
    assert in_csv in contents.get("csv", b"").decode()
    assert all(part in contents["html"].decode() for part in in_html)
    # Text generated from a cell is shown by Table 3, and by the choices of C beside all else.
    if name in OWN and name != "automatic-C":
        other = b",rate_nats," if name == "table3" else b",fce_nats,"
        assert other not in contents["csv"]
        assert name != "figure1" or contents["csv"].count(b"\n") == 2
    if "tex" in contents:
        tex, page = contents["tex"].decode(), contents["html"].decode()
        assert tex.startswith(f"% Made by `textvae render {name}`. Needs ")
        assert IN_TEX in tex.replace(r"\hspace{0pt}", "")
        assert r"\input" not in tex
        assert f"A caption: {IN_HTML}</caption>" in page
        assert "<script" not in page
    if "svg" in contents:
        assert f"A caption: {IN_HTML}</title>" in contents["svg"].decode()


@pytest.mark.parametrize(("name", "what"), READ)
def test_faulty_input_is_refused_by_name(render, inputs, tmp_path, name, what):
    """A file that is missing, or not of the format; nothing is written."""
    if what == "stand_ins":
        assert "'cbt'" in refusal(render(name, stand_ins="cbt"), tmp_path, name)
        return
    folder = inputs["measurements"].parent
    gone, malformed = (folder / f"{file}/training.jsonl" for file in ("gone", "bad"))
    assert f"{gone.parent}/" in refusal(render(name, **{what: gone}), tmp_path, name)
    error = refusal(render(name, **{what: malformed}), tmp_path, name)
    assert str(malformed) in error
    assert "line 1" in error


@pytest.mark.parametrize("name", EXHIBIT)
def test_measurements_without_rows_or_config_are_refused(render, inputs, tmp_path, name):
    """No measurement at all, or the configuration of another cell."""
    if name in OWN:
        path = inputs["measurements"].with_name("empty.csv")
        assert f"{path}: contains no " in refusal(render(name, measurements=path), tmp_path, name)
    if "configs" in EXHIBIT[name].reads:
        other = inputs["configs"].with_name("other.json")
        error = refusal(render(name, configs=other), tmp_path, name)
        assert "cbt/lstm/C3/seed1: " in error
        assert "config.json" in error


def of_training(inputs, folder, weights, **changes):
    """Write the inputs of the cell again, as those of a training with these weights."""
    tables = {"measurements": ",100,", "bootstrap": ",rate-distortion,"}
    for what, before in tables.items():
        lines = inputs[what].read_text().replace(",metric,", ",weights,metric,")
        (folder / f"{weights}.{what}").write_text(lines.replace(before, f"{before}{weights},"))
    for what in ("configs", "homotopies"):
        content = json.loads(inputs[what].read_text()) | {"weights": weights} | changes
        (folder / f"{weights}.{what}").write_text(json.dumps(content))
    return {what: folder / f"{weights}.{what}" for what in (*tables, "configs", "homotopies")}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *(("claims", "bootstrap"), ("claims", "configs")),
        *(("collapse", "configs"), ("table2", "homotopies")),
    ],
)
def test_files_of_another_training_are_refused(
    render, inputs, tmp_path_factory, tmp_path, name, what
):
    folder = tmp_path_factory.mktemp("trainings")
    one, other = (of_training(inputs, folder, weights) for weights in ("aaa", "bbb"))
    mixed = one | {what: other[what]}
    given = {what: mixed[what] for what in EXHIBIT[name].reads if what in mixed}
    error = refusal(render(name, **given), tmp_path, name)
    assert f"{other[what]}: of another training of cbt/lstm/C3/seed1 than {folder}/aaa." in error
    # Files of earlier versions do not record their training.
    assert render(name, **(given | {what: inputs[what]}))[0] == 0


def test_records_of_another_training_are_refused(render, inputs, tmp_path_factory, tmp_path):
    """The config.json beside a record says of which training it is."""
    folder = tmp_path_factory.mktemp("trainings")
    one, other = (of_training(inputs, folder, weights) for weights in ("aaa", "bbb"))
    record = folder / "run/training.jsonl"
    record.parent.mkdir()
    record.write_text(inputs["records"].read_text())
    for given, refused in ((other, True), (one, False)):
        (folder / "run/config.json").write_text(given["configs"].read_text())
        reads = EXHIBIT["frontier-table"].reads
        done = render(
            "frontier-table", **{what: one[what] for what in reads if what in one}, records=record
        )
        assert (done[0] != 0) == refused
        assert ("run/config.json: of another training of" in str(done)) == refused


def test_files_of_another_cell_or_text_are_refused(render, inputs, tmp_path_factory, tmp_path):
    folder = tmp_path_factory.mktemp("others")
    for name, what in (("claims", "bootstrap"), ("table2", "homotopies")):
        other = folder / what
        text = inputs[what].read_text().replace("lstm,3,", "lstm,15,").replace(": 3.0", ": 15.0")
        other.write_text(text)
        error = refusal(render(name, **{what: other}), tmp_path, name)
        assert f"{other}: " in error
        assert "cbt/lstm/C15/seed1" in error
        assert "--measurements" in error
    config = json.loads(inputs["configs"].read_text())
    config["training"]["corpus"], config["vocabulary"] = "0" * 64, {"sha256": "1" * 64}
    statistics = json.loads(inputs["sizes"].read_text())
    for split in statistics["splits"].values():
        split["sha256"] = "2" * 64
    for file, content in (("config.json", config), ("sizes", statistics)):
        (folder / file).write_text(json.dumps(content))
    config["cell"]["C"], config["training"]["corpus"] = 15.0, "3" * 64
    (folder / "C15.json").write_text(json.dumps(config))
    given = {"configs": folder / "config.json", "sizes": folder / "sizes"}
    both = ("--configs", str(folder / "config.json"), str(folder / "C15.json"))
    error = refusal(render("claims", *both, configs=None, sizes=None), tmp_path, "claims")
    assert f"{folder}/C15.json: " in error
    assert f"{folder}/config.json" in error
    # A homotopy and a table of measurements of the third text.
    homotopy = json.loads(inputs["homotopies"].read_text())
    (folder / "table2.json").write_text(json.dumps(homotopy | {"corpus_sha256": "3" * 64}))
    table = inputs["measurements"].read_text().replace(",metric,", ",corpus_sha256,metric,")
    (folder / "table.csv").write_text(table.replace(",100,", f",100,{'0' * 12},"))
    (folder / "other").mkdir()
    choice = json.loads(inputs["choices"].read_text()) | {"corpus_sha256": "3" * 64}
    (folder / "other/choice.json").write_text(json.dumps(choice))
    mixed = {"choices": folder / "other/choice.json", "measurements": folder / "table.csv"}
    error = refusal(render("automatic-C", **mixed), tmp_path, "automatic-C")
    assert f"{folder}/other/choice.json: of another text" in error
    # C was chosen for a wider model.
    choice = json.loads(inputs["choices"].read_text())
    hidden = config["architecture"]["hidden"]
    choice["architecture"] = config["architecture"] | {"hidden": hidden + 1}
    (folder / "other/choice.json").write_text(json.dumps(choice))
    wider = {"choices": folder / "other/choice.json"}
    error = refusal(render("automatic-C", **wider), tmp_path, "automatic-C")
    named = f"choice.json: chosen for a model lstm with hidden {hidden + 1}, but "
    assert f"{named}{inputs['configs']} has {hidden};" in error
    mixed = {"homotopies": folder / "table2.json", "measurements": folder / "table.csv"}
    error = refusal(render("table2", **mixed), tmp_path, "table2")
    assert f"{folder}/table2.json: of another text" in error
    error = refusal(render("claims", **given), tmp_path, "claims")
    assert f"{folder}/sizes: " in error
    assert f"{folder}/config.json" in error


def test_inputs_are_required_unless_the_whole_run_is_shown(render, tmp_path):
    for name, what in READ:
        if EXHIBIT[name].scope != "run":
            status, error, _ = render(name, **{what: None})
            assert status == 2
            assert f"--{what}" in error
    assert not list(tmp_path.iterdir())
    status, _, files = render("comparison", measurements=None, sizes=None, stand_ins=None)
    assert status == 0
    assert files["csv"].read_text().count(",not run,") == 433
    # Without a corpus of the paper the page is a single line.
    assert files["html"].read_text().count("<td") == 1


@pytest.mark.parametrize("name", [name for name in OWN if "tex" in EXHIBIT[name].forms])
def test_experiment_names_the_label(render, tmp_path, name):
    assert "'a}b'" in refusal(render(name, "--name", "a}b"), tmp_path, name)
    suffix = "-probe" if name == "probe" else ""
    for more, label in (((), EXHIBIT[name].family), (("--name", "mine-2"), "mine-2")):
        _, _, files = render(name, *more)
        assert rf"\label{{tab:{label}{suffix}}}" in files["tex"].read_text()


def test_one_form_is_enough_and_none_is_refused(inputs, tmp_path, capsys):
    argv = ["render", "table1", "--measurements", str(inputs["measurements"]), "--caption", "A"]
    assert main([*argv, "--html", str(tmp_path / "out.html")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--tex, --csv, --html" in error


def test_former_command_names_its_replacement(capsys):
    new = {"probe", "sensitivity", "frontier", "frontier-table", "automatic-C"}
    for name in set(EXHIBIT) - new:
        assert main([name, "--measurements", "measurements.csv"]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"textvae {name}: ")
        assert f"`textvae render {name}`" in error
        assert error.count("\n") == 1


def test_exhibits_of_an_experiment_with_their_files_and_labels():
    assert exhibit_of("table3-mine") == EXHIBIT["table3"]
    assert exhibit_of("collapse-mine") is exhibit_of("table10") is None
    assert {one.name for one in exhibits_of("table4-mine")} == {"table4", "curves", "probe"}
    assert [one.name for one in exhibits_of("table2")] == ["table2", "sensitivity"]
    assert [one.name for one in exhibits_of("mine")] == ["curves"]
    for name, experiment, *files in (
        ("probe", "table4-mine", "probe-mine", "probe-mine", "", "table"),
        ("table4", "table4-mine", "table4-mine", "4-mine", "", "table"),
        ("curves", "mine", "curves/mine", "mine", "Training curves: mine", "figure"),
        ("claims", "any", "claims", "claims", EXHIBIT["claims"].caption, "table"),
    ):
        one = EXHIBIT[name]
        shown = [one.stem(experiment), one.label_of(experiment), one.caption_of(experiment)]
        assert [*shown, one.kind] == files


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"forms": []}, "csv, html"),
        ({"category": "Table"}, "'Table'"),
        ({"forms": ["doc"]}, "'doc'"),
        ({"need": ["posterior"]}, "'need'"),
        ({"reads": ["text"]}, "'text'"),
        ({"uses": ["format"]}, "'format'"),
        ({"scope": "all"}, "'all'"),
    ],
)
def test_invalid_fact_of_an_exhibit_is_refused(monkeypatch, facts, named):
    facts = {"forms": ["tex"], "category": "Tables"} | facts
    mine = Declaration("exhibit", "mine", "Mine", "/outside.py", facts=facts)
    monkeypatch.setattr(EXHIBITS, "declared", lambda: {"mine": mine})
    with pytest.raises(InputError, match=r"^/outside\.py: .*'mine'") as error:
        exhibits()
    assert named in str(error.value)


def test_help_shows_summaries_with_percent_signs(monkeypatch, capsys):
    facts = {"forms": ["tex"], "category": "Tables"}
    mine = Declaration("exhibit", "mine", "The 100% rates", "/outside.py", facts=facts)
    monkeypatch.setattr(EXHIBITS, "declared", lambda: {"mine": mine})
    with pytest.raises(SystemExit, match="0"):
        main(["render", "--help"])
    assert "The 100% rates" in capsys.readouterr().out


OUTSIDE = """
from textvae.registry import OBJECTIVES
from textvae.settings import Settings


class FreeBits:
    "No weight beta."

    class Settings(Settings):
        "None."


OBJECTIVES.register("free-bits", title="free bits", uses_C=True)(FreeBits)
OBJECTIVES.register("no-target", title="no target", uses_C=False)(FreeBits)
"""
PROGRAM = """
import json, sys
from textvae.cli import main
for argv in json.loads(sys.argv[1]):
    assert main(argv) == 0
"""


def run_python(program, *argv, **environment):
    """Run a program in another process, without errors."""
    command, env = [sys.executable, "-c", program, *argv], os.environ | environment
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_objectives_from_another_file_are_shown(inputs, tmp_path):
    """All in one process: loading another file imports torch, which takes seconds."""
    (tmp_path / "outside.py").write_text(OUTSIDE)
    config = json.loads(inputs["configs"].read_text())
    commands = []
    for objective in ("free-bits", "no-target"):
        folder = tmp_path / objective
        folder.mkdir()
        config["training"]["recipe"] = {"objective": objective, "epochs": 1}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "training.jsonl").write_text(inputs["records"].read_text())
        paths = inputs | {what: folder / inputs[what].name for what in ("configs", "records")}
        for name in ("curves", "collapse", "claims"):
            flags = [word for what in EXHIBIT[name].reads for word in (f"--{what}", paths[what])]
            flags += [f"--{EXHIBIT[name].forms[-1]}", folder / name]
            commands.append(["render", name, "--caption", "A", *map(str, flags)])
    outside = {"TEXTVAE_EXTENSIONS": str(tmp_path / "outside.py")}
    run_python(PROGRAM, json.dumps(commands), **outside)
    for objective, C in (("free-bits", "3"), ("no-target", "")):
        page = (tmp_path / objective / "collapse").read_text()
        assert f"{objective.replace('-', ' ')}</td><td></td><td>{C}</td>" in page


def test_claims_and_drawing_modules_load_neither_torch_nor_matplotlib(inputs, tmp_path):
    program = (
        "import sys\n"
        "from textvae.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "import textvae.paper.exhibits.figure1, textvae.paper.exhibits.curves\n"
        "sys.exit(bool({'torch', 'matplotlib', 'tkinter'} & set(sys.modules)))\n"
    )
    flags = [word for what in EXHIBIT["claims"].reads for word in (f"--{what}", str(inputs[what]))]
    flags += ["--tex", str(tmp_path / "claims.tex"), "--html", str(tmp_path / "claims.html")]
    run_python(program, "render", "claims", "--caption", "A", *flags)
