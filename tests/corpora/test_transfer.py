"""A transfer that was cut goes on where it ended, and two versions are never glued together."""

import hashlib
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fileserver import Reply, Server, serving
from textvae.corpora.download import PAUSES, download
from textvae.corpora.sources import OriginError
from textvae.corpora.transfer import Checks, Partial, Version

TEXT = b"".join(b"%05d the cat sat .\n" % number for number in range(1000))
OTHER = TEXT.replace(b"cat", b"cow")
SIZE = len(TEXT)
KNOWN = Checks(sha256=hashlib.sha256(TEXT).hexdigest())
UNKNOWN = Checks()
V1, V2 = {"ETag": '"v1"'}, {"ETag": '"v2"'}
OLD, NEWER = (
    {"Last-Modified": formatdate(seconds, usegmt=True)}
    for seconds in (1_500_000_000, 1_600_000_000)
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def get(server: Server, path: Path, checks: Checks, page: str = "/a") -> bytes:
    download(f"{server.url}{page}", path, checks, lambda pause: None, timeout=5)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return path.read_bytes()


def cut(headers: dict[str, str], at: int = 5000, body: bytes = TEXT, **more: object) -> Reply:
    return Reply(body, headers=headers, ranges=True, cut=at, **more)


def whole(headers: dict[str, str], body: bytes = TEXT) -> Reply:
    return Reply(body, headers=headers, ranges=True)


@pytest.mark.parametrize(
    ("headers", "checks"), [(V1, UNKNOWN), (V1, KNOWN), (OLD, UNKNOWN), (OLD, KNOWN), ({}, KNOWN)]
)
def test_only_the_rest_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], headers: dict[str, str], checks: Checks
) -> None:
    with serving({"/a": [cut(headers), cut(headers, 100), whole(headers)]}) as server:
        assert get(server, tmp_path / "a", checks) == TEXT
        assert server.ranges == ["", "bytes=5000-", "bytes=5100-"]
    assert capsys.readouterr().err.splitlines() == [
        f"{server.url}/a: cut short: 5,000 of {SIZE:,} bytes; again in {PAUSES[0]} s",
        f"{server.url}/a: goes on after 5,000 bytes",
        f"{server.url}/a: cut short: 5,100 of {SIZE:,} bytes; again in {PAUSES[1]} s",
        f"{server.url}/a: goes on after 5,100 bytes",
    ]


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"v1"'}, {"ETag": "v1"}])
def test_where_nothing_could_tell_two_versions_nothing_is_resumed(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    """No checksum is known of the file, and the server does not name its version for certain."""
    with serving({"/a": [cut(headers), whole(headers)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", ""]


def test_a_file_that_was_changed_just_now_has_no_certain_date(tmp_path: Path) -> None:
    now = {"Last-Modified": formatdate(usegmt=True)}
    with serving({"/a": [cut(now), whole(now)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", ""]


@pytest.mark.parametrize("checks", [UNKNOWN, KNOWN])
def test_a_server_without_ranges_sends_all_and_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], checks: Checks
) -> None:
    replies = [Reply(TEXT, headers=V1, cut=5000), Reply(TEXT, headers=V1)]
    with serving({"/a": replies}) as server:
        assert get(server, tmp_path / "a", checks) == TEXT
        assert server.ranges == ["", "bytes=5000-"]
    said = "5,000 bytes are here, but the server sends the whole file; from zero"
    assert f"{server.url}/a: {said}\n" in capsys.readouterr().err


@pytest.mark.parametrize(("first", "second"), [(V1, V2), (OLD, NEWER), (V1, {}), (OLD, V2)])
def test_a_file_that_changed_in_between_comes_whole(
    tmp_path: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    """The server sees by If-Range that another version is meant."""
    with serving({"/a": [cut(first, body=OTHER), whole(second)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-"]


def part(headers: dict[str, str], start: int = 5000, total: str = str(SIZE)) -> Reply:
    """The rest of TEXT, from a server that does not look at If-Range."""
    headers = {"Content-Range": f"bytes {start}-{SIZE - 1}/{total}"} | headers
    return Reply(TEXT[start:], 206, headers)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (part(V2), "the file has changed since"),
        (part({}), "the file has changed since"),
        (part(V1, total=str(SIZE + 1)), "the file has changed since"),
        (part(V1, start=4999), "answered with another range than requested"),
        (part(V1 | {"Content-Range": "bytes */7"}), "answered with another range"),
        (part(V1 | {"Content-Range": "lines 5000-6000/7000"}), "answered with another range"),
        (
            part(V1 | {"Content-Range": f"bytes 5000-6000/{'9' * 5000}"}),
            "answered with another range",
        ),
        (Reply(TEXT[5000:], 206, V1), "answered with another range than requested"),
        (Reply(b"", 416, reason="Unsatisfiable"), "HTTP 416 Unsatisfiable"),
    ],
)
def test_a_part_that_does_not_fit_is_not_glued_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Reply, said: str
) -> None:
    with serving({"/a": [cut(V1, body=OTHER), answer, whole(V2)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-", ""]
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "from zero" in line]
    assert line.startswith(f"{server.url}/a: {said}")


def test_of_a_date_that_was_asked_for_a_part_need_not_say_it_again(tmp_path: Path) -> None:
    with serving({"/a": [cut(OLD), part({}, total="*")]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-"]


def test_the_end_of_another_file_shows_in_the_checksum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that names no versions: the two are glued, found wrong, and fetched once more."""
    with serving({"/a": [cut({}, body=OTHER), part({}), whole({})]}) as server:
        assert get(server, tmp_path / "a", KNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-", ""]
    glued = hashlib.sha256(OTHER[:5000] + TEXT[5000:]).hexdigest()
    said = f"wrong checksum: sha256 {glued}, expected {KNOWN.sha256}; from zero"
    assert f"{server.url}/a: {said}\n" in capsys.readouterr().err


def test_wrong_from_zero_is_wrong(tmp_path: Path) -> None:
    with serving({"/a": [cut({}, body=OTHER), whole({}, OTHER)]}) as server:
        with pytest.raises(OriginError, match=rf"wrong checksum.*{KNOWN.sha256}$"):
            get(server, tmp_path / "a", KNOWN)
        assert server.ranges == ["", "bytes=5000-", ""]
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_always_cuts_is_left_with_what_came(tmp_path: Path) -> None:
    """The next run goes on after the four attempts of this one."""
    with serving({"/a": [*[cut(V1, 4000)] * 4, whole(V1)]}) as server:
        with pytest.raises(OriginError, match=r"cut short: 16,000 of 20,000 bytes \(4 attempts\)"):
            get(server, tmp_path / "a", UNKNOWN)
        assert not (tmp_path / "a").exists()
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", *(f"bytes={start}-" for start in (4000, 8000, 12000, 16000))]


def test_what_could_not_be_resumed_is_not_left(tmp_path: Path) -> None:
    with serving({"/a": cut({})}) as server, pytest.raises(OriginError, match="cut short: 5,000"):
        get(server, tmp_path / "a", UNKNOWN)
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_goes_on_where_the_first_address_ended_if_a_checksum_decides(
    tmp_path: Path,
) -> None:
    with serving({"/a": cut(V1, 100), "/b": whole(V2)}) as server:
        with pytest.raises(OriginError):
            get(server, tmp_path / "x", KNOWN)
        assert get(server, tmp_path / "x", KNOWN, "/b") == TEXT
        assert server.ranges[-1] == "bytes=400-"


def test_a_mirror_begins_anew_where_nothing_would_decide(tmp_path: Path) -> None:
    with serving({"/a": cut(V1, 100), "/b": whole(V1)}) as server:
        with pytest.raises(OriginError):
            get(server, tmp_path / "x", UNKNOWN)
        assert get(server, tmp_path / "x", UNKNOWN, "/b") == TEXT
        assert server.ranges[-1] == ""


@pytest.mark.parametrize(
    "fault", [Reply(b"<html>Sign in", headers=V1), Reply(b"", 404), Reply(TEXT, announced=7)]
)
def test_an_answer_that_is_not_the_file_takes_nothing_from_what_came(
    tmp_path: Path, fault: Reply
) -> None:
    checks = Checks(SIZE, KNOWN.sha256)
    with serving({"/a": [cut(V1), fault, whole(V1)]}) as server:
        with pytest.raises(OriginError):
            get(server, tmp_path / "a", checks)
        assert get(server, tmp_path / "a", checks) == TEXT
        assert server.ranges == ["", "bytes=5000-", "bytes=5000-"]


def test_what_was_complete_when_the_process_was_killed_is_only_checked(tmp_path: Path) -> None:
    with serving({"/a": whole(V1)}) as server:
        partial = Partial(tmp_path / "a")
        partial.begin(Version(f"{server.url}/a", SIZE, '"v1"'))
        with partial.appending() as append:
            append(TEXT)
        assert get(server, tmp_path / "a", KNOWN) == TEXT
        assert server.asked == []


def test_a_redirection_keeps_the_question(tmp_path: Path) -> None:
    moved = Reply(b"", 302, {"Location": "/b"})
    with serving({"/a": moved, "/b": [cut(V1), whole(V1)]}) as server:
        assert get(server, tmp_path / "a", KNOWN) == TEXT
        assert server.asked == ["/a", "/b", "/a", "/b"]
        assert server.ranges[-1] == "bytes=5000-"


@settings(deadline=None, max_examples=40)
@given(
    versions=st.lists(
        st.tuples(
            st.booleans(), st.sampled_from([V1, V2, OLD, NEWER, {}]), st.integers(1, SIZE - 1)
        ),
        max_size=3,
    ),
    ranges=st.booleans(),
    known=st.booleans(),
)
def test_what_arrives_is_one_version_whatever_happened_before(
    tmp_path_factory: pytest.TempPathFactory, versions: list, ranges: bool, known: bool
) -> None:
    """Each cut reply may be of either file; the names of versions tell the truth."""
    named = {str(V1): OTHER, str(OLD): OTHER, str(V2): TEXT, str(NEWER): TEXT}
    replies = [
        Reply(named.get(str(headers), TEXT if new else OTHER), 200, headers, ranges=ranges, cut=at)
        for new, headers, at in versions
    ]
    last = Reply(TEXT, headers=V2, ranges=ranges)
    path = tmp_path_factory.mktemp("any") / "a"
    with serving({"/a": [*replies, last]}) as server:
        arrived = get(server, path, KNOWN if known else UNKNOWN)
    assert arrived == TEXT or (not known and arrived == OTHER)
