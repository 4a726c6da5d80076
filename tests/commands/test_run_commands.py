"""The commands that describe a run: `costs`, `run-information` and `provenance`."""

import json

import pytest
import yaml

from textvae.cli import main
from textvae.provenance import SOURCE, all_modules, digest, digests
from textvae.registry import CLAIMS
from textvae.stages import STEPS

CONFIGURATION = {"targets": ["table1"], "models": {"lstm": {"learning_rate": 1e-5, "beta": 1}}}


@pytest.fixture
def run(capsys):
    """Run a command; return its exit status and what it printed."""

    def run(*argv):
        status = main([*map(str, argv)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


@pytest.fixture
def costs(run, tmp_path):
    """Run `costs` on two records."""
    for name in ("train/seed1", "fce/C3/lstm"):
        path = tmp_path / f"costs/{name}.tsv"
        path.parent.mkdir(parents=True)
        path.write_text("seconds\tcpu_seconds\tmemory_mib\n61.5\t30.25\t100.2\n")

    def costs(*more):
        flags = ["--records", tmp_path / "costs", "--caption", "Costs & more"]
        for form in ("tex", "csv", "html"):
            flags += [f"--{form}", tmp_path / f"costs.{form}"]
        return run("costs", *flags, "--jobs", tmp_path / "jobs.csv", *more)

    return costs


def test_costs_writes_rules_and_jobs(costs, tmp_path):
    assert costs("--rules", "language_model=fce/*/lstm") == (0, "")
    assert (tmp_path / "costs.csv").read_text() == (
        "rule,jobs,recorded,seconds,longest_seconds,cpu_seconds,memory_mib\n"
        "language_model,1,1,61.5,61.5,30.25,100.2\n"
        "train,1,1,61.5,61.5,30.25,100.2\n"
    )
    jobs = (tmp_path / "jobs.csv").read_text().splitlines()
    assert jobs[1] == "language_model,fce/C3/lstm,61.5,30.25,100.2"
    assert r"\caption{Costs \& more}" in (tmp_path / "costs.tex").read_text()
    assert "<td>0:02:03</td>" in (tmp_path / "costs.html").read_text()


@pytest.mark.parametrize("rule", ["train", "=x", "train="])
def test_costs_refuses_a_rule_without_a_pattern(costs, rule):
    status, printed = costs("--rules", rule)
    assert status == 1
    assert printed.startswith(f"textvae costs: --rules '{rule}': ")


@pytest.mark.parametrize(
    ("text", "status"), [(json.dumps(CONFIGURATION), 0), ("", 1), ("[]", 1), ("[" * 100_000, 1)]
)
def test_run_information_records_a_valid_configuration(run, tmp_path, text, status):
    files = [f"--{kind}={tmp_path}/run.{kind}" for kind in ("yaml", "json", "html")]
    exit_status, printed = run("run-information", "--configuration", text, *files)
    assert exit_status == status
    if status:
        assert printed.startswith("textvae run-information: --configuration ")
        assert printed.count("\n") == 1
        assert not (tmp_path / "run.yaml").exists()
    else:
        assert yaml.safe_load((tmp_path / "run.yaml").read_text()) == CONFIGURATION
        record = json.loads((tmp_path / "run.json").read_text())
        assert record["software"]["torch"]
        assert record["code"] == all_modules(SOURCE)
        assert "learning_rate" in (tmp_path / "run.html").read_text()


def test_provenance_lists_the_modules_of_a_step(run):
    status, printed = run("provenance", "codes")
    first, *rest = printed.splitlines()
    assert status == 0
    assert first == f"codes: {digest(SOURCE, *STEPS['codes'])[:12]}"
    expected = digests(SOURCE, *STEPS["codes"])
    assert rest == [f"  {own[:12]}  {module}" for module, own in expected.items()]
    assert "textvae.generation.codes" in expected


def test_provenance_gives_an_overview_of_all_results(run):
    status, printed = run("provenance")
    lines = {line.split("  ")[0]: line for line in printed.splitlines()}
    assert status == 0
    assert {*STEPS, "exhibit table1", "exhibit probe"} <= set(lines)
    assert run("provenance", "exhibit table1") == run("provenance", "table1")
    claims = run("provenance", "exhibit claims")[1]
    assert all(f"  {one.module}\n" in claims for one in CLAIMS.declared().values())
    assert lines["split"].endswith(f"{len(digests(SOURCE, *STEPS['split']))} modules")


def test_provenance_lists_what_changed_since_a_run(run, tmp_path):
    record, module = tmp_path / "information.json", "textvae.generation.codes"

    def since(*names, **changes):
        code = all_modules(SOURCE) | changes
        record.write_text(json.dumps({"code": {name: own for name, own in code.items() if own}}))
        return run("provenance", *names, "--since", record)

    assert since() == (0, "nothing has changed\n")
    changed = {module: "0" * 64}
    assert since(**changed)[1].startswith(f"changed: {module}: choose-C, codes, sample")
    assert since("split", "codes", **changed) == (0, f"changed: {module}: codes\n")
    assert since("split", **changed) == (0, "nothing has changed\n")
    assert since("split", "codes", **{module: None}) == (0, f"new: {module}: codes\n")


def test_extensions_of_a_run_that_are_not_loaded_are_compared_by_content(run, tmp_path):
    record, mine, beside = (tmp_path / one for one in ("run.json", "mine.py", "beside.py"))
    mine.write_text("import beside\nx = 1\n")
    beside.write_text("x = 1\n")
    record.write_text(json.dumps({"code": all_modules(SOURCE, [mine])}))
    assert run("provenance", "--since", record) == (0, "nothing has changed\n")
    mine.write_text("import beside\nx = 2\n")
    beside.unlink()
    gone, changed = run("provenance", "--since", record)[1].splitlines()
    assert gone == f"gone: {beside}: an extension of that run"
    assert changed == f"changed: {mine}: an extension of that run"
    mine.write_text("x =\n")
    status, printed = run("provenance", "--since", record)
    assert (status, printed.count("\n")) == (1, 1)
    assert printed.startswith(f"textvae provenance: {mine}: ")


NAMES = {"tran": "'train'"} | {n: n for n in ("textvae.gone", "textvae.commands.run", "gone.py")}
RECORDS = ["[]", "{}", '{"code": 1}', '{"code": {"a": "b"}}', "{"]


def test_provenance_refuses_unknown_names_and_records_without_code(run, tmp_path):
    path = tmp_path / "information.json"
    for name, expected in NAMES.items():
        status, printed = run("provenance", name)
        assert (status, printed.count("\n")) == (1, 1)
        assert printed.startswith("textvae provenance: ")
        assert expected in printed
    for content in RECORDS:
        path.write_text(content)
        status, printed = run("provenance", "--since", path)
        assert status == 1
        assert printed.startswith(f"textvae provenance: {path}: ")
