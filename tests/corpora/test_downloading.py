"""Downloads: complete and verified files, faults of servers, and resumed transfers."""

import errno
import hashlib
import ssl
import threading
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fileserver import Reply, Server, serving
from textvae.corpora import transfer
from textvae.corpora.contents import Checks
from textvae.corpora.download import MIN_BYTES, MIN_SECONDS, PAUSES, download
from textvae.corpora.sources import OriginError
from textvae.corpora.transfer import Kept, Partial, Version, is_web_page

TEXT = b"".join(b"%05d the cat sat .\n" % number for number in range(1000))
OTHER = TEXT.replace(b"cat", b"cow")
SIZE = len(TEXT)
SHA = hashlib.sha256(TEXT).hexdigest()
KNOWN, UNKNOWN = Checks(sha256=SHA), Checks()
V1, V2 = {"ETag": '"v1"'}, {"ETag": '"v2"'}
OLD, NEWER = (
    {"Last-Modified": formatdate(seconds, usegmt=True)}
    for seconds in (1_500_000_000, 1_600_000_000)
)


def get(server, path, checks=KNOWN, page="/a"):
    """Download `page` and return its bytes; nothing else is left in the folder."""
    contents = download(f"{server.url}{page}", path, checks, lambda pause: None, timeout=5)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    data = path.read_bytes()
    assert (contents.bytes, contents.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    return data


def failure(server, path, checks=KNOWN, kept=0):
    """Return the message of a failing download; `kept` bytes are left for the next attempt."""
    with pytest.raises(OriginError) as caught:
        download(f"{server.url}/a", path, checks, lambda pause: None, timeout=0.3)
    left = sorted(path.parent.iterdir())
    assert [file.name for file in left] == ([".a.download", ".a.download.json"] if kept else [])
    assert not kept or left[0].stat().st_size == kept
    (line,) = caught.value.args
    assert line.isprintable()
    assert line.startswith(f"{server.url}/a: ")
    return line.removeprefix(f"{server.url}/a: ")


def moved(location, **more):
    return Reply(TEXT, 302, {"Location": location}, **more)


@pytest.mark.parametrize("announced", [None, -1])
def test_complete_file_arrives_after_a_redirection(tmp_path, announced):
    # The body of the redirection is not read: it may have no end.
    endless = moved("/b", announced=10**15, until=threading.Event())
    with serving({"/a": endless, "/b": Reply(TEXT, announced=announced)}) as server:
        assert get(server, tmp_path / "deep" / "a") == TEXT


@pytest.mark.parametrize(
    ("reply", "checks", "key"),
    [
        (Reply(b"", 404), KNOWN, "HTTP 404 Not Found"),
        (Reply(b"", 404, {"Content-Length": "²"}, -1), KNOWN, "HTTP 404"),
        (Reply(b"", 204), KNOWN, "HTTP 204"),
        (Reply(TEXT, 206), KNOWN, "HTTP 206"),
        (Reply(b"\n<!DOCTYPE html><p>Quota"), KNOWN, "web page"),
        (Reply(b"\xef\xbb\xbf\r\n <HTML lang=en>"), UNKNOWN, "web page"),
        (Reply(TEXT, headers={"Content-Type": "text/html; charset=utf-8"}), KNOWN, "web page"),
        (Reply(OTHER), KNOWN, f"sha256 {hashlib.sha256(OTHER).hexdigest()}, expected {SHA}"),
        (Reply(TEXT), Checks(git_blob="0" * 40), "git blob"),
        (Reply(TEXT), Checks(20_001, SHA), "20,000 bytes announced, expected 20,001"),
        (Reply(TEXT, announced=-1), Checks(20_001, SHA), "20,000 bytes"),
        (Reply(TEXT, announced=-1), Checks(19_999, SHA), "19,999 bytes"),
        (Reply(TEXT, announced=(8 << 30) + 1), KNOWN, "8,589,934,593 bytes announced"),
        (Reply(b""), KNOWN, "0 bytes"),
        (Reply(TEXT, headers={"Content-Encoding": "gzip"}), KNOWN, "gzip"),
        (moved("/a"), KNOWN, "HTTP 302"),
        (moved("http://[/"), KNOWN, "redirected to an invalid address"),
        (moved("//x:y/"), KNOWN, "redirected to an invalid address"),
        (moved("http://127.0.0.1:9/b"), UNKNOWN, "http://127.0.0.1:9/b"),
        (moved("ftp://127.0.0.1/b"), KNOWN, "ftp://127.0.0.1/b"),
    ],
)
def test_wrong_answer_is_refused_at_once(tmp_path, reply, checks, key):
    with serving({"/a": reply}) as server:
        line = failure(server, tmp_path / "a", checks)
    assert key in line
    assert "attempts" not in line


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        *((Reply(b"", status), f"HTTP {status}") for status in (408, 425, 429, 500, 502, 503, 504)),
        (Reply(TEXT, cut=0), "0 of 20,000 bytes"),
        (Reply(TEXT, cut=5000), "5,000 of 20,000 bytes"),
        (Reply(TEXT, delay=5), "timed out"),
        (Reply(TEXT, cut=5000, until=threading.Event()), "timed out"),
    ],
)
def test_transient_fault_is_retried_three_times(tmp_path, reply, key):
    with serving({"/a": reply}) as server:
        line = failure(server, tmp_path / "a", kept=reply.cut or 0)
        assert key in line
        assert "4 attempts" in line
        assert len(server.paths) == 4


def test_pauses_grow_until_the_server_recovers(tmp_path, capsys):
    pauses = []
    replies = [Reply(b"", 503, reason="Busy\x1b[2J"), Reply(TEXT[:5], announced=SIZE), Reply(TEXT)]
    with serving({"/a": replies}) as server:
        download(f"{server.url}/a", tmp_path / "a", KNOWN, pauses.append)
    assert pauses == [1, 5]
    assert PAUSES == (1, 5, 15)
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith(f"{server.url}/a: HTTP 503 Busy\\x1b[2J; ")


def test_transfer_below_300_kB_in_five_minutes_is_abandoned(tmp_path):
    assert (MIN_BYTES, MIN_SECONDS) == (300_000, 300)
    body = bytes(3 * MIN_BYTES)

    def attempt(reply):
        """Download with a clock that advances by 300 s at each call."""
        times = iter(range(0, 10**9, MIN_SECONDS))
        with serving({"/a": reply}) as server:
            path = tmp_path / "a"
            download(f"{server.url}/a", path, UNKNOWN, id, 0.3, lambda: next(times))

    with pytest.raises(OriginError, match=r"too slow: 10 bytes in 300 s \(4 attempts\)"):
        attempt(Reply(body, cut=10, until=threading.Event()))
    attempt(Reply(body[:100]))  # complete, so not too slow


def test_web_page_in_small_pieces_is_recognised(tmp_path):
    page = Reply(b"<!doctype html><p>Quota", cut=3, until=threading.Event())
    release = threading.Timer(0.05, page.until.set)
    with serving({"/a": page}) as server:
        release.start()
        assert "web page" in failure(server, tmp_path / "a", UNKNOWN)
    assert not is_web_page(b'{"text": "<html>"}')


def test_unreachable_or_insecure_server_is_named(tmp_path, monkeypatch):
    with serving({"/a": Reply(TEXT)}) as server:
        nowhere = Server("http://127.0.0.1:9")
        assert "Connection refused" in failure(nowhere, tmp_path / "a")
        secure = Server(server.url.replace("http:", "https:"))
        assert "SSL" in failure(secure, tmp_path / "a")
        assert server.paths == []
        refused = ssl.SSLCertVerificationError()
        refused.verify_message = "self-signed"

        def connect(*_):
            raise refused

        monkeypatch.setattr("http.client.HTTPSConnection.connect", connect)
        line = failure(secure, tmp_path / "a")
    assert "self-signed" in line
    assert "attempts" not in line


def cut(headers, at=5000, body=TEXT):
    return Reply(body, headers=headers, ranges=True, cut=at)


def whole(headers, body=TEXT):
    return Reply(body, headers=headers, ranges=True)


@pytest.mark.parametrize(
    ("headers", "checks"), [(V1, UNKNOWN), (V1, KNOWN), (OLD, UNKNOWN), ({}, KNOWN)]
)
def test_only_the_rest_is_requested(tmp_path, capsys, headers, checks):
    with serving({"/a": [cut(headers), cut(headers, 100), whole(headers)]}) as server:
        assert get(server, tmp_path / "a", checks) == TEXT
        assert server.ranges == ["", "bytes=5000-", "bytes=5100-"]
    lines = capsys.readouterr().err.splitlines()
    assert ["5,000" in lines[1], "5,100 of 20,000" in lines[2], "5,100" in lines[3]] == [True] * 3


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"v1"'}, {"ETag": "v1"}, "now"])
def test_unidentified_version_is_not_resumed(tmp_path, headers):
    """Without a checksum only a strong tag or an old date distinguishes two versions."""
    if headers == "now":
        headers = {"Last-Modified": formatdate(usegmt=True)}
    with serving({"/a": [cut(headers), whole(headers)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", ""]
    (tmp_path / "a").unlink()
    with serving({"/a": cut(headers)}) as server:
        failure(server, tmp_path / "a", UNKNOWN)  # and its bytes are not left


@pytest.mark.parametrize(("first", "second"), [(V1, V2), (OLD, NEWER), (V1, {}), (OLD, V2)])
def test_changed_file_is_sent_completely(tmp_path, capsys, first, second):
    """The server recognises by If-Range that another version is meant."""
    with serving({"/a": [cut(first, body=OTHER), whole(second)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-"]
    assert "5,000 bytes" in capsys.readouterr().err.splitlines()[-1]


def part(headers, start=5000, total=SIZE, **more):
    """The rest of TEXT from a server that ignores If-Range."""
    headers = {"Content-Range": f"bytes {start}-{SIZE - 1}/{total}"} | headers
    return Reply(TEXT[start:], 206, headers, **more)


@pytest.mark.parametrize(
    "answer",
    [
        part(V2),
        part({}),
        part(V1, total=SIZE + 1),
        part(V1, start=4999),
        part(V1 | {"Content-Range": "bytes */7"}),
        part(V1 | {"Content-Range": "lines 5000-6000/7000"}),
        part(V1 | {"Content-Range": f"bytes 5000-6000/{'9' * 5000}"}),
        Reply(TEXT[5000:], 206, V1),
        Reply(b"", 416),
    ],
)
def test_part_of_another_version_is_not_appended(tmp_path, capsys, answer):
    with serving({"/a": [cut(V1, body=OTHER), answer, whole(V2)]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-", ""]
    assert sum("from zero" in line for line in capsys.readouterr().err.splitlines()) == 1


def test_part_need_not_repeat_a_date_or_the_size(tmp_path):
    with serving({"/a": [cut(OLD), part({}, total="*")]}) as server:
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", "bytes=5000-"]


def test_checksum_detects_parts_of_two_files(tmp_path):
    with serving({"/a": [cut({}, body=OTHER), part({}), whole({})]}) as server:
        assert get(server, tmp_path / "a") == TEXT
        assert server.ranges == ["", "bytes=5000-", ""]
    (tmp_path / "a").unlink()
    with serving({"/a": [cut({}, body=OTHER), whole({}, OTHER)]}) as server:
        assert SHA in failure(server, tmp_path / "a")
        assert server.ranges == ["", "bytes=5000-", ""]


def test_next_run_resumes_after_four_cuts(tmp_path):
    with serving({"/a": [*[cut(V1, 4000)] * 4, whole(V1)]}) as server:
        assert "16,000 of 20,000" in failure(server, tmp_path / "a", UNKNOWN, kept=16_000)
        assert get(server, tmp_path / "a", UNKNOWN) == TEXT
        assert server.ranges == ["", *(f"bytes={start}-" for start in (4000, 8000, 12000, 16000))]


@pytest.mark.parametrize(("checks", "rest"), [(KNOWN, "bytes=400-"), (UNKNOWN, "")])
def test_mirror_resumes_only_with_a_checksum(tmp_path, checks, rest):
    with serving({"/a": cut(V1, 100), "/b": whole(V2)}) as server:
        failure(server, tmp_path / "a", checks, kept=400)
        assert get(server, tmp_path / "a", checks, "/b") == TEXT
        assert server.ranges[-1] == rest


@pytest.mark.parametrize(
    "fault", [Reply(b"<html>Sign in", headers=V1), Reply(b"", 404), Reply(TEXT, announced=7)]
)
def test_other_answer_leaves_the_partial_file(tmp_path, fault):
    checks = Checks(SIZE, SHA)
    with serving({"/a": [cut(V1), fault, moved("/b")], "/b": whole(V1)}) as server:
        failure(server, tmp_path / "a", checks, kept=5000)
        assert get(server, tmp_path / "a", checks) == TEXT
        assert server.ranges[1:] == ["bytes=5000-"] * 3  # the last one after a redirection


def test_complete_partial_file_is_only_verified(tmp_path):
    with serving({"/a": whole(V1)}) as server:
        begun(tmp_path / "a", TEXT, version=Version(f"{server.url}/a", SIZE, '"v1"'))
        assert get(server, tmp_path / "a") == TEXT
        assert server.paths == []


@settings(deadline=None, max_examples=40)
@given(
    cuts=st.lists(
        st.tuples(
            st.booleans(), st.sampled_from([V1, V2, OLD, NEWER, {}]), st.integers(1, SIZE - 1)
        ),
        max_size=3,
    ),
    ranges=st.booleans(),
    checks=st.sampled_from([KNOWN, UNKNOWN]),
)
def test_any_history_gives_one_version(tmp_path_factory, cuts, ranges, checks):
    """Each cut reply may be of either file; the names of versions are true."""
    named = {str(V1): OTHER, str(OLD): OTHER, str(V2): TEXT, str(NEWER): TEXT}
    replies = [
        Reply(named.get(str(headers), TEXT if new else OTHER), 200, headers, ranges=ranges, cut=at)
        for new, headers, at in cuts
    ]
    with serving({"/a": [*replies, Reply(TEXT, headers=V2, ranges=ranges)]}) as server:
        received = get(server, tmp_path_factory.mktemp("any") / "a", checks)
    assert received == TEXT or (checks is UNKNOWN and received == OTHER)


VERSION = Version("https://example.org/a", 12, '"v1"')


def begun(path, *pieces, version=VERSION):
    """Write a partial file with `pieces`, each of which is on the disk at once."""
    partial = Partial(path)
    partial.begin(version)
    with partial.appending() as append:
        for end, piece in enumerate(pieces, start=1):
            append(piece)
            size = len(b"".join(pieces[:end]))
            assert Partial(path).kept() == (Kept(size, version) if size else None)


def test_new_version_replaces_the_partial_file(tmp_path, monkeypatch):
    begun(tmp_path / "a", b"the cat")
    begun(tmp_path / "a", b"a", version=Version("https://example.org/b"))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(transfer, "write_json", full)
    with pytest.raises(OSError, match="No space left"):
        Partial(tmp_path / "a").begin(VERSION)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "record",
    ["", "[]", "{}", '{"url": 1}', '{"url": "u", "bytes": 1.5}', '{"url": "u", "mark": 1}', None],
)
def test_bytes_or_record_alone_are_not_kept(tmp_path, record):
    begun(tmp_path / "a", b"", b"the cat")
    if record is None:
        (tmp_path / ".a.download").unlink()
    else:
        (tmp_path / ".a.download.json").write_text(record)
    assert Partial(tmp_path / "a").kept() is None
    for _ in range(2):
        Partial(tmp_path / "a").discard()
        assert list(tmp_path.iterdir()) == []
