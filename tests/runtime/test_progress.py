"""A job's log gets lines at intervals instead of a bar."""

import io

import pytest

from textvae.runtime import progress as module
from textvae.runtime.progress import progress


@pytest.mark.parametrize(
    ("seconds", "total", "unit", "lines"),
    [
        (10, 4_000_000, "B", []),
        (0, 4_000_000, "B", ["a: 1 of 4 MB", "a: 3 of 4 MB"]),
        (0, None, "B", ["a: 1 MB", "a: 3 MB"]),
        (0, 4_000, "words", ["a: 1,000 of 4,000 words", "a: 3,000 of 4,000 words"]),
    ],
)
def test_lines_at_intervals(monkeypatch, seconds, total, unit, lines):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", seconds)
    log = io.StringIO()
    with progress("a", total, unit, log) as advance:
        advance(1_000 if unit == "words" else 1_000_000)
        advance(2_000 if unit == "words" else 2_000_000)
    assert log.getvalue().splitlines() == lines
