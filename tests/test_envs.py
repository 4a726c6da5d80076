"""Pinned environments: the same versions for conda, make and CI, and the build of KenLM."""

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ENVS = ROOT / "envs"
PINS = ["requirements.txt", "kenlm.txt", "kenlm-build.txt", "kenlm.sh"]
VERSION = "Python 3.99"


def lines(name):
    text = re.sub(r"\\\n", " ", (ENVS / name).read_text())
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_lock_pins_versions_within_the_ranges_of_the_package():
    pinned = dict(line.lower().split("==") for line in lines("requirements.txt"))
    assert pinned["torch"] == "2.13.0"
    by_hand = {Requirement(line).name.lower() for line in lines("requirements.in")}
    assert by_hand <= set(pinned)
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in map(Requirement, package["dependencies"]):
        assert [bound.operator for bound in needed.specifier] == [">="], needed
        assert pinned[needed.name.lower()] in needed.specifier
        assert needed.name.lower() in by_hand
    # There, pip would fail without a C++ compiler and install nothing.
    assert "kenlm" not in pinned.keys() | by_hand
    hashed = re.compile(r"[\w-]+==[\w.]+( +--hash=sha256:[0-9a-f]{64})+")
    for name in ("kenlm.txt", "kenlm-build.txt"):
        assert lines(name)
        assert all(hashed.fullmatch(line) for line in lines(name))


def test_change_of_a_pin_is_a_new_environment_of_conda():
    digest = hashlib.sha256(b"".join((ENVS / name).read_bytes() for name in PINS)).hexdigest()[:16]
    assert f"# pins: {digest}\n" in (ENVS / "textvae.post-deploy.sh").read_text(), "make digest"
    pins = re.search(r"^PINS := \$\(REQUIREMENTS\) (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert pins[1].split() == [f"envs/{name}" for name in PINS[1:]]


def test_make_and_conda_install_the_same():
    for path in ("Makefile", "envs/textvae.post-deploy.sh"):
        text = (ROOT / path).read_text().replace("$(REQUIREMENTS)", "envs/requirements.txt")
        for command in ("-r envs/requirements.txt", "--no-deps --editable .", "bash envs/kenlm.sh"):
            assert command in text, path


@pytest.fixture
def build(tmp_path):
    """Run envs/kenlm.sh on a stand-in for a virtual environment, whose Python has a version."""
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo {VERSION}\n')
    python.chmod(0o755)

    def build(**variables):
        command = [shutil.which("bash"), ENVS / "kenlm.sh", tmp_path]
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), **variables}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)

    return build


def test_kenlm_without_a_compiler_is_left_out_with_one_line(build, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ["dirname", "cat", "cmp", "mktemp", "rm"]:
        (tools / tool).symlink_to(shutil.which(tool))
    run = build(PATH=str(tools))
    assert (run.returncode, run.stderr.count("\n")) == (0, 1)
    assert "'not built'" in run.stderr
    assert "none of c++, g++ and clang++" in (tmp_path / "kenlm.log").read_text()


def test_kenlm_without_a_network_leaves_no_old_lmplz(build, tmp_path):
    (tmp_path / "bin/lmplz").touch()
    run = build(CXX="c++")
    assert (run.returncode, run.stderr.count("\n")) == (0, 1)
    assert run.stderr.startswith("KenLM was not built: ")
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "kenlm.log"}
    assert not (tmp_path / "bin/lmplz").exists()


def test_kenlm_is_built_once_for_each_python(build, tmp_path):
    built = tmp_path / "lib/kenlm/made-of"
    built.parent.mkdir(parents=True)
    pins = b"".join((ENVS / name).read_bytes() for name in PINS[1:])
    built.write_bytes(f"{VERSION}\n".encode() + pins)
    run = build()
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not (tmp_path / "kenlm.log").exists()
