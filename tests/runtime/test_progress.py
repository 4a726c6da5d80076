"""A log gets a line now and then, not a bar."""

import io

import pytest

from textvae.runtime import progress as module
from textvae.runtime.progress import progress


def test_short_work_says_nothing() -> None:
    log = io.StringIO()
    with progress("train.txt", 1_000_000, stream=log) as advance:
        advance(1_000_000)
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("total", "lines"),
    [(4_000_000, ["a: 1 of 4 MB", "a: 3 of 4 MB"]), (None, ["a: 1 MB", "a: 3 MB"])],
)
def test_long_work_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, total: int | None, lines: list[str]
) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0)
    log = io.StringIO()
    with progress("a", total, stream=log) as advance:
        advance(1_000_000)
        advance(2_000_000)
    assert log.getvalue().splitlines() == lines


def test_what_is_not_bytes_is_counted_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0)
    log = io.StringIO()
    with progress("encoded", 12_000, "sentences", log) as advance:
        advance(1_500)
    assert log.getvalue() == "encoded: 1,500 of 12,000 sentences\n"
