"""A run to break, and the count of all that was refused."""

import os
import shutil
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import example_run
import pytest
from refusals import Refusals

_REFUSALS = Refusals()


@pytest.fixture(scope="session")
def refusals() -> Refusals:
    """The count of the session."""
    return _REFUSALS


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files of the run. Not to be changed."""
    folder = tmp_path_factory.mktemp("run")
    with (
        chdir(folder),
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        example_run.build()
    return folder


@pytest.fixture
def place(whole_run: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the run to break, which is the current folder."""
    shutil.copytree(whole_run, tmp_path / "run")
    with chdir(tmp_path / "run"):
        yield tmp_path / "run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of what was tried and what was refused."""
    if _REFUSALS.tried:
        terminalreporter.section("fuzzing")
        for line in _REFUSALS.table():
            terminalreporter.line(line)
