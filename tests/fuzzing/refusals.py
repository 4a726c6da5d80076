"""What a person would see of an input, and how many inputs were refused."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from contextlib import redirect_stderr, redirect_stdout

from textvae.cli import main
from textvae.errors import InputError, one_line

# Characters of a message that a person may be asked to read.
LONGEST_MESSAGE = 1500


class Refusals:
    """Inputs by kind: how many were tried, how many of them refused; the same one counts once."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._seen: set[int] = set()

    def command(self, kind: str, argv: Sequence[str], given: Hashable) -> bool:
        """Give a command line to `textvae`; it works, or refuses in one line. Whether it refused.

        given: what is broken, the words of the command or what is in a file.
        """
        # As strict as a terminal's: what is no text cannot be printed.
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                status = main(argv)
                out.flush()
            except SystemExit as stop:
                # argparse: its usage, and a line on what is wrong.
                status = stop.code
        assert status in (0, 1, 2), f"exit status {status}"
        lines = err.getvalue().rstrip("\n").split("\n")
        if status == 2:
            assert ": error: " in lines[-1], err.getvalue()
        elif status == 1:
            # A command that is several (render table1) names the one.
            assert re.match(rf"textvae {argv[0]}( [\w-]+)?: ", lines[-1]), err.getvalue()
        # What argparse quotes is what was typed.
        for line in lines if status != 2 else []:
            check_message(line)
        return self._count(kind, (*argv, given), status != 0)

    def call(self, kind: str, read: Callable[[], object], given: Hashable) -> bool:
        """Ask a reader, which refuses with an InputError; whether it did."""
        try:
            read()
        except InputError as error:
            # As the workflow and the command line print it.
            check_message(one_line(error))
            return self._count(kind, given, True)
        return self._count(kind, given, False)

    def table(self) -> list[str]:
        """A line for each kind, and their sum."""
        rows = [(kind, self.refused[kind], self.tried[kind]) for kind in sorted(self.tried)]
        rows.append(("sum", self.refused.total(), self.tried.total()))
        width = max(len(kind) for kind, *_ in rows)
        return [f"{kind:<{width}} {n:>7,} of {tried:>7,} refused" for kind, n, tried in rows]

    def _count(self, kind: str, given: Hashable, refused: bool) -> bool:
        if (key := hash((kind, given))) not in self._seen:
            self._seen.add(key)
            self.tried[kind] += 1
            self.refused[kind] += refused
        return refused


def check_message(message: str) -> None:
    """A message is one line that a terminal can show, and that a person may read."""
    assert len(message) <= LONGEST_MESSAGE, f"{len(message)} characters: {message[:300]!r}"
    unprintable = [c for c in message if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not unprintable, ascii(message)
