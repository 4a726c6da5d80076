"""Bytes are known by their number, their SHA-256, or the id that git gives them."""

import hashlib
import io

import pytest

from textvae.corpora.transfer import Checks, Contents


@pytest.mark.parametrize(
    ("data", "git_blob"),
    [  # as `git hash-object` prints them
        (b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        (b"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
    ],
)
def test_contents_are_what_the_usual_tools_say(data: bytes, git_blob: str) -> None:
    contents = Contents.of(io.BytesIO(data))
    assert contents == Contents(len(data), hashlib.sha256(data).hexdigest(), git_blob)


def test_contents_are_of_the_whole_file_wherever_it_stands() -> None:
    file = io.BytesIO(b"x" * 3_000_000)
    file.seek(17)
    assert Contents.of(file).bytes == 3_000_000


@pytest.mark.parametrize(
    ("checks", "fault"),
    [
        (Checks(), None),
        (Checks(bytes=6), None),
        (Checks(bytes=7), "too short: 6 bytes, expected 7"),
        (Checks(bytes=5), "too long: 6 bytes, expected 5"),
        (Checks(sha256="0" * 64), f"expected {'0' * 64}"),
        (Checks(git_blob="ce013625030ba8dba906f756967f9e9ca394464a"), None),
        (
            Checks(git_blob="1" * 40),
            "git blob ce013625030ba8dba906f756967f9e9ca394464a, expected 1",
        ),
    ],
)
def test_a_fault_tells_what_was_found_and_what_was_expected(
    checks: Checks, fault: str | None
) -> None:
    found = checks.fault(Contents.of(io.BytesIO(b"hello\n")))
    assert found == fault if fault is None else fault in found


def test_an_empty_file_is_never_right() -> None:
    assert Checks().fault(Contents.of(io.BytesIO(b""))) == "empty (0 bytes)"


def test_checks_can_be_told_to_a_person() -> None:
    assert str(Checks()) == "no checksum of it is known"
    assert (
        str(Checks(bytes=120_547_669, git_blob="a" * 40))
        == f"120,547,669 bytes, git blob {'a' * 40}"
    )
