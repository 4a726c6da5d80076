"""`textvae costs`: what a run cost, as tables."""

import pytest

from textvae.cli import main


@pytest.fixture
def build(tmp_path):
    """Run the command on two benchmarks, with more flags; its exit status."""
    for name in ("train/seed1", "fce/C3/lstm"):
        path = tmp_path / f"benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True)
        path.write_text("s\tmax_rss\tcpu_time\n61.5\t100.2\t30.25\n")

    def build(*more):
        argv = ["costs", "--benchmarks", str(tmp_path / "benchmarks"), "--caption", "Costs & more"]
        for kind in ("tex", "csv", "html"):
            argv += [f"--{kind}", str(tmp_path / f"costs.{kind}")]
        return main([*argv, "--jobs", str(tmp_path / "jobs.csv"), *more])

    return build


def test_writes_rules_and_jobs(build, tmp_path):
    assert build("--rules", "language_model=fce/*/lstm") == 0
    assert (tmp_path / "costs.csv").read_text() == (
        "rule,jobs,seconds,longest_seconds,cpu_seconds,memory_mib\n"
        "language_model,1,61.5,61.5,30.25,100.2\n"
        "train,1,61.5,61.5,30.25,100.2\n"
    )
    assert (tmp_path / "jobs.csv").read_text() == (
        "rule,job,seconds,cpu_seconds,memory_mib\n"
        "language_model,fce/C3/lstm,61.5,30.25,100.2\n"
        "train,train/seed1,61.5,30.25,100.2\n"
    )
    assert r"\caption{Costs \& more}" in (tmp_path / "costs.tex").read_text()
    assert "<td>0:02:03</td>" in (tmp_path / "costs.html").read_text()


@pytest.mark.parametrize("rule", ["train", "=x", "train="])
def test_a_rule_without_a_pattern(build, capsys, rule):
    assert build("--rules", rule) == 1
    error = capsys.readouterr().err
    assert error == f"textvae costs: --rules '{rule}': expected RULE=PATTERN\n"


def test_a_broken_benchmark_is_one_line(build, tmp_path, capsys):
    broken = tmp_path / "benchmarks/train/seed1.tsv"
    broken.write_bytes(b"\xff\n")
    assert build() == 1
    assert capsys.readouterr().err == f"textvae costs: {broken}: not UTF-8 at byte 0\n"
    assert not (tmp_path / "costs.csv").exists()
