"""A download ends in the whole, right file, or in a line that says what came instead."""

import hashlib
import io
import ssl
import sys
import threading
from pathlib import Path

import pytest

from fileserver import Reply, Server, serving
from textvae.corpora.download import MIN_SECONDS, PAUSES, download
from textvae.corpora.sources import OriginError
from textvae.corpora.transfer import Checks, is_web_page

TEXT = b"the cat sat .\n" * 1000
RIGHT = Checks(sha256=hashlib.sha256(TEXT).hexdigest())


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


class Sleeper(list):
    """Counts the pauses instead of making them."""

    __call__ = list.append


def failure(
    server: Server, path: Path, checks: Checks = RIGHT, page: str = "/a", kept: int = 0
) -> str:
    """What the failing download of `page` says; nothing is left but what is `kept` of it."""
    with pytest.raises(OriginError) as caught:
        download(f"{server.url}{page}", path, checks, Sleeper(), timeout=0.3)
    left = sorted(path.parent.iterdir())
    assert [file.name for file in left] == ([".a.download", ".a.download.json"] if kept else [])
    assert not kept or left[0].stat().st_size == kept
    (line,) = caught.value.args
    assert line.startswith(f"{server.url}{page}: ")
    return line.removeprefix(f"{server.url}{page}: ")


def test_the_whole_file_arrives(tmp_path: Path) -> None:
    with serving({"/a": Reply(TEXT)}) as server:
        contents = download(f"{server.url}/a", tmp_path / "deep" / "a.txt", RIGHT)
    assert (tmp_path / "deep" / "a.txt").read_bytes() == TEXT
    assert contents.bytes == 14_000
    assert contents.sha256 == RIGHT.sha256


def test_a_body_of_unannounced_length_arrives(tmp_path: Path) -> None:
    with serving({"/a": Reply(TEXT, announced=-1)}) as server:
        assert download(f"{server.url}/a", tmp_path / "a", RIGHT).bytes == 14_000


@pytest.mark.parametrize(
    ("reply", "checks", "said"),
    [
        (Reply(b"", 404), RIGHT, "HTTP 404 Not Found"),
        (Reply(b"", 403), RIGHT, "HTTP 403 Forbidden"),
        (Reply(b"", 204), RIGHT, "HTTP 204 No Content, expected the file"),
        (Reply(TEXT, 206), RIGHT, "HTTP 206 Partial Content, expected the file"),
        (
            Reply(b"\n<!DOCTYPE html><p>Quota"),
            RIGHT,
            "answered with a web page instead of the file",
        ),
        (Reply(TEXT, headers={"Content-Type": "text/html; charset=utf-8"}), RIGHT, "a web page"),
        (Reply(TEXT + b"!"), RIGHT, f"wrong checksum: sha256 {'{}'}, expected {RIGHT.sha256}"),
        (Reply(TEXT), Checks(RIGHT.bytes, RIGHT.sha256, "0" * 40), "wrong checksum: git blob"),
        (Reply(TEXT), Checks(20_000, RIGHT.sha256), "14,000 bytes announced, expected 20,000"),
        (Reply(TEXT, announced=-1), Checks(20_000, RIGHT.sha256), "too short: 14,000 bytes"),
        (Reply(TEXT, announced=-1), Checks(10, RIGHT.sha256), "too long: more than 10 bytes"),
        (
            Reply(TEXT, announced=10**15),
            RIGHT,
            "1,000,000,000,000,000 bytes announced, at most 8,589,934,592 are accepted",
        ),
        (Reply(b""), RIGHT, "empty (0 bytes)"),
        (Reply(TEXT, headers={"Content-Encoding": "gzip"}), RIGHT, "in the encoding gzip"),
        (
            Reply(b"", 302, {"Location": "/a"}),
            RIGHT,
            "HTTP 302 The HTTP server returned a redirect",
        ),
        (Reply(b"", 302, {"Location": "http://[/"}), RIGHT, "redirected to an invalid address"),
        (Reply(b"", 302, {"Location": "//x:y/"}), RIGHT, "redirected to an invalid address"),
        (Reply(b"", 404, {"Content-Length": "²"}, -1), RIGHT, "HTTP 404 Not Found"),
    ],
)
def test_what_is_not_the_file_is_refused_at_once(
    tmp_path: Path, reply: Reply, checks: Checks, said: str
) -> None:
    with serving({"/a": reply}) as server:
        line = failure(server, tmp_path / "a", checks)
        assert said.format(hashlib.sha256(reply.body).hexdigest()) in line
        assert "attempts" not in line
        assert "\n" not in line


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(b"", 503), "HTTP 503 Service Unavailable (4 attempts)"),
        (Reply(TEXT, cut=0), "cut short: 0 of 14,000 bytes (4 attempts)"),
        (Reply(TEXT, cut=5000), "cut short: 5,000 of 14,000 bytes (4 attempts)"),
        (Reply(TEXT, delay=5), "connection lost (timed out) (4 attempts)"),
        (
            Reply(TEXT, cut=5000, until=threading.Event()),
            "connection lost (timed out) (4 attempts)",
        ),
    ],
)
def test_what_may_pass_is_tried_again(tmp_path: Path, reply: Reply, said: str) -> None:
    with serving({"/a": reply}) as server:
        assert said in failure(server, tmp_path / "a", kept=reply.cut or 0)
        assert len(server.asked) == 4


def test_a_server_that_never_stops_but_brings_next_to_nothing(tmp_path: Path) -> None:
    """Each byte comes in time, but so few of them that the file would take weeks."""
    times = iter(range(0, 10**9, MIN_SECONDS))
    trickling = Reply(TEXT, cut=10, until=threading.Event())
    with serving({"/a": trickling}) as server, pytest.raises(OriginError) as caught:
        download(f"{server.url}/a", tmp_path / "a", RIGHT, Sleeper(), 0.3, lambda: next(times))
    (line,) = caught.value.args
    assert line == f"{server.url}/a: too slow: 10 bytes in {MIN_SECONDS} s (4 attempts)"


def test_what_is_all_there_was_not_too_slow(tmp_path: Path) -> None:
    times = iter(range(0, 10**9, MIN_SECONDS))
    with serving({"/a": Reply(TEXT[:100])}) as server:
        download(f"{server.url}/a", tmp_path / "a", Checks(), Sleeper(), 5, lambda: next(times))
        assert server.asked == ["/a"]


def test_what_comes_along_with_a_redirection_is_not_read(tmp_path: Path) -> None:
    """It may have no end."""
    endless = Reply(TEXT, 302, {"Location": "/b"}, announced=10**15, until=threading.Event())
    with serving({"/a": endless, "/b": Reply(TEXT)}) as server:
        assert download(f"{server.url}/a", tmp_path / "a", RIGHT, timeout=5).bytes == 14_000


def test_redirections_without_end(tmp_path: Path) -> None:
    pages = {f"/{n}": Reply(b"", 302, {"Location": f"/{n + 1}"}) for n in range(100)}
    with serving(pages) as server:
        line = failure(server, tmp_path / "a", page="/0")
        assert line.startswith("HTTP 302 The HTTP server returned a redirect error that would lead")
        assert len(server.asked) < 20


def test_what_a_server_says_cannot_paint_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = Reply(b"", 302, {"Location": "ftp://x/\x1b]0;owned\x07" + "y" * 5000})
    busy = Reply(b"", 503, reason="Busy\x1b[2J")
    with serving({"/a": [busy, moved]}) as server:
        line = failure(server, tmp_path / "a")
    assert line.isprintable()
    assert len(line) < 1100
    (retry,) = capsys.readouterr().err.splitlines()
    assert retry == f"{server.url}/a: HTTP 503 Busy\\x1b[2J; again in 1 s"


def test_a_web_page_that_comes_by_drops(tmp_path: Path) -> None:
    dropping = threading.Event()
    page = Reply(b"<!doctype html><p>Quota", cut=3, until=dropping)
    release = threading.Timer(0.05, dropping.set)
    with serving({"/a": page}) as server:
        release.start()
        assert failure(server, tmp_path / "a", Checks()) == (
            "answered with a web page instead of the file"
        )


def test_a_server_that_recovers_is_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pauses = Sleeper()
    with serving(
        {"/a": [Reply(b"", 503), Reply(TEXT[:5], announced=14_000), Reply(TEXT)]}
    ) as server:
        download(f"{server.url}/a", tmp_path / "a", RIGHT, pauses)
    assert pauses == list(PAUSES[:2])
    assert "HTTP 503 Service Unavailable; again in 1 s" in capsys.readouterr().err


def test_pauses_grow() -> None:
    assert list(PAUSES) == sorted(set(PAUSES))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with serving({}) as server:
        pass
    assert "no connection ([Errno 111] Connection refused) (4 a" in failure(server, tmp_path / "a")


def test_https_is_spoken_or_nothing(tmp_path: Path) -> None:
    """A server that answers in plain text where https was asked for is not listened to."""
    with serving({"/a": Reply(TEXT)}) as server:
        secure = Server(server.url.replace("http:", "https:"), server.asked, server.ranges)
        assert failure(secure, tmp_path / "a").startswith("no connection ([SSL: ")
        assert server.asked == []


def test_a_certificate_that_nobody_vouches_for_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ssl.SSLCertVerificationError()
    refused.verify_message = "self-signed certificate"

    def open_url(*arguments: object) -> None:
        raise refused

    monkeypatch.setattr("http.client.HTTPSConnection.connect", open_url)
    line = failure(Server("https://127.0.0.1:9", [], []), tmp_path / "a")
    assert line == "certificate refused (self-signed certificate)"


def test_a_redirection_is_followed(tmp_path: Path) -> None:
    with serving({"/a": Reply(b"", 302, {"Location": "/b"}), "/b": Reply(TEXT)}) as server:
        assert download(f"{server.url}/a", tmp_path / "a", RIGHT).bytes == 14_000


@pytest.mark.parametrize(
    ("target", "checks"), [("http://127.0.0.1:9/b", Checks()), ("ftp://127.0.0.1/b", RIGHT)]
)
def test_a_redirection_to_an_unguarded_place_is_not(
    tmp_path: Path, target: str, checks: Checks
) -> None:
    with serving({"/a": Reply(b"", 302, {"Location": target})}) as server:
        assert (
            failure(server, tmp_path / "a", checks) == f"redirected to {target}, which is not https"
        )


@pytest.mark.parametrize("head", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\r\n <HTML lang=en>"])
def test_web_pages_are_known_by_their_head(head: bytes) -> None:
    assert is_web_page(head)


@pytest.mark.parametrize("head", [b"", b"<eos>", b'{"text": "<html>"}', b"\x1f\x8b\x08"])
def test_corpora_are_no_web_pages(head: bytes) -> None:
    assert not is_web_page(head)


def test_a_terminal_gets_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with serving({"/a": Reply(TEXT)}) as server:
        download(f"{server.url}/a", tmp_path / "train.txt", RIGHT)
    assert "train.txt" in terminal.getvalue()
    assert "\r" in terminal.getvalue()
