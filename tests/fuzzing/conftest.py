"""A run whose files are corrupted; each input is accepted, or refused in one printable line."""

import io
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import example_run
import pytest

from textvae.cli import main
from textvae.errors import InputError, one_line

MAX_MESSAGE = 1500  # characters


class Refusals:
    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self._seen: set[int] = set()

    def command(self, kind: str, argv: Sequence[str], data: Hashable) -> None:
        """Run `textvae`, which must succeed or report one line; data: the corrupted content."""
        # As strict as a terminal: lone surrogates cannot be printed.
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                status = main(argv)
                out.flush()
            except SystemExit as stop:
                status = stop.code
        assert status in (0, 1, 2), f"exit status {status}"
        lines = err.getvalue().rstrip("\n").split("\n")
        if status == 2:
            # argparse: its usage, and a line that quotes what was typed.
            assert ": error: " in lines[-1], err.getvalue()
        else:
            # Subcommands of `render` add their name.
            if status == 1:
                assert re.match(rf"textvae {argv[0]}( [\w-]+)?: ", lines[-1]), err.getvalue()
            for line in lines:
                check_message(line)
        self.count(kind, (*argv, data), status != 0)

    def call(self, kind: str, read: Callable[[], object], data: Hashable) -> None:
        """Call a reader, which must succeed or raise an InputError of one line."""
        refused = False
        try:
            read()
        except InputError as error:
            check_message(one_line(error))
            refused = True
        self.count(kind, data, refused)

    def count(self, kind: str, data: Hashable, refused: bool) -> None:
        if (key := hash((kind, data))) not in self._seen:
            self._seen.add(key)
            self.refused[kind] += refused


def check_message(message: str) -> None:
    """Check that a message is short, and one line that a terminal can show."""
    assert len(message) <= MAX_MESSAGE, f"{len(message)} characters: {message[:300]!r}"
    unprintable = [c for c in message if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not unprintable, ascii(message)


@pytest.fixture(scope="session")
def refusals() -> Refusals:
    return Refusals()


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with chdir(folder), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        example_run.build()
    return folder


@pytest.fixture
def run(whole_run: Path, tmp_path: Path) -> Iterator[None]:
    shutil.copytree(whole_run, tmp_path / "run")
    with chdir(tmp_path / "run"):
        yield
