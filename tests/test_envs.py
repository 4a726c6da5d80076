"""One set of pins for conda, make and CI; and KenLM's trainer, which has no wheel."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ENVS = ROOT / "envs"
LOCK = (ENVS / "requirements.txt").read_text()
PINS = ["requirements.txt", "kenlm.txt", "kenlm-build.txt", "kenlm.sh"]
LMPLZ = shutil.which("lmplz", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def test_every_version_is_pinned():
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!]+", line) for line in lines)
    assert "torch==2.13.0" in lines


def test_what_is_asked_for_by_hand_is_locked():
    locked = {line.split("==")[0].lower() for line in LOCK.splitlines() if "==" in line}
    asked = re.findall(r"^([a-zA-Z][\w-]*)", (ENVS / "requirements.in").read_text(), re.MULTILINE)
    assert {name.lower() for name in asked} <= locked


def test_the_package_takes_ranges_which_hold_the_pins():
    """A user of the library has other packages to satisfy; a reproduction has the lock."""
    pinned = dict(line.split("==") for line in LOCK.splitlines() if "==" in line)
    by_hand = (ENVS / "requirements.in").read_text().splitlines()
    names = {Requirement(line).name for line in by_hand if line and not line.startswith("#")}
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in map(Requirement, package["dependencies"]):
        assert [bound.operator for bound in needed.specifier] == [">="], needed
        version = next(v for name, v in pinned.items() if name.lower() == needed.name.lower())
        assert version in needed.specifier
        assert needed.name in names


@pytest.mark.parametrize("name", ["kenlm.txt", "kenlm-build.txt"])
def test_what_kenlm_is_built_of_is_pinned_to_the_byte(name):
    text = re.sub(r"\\\n", " ", (ENVS / name).read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[\w-]+==[\w.]+( +--hash=sha256:[0-9a-f]{64})+", x) for x in lines)


def test_kenlm_has_one_pin():
    """In requirements.txt too, pip would fail for want of a C++ compiler, and install nothing."""
    assert "kenlm" not in LOCK + (ENVS / "requirements.in").read_text()


def test_conda_sees_a_new_environment_when_a_pin_changes():
    digest = hashlib.sha256(b"".join((ENVS / name).read_bytes() for name in PINS)).hexdigest()[:16]
    script = (ENVS / "textvae.post-deploy.sh").read_text()
    assert f"# pins: {digest}\n" in script, "run `make digest`"
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^PINS := (.*)$", makefile, re.MULTILINE)[1] == " ".join(
        ["$(REQUIREMENTS)", *(f"envs/{name}" for name in PINS[1:])]
    )


@pytest.mark.parametrize("path", ["Makefile", "envs/textvae.post-deploy.sh"])
def test_make_and_conda_install_the_same(path):
    text = (ROOT / path).read_text().replace("$(REQUIREMENTS)", "envs/requirements.txt")
    for needed in ["-r envs/requirements.txt", "--no-deps --editable .", "bash envs/kenlm.sh"]:
        assert needed in text


VERSION = "Python 3.99"


@pytest.fixture
def environment(tmp_path):
    """A stand-in for a virtual environment: its bin/python can tell its version and no more."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo {VERSION}\n')
    (tmp_path / "bin" / "python").chmod(0o755)
    return tmp_path


def build(prefix, **variables):
    return subprocess.run(
        [shutil.which("bash"), ENVS / "kenlm.sh", prefix],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(prefix), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_a_compiler_one_line_says_so_and_all_else_goes_on(environment, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for tool in ["dirname", "cat", "cmp", "mktemp", "rm"]:
        (few / tool).symlink_to(shutil.which(tool))
    run = build(environment, PATH=str(few))
    assert run.returncode == 0
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith("KenLM was not built: there is no C++ compiler (log: ")
    assert "'not built'" in run.stderr
    assert "none of c++, g++ and clang++" in (environment / "kenlm.log").read_text()


def test_without_a_network_likewise_and_no_old_lmplz_is_left(environment):
    (environment / "bin" / "lmplz").touch()
    run = build(environment, CXX="c++")
    assert run.returncode == 0
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(
        "KenLM was not built: its source, or what it is built with, could not"
    )
    assert {path.name for path in environment.iterdir()} == {"bin", "kenlm.log"}
    assert not (environment / "bin" / "lmplz").exists()


def test_it_is_not_built_twice(environment):
    (environment / "lib" / "kenlm").mkdir(parents=True)
    # For this Python: another one needs a module of its own.
    made_of = f"{VERSION}\n".encode() + b"".join((ENVS / name).read_bytes() for name in PINS[1:])
    (environment / "lib" / "kenlm" / "made-of").write_bytes(made_of)
    run = build(environment)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not (environment / "kenlm.log").exists()


@pytest.mark.skipif(LMPLZ is None, reason="lmplz was not built: is there a C++ compiler?")
def test_what_lmplz_trains_the_module_reads(tmp_path):
    """From any folder; and the probabilities of the words that may follow a context sum to one."""
    kenlm = pytest.importorskip("kenlm")
    arpa = tmp_path / "bigrams.arpa"
    with arpa.open("w") as out:
        subprocess.run(
            [LMPLZ, "-o", "2", "-S", "64M", "--discount_fallback", "-T", tmp_path],
            input="a b\na c\nb a c\n",
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            check=True,
        )
    model = kenlm.Model(str(arpa))
    assert model.order == 2
    for context in ["a", "b", "c"]:
        before, after = kenlm.State(), kenlm.State()
        start = kenlm.State()
        model.BeginSentenceWrite(start)
        model.BaseScore(start, context, before)
        words = ["a", "b", "c", "</s>", "<unk>"]
        total = sum(10 ** model.BaseScore(before, word, after) for word in words)
        assert total == pytest.approx(1, abs=1e-5)
