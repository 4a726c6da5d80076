"""`textvae fetch` as a person or a rule calls it."""

import functools
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fileserver import Reply, serving
from small_disk import fill, small_disk
from textvae.cli import main
from textvae.corpora import download as downloading
from textvae.corpora import download as fetching

SOURCE = Path(__file__).parents[2] / "src"
TEXT = b"the cat sat .\n"
LONG = b"".join(b"%07d the cat sat .\n" % number for number in range(50_000))  # 1.1 MB


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def command(folder: Path, url: str, text: bytes = TEXT) -> list[str]:
    """Fetch a source of one file, which is at `url`."""
    file = {"sha256": hashlib.sha256(text).hexdigest(), "origins": [{"url": f"{url}/train.txt"}]}
    told = dict.fromkeys(["description", "licence", "citation", "homepage"], "of cats")
    declared = {"sources": {"cats": {**told, "files": {"train.txt": file}}}}
    (folder / "sources.yaml").write_text(yaml.safe_dump(declared))
    sources, output = str(folder / "sources.yaml"), str(folder / "out")
    return ["fetch", "cats", "--sources", sources, "--output", output]


def test_a_source_arrives_with_its_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving({"/train.txt": Reply(TEXT)}) as server:
        assert main(command(tmp_path, server.url)) == 0
        assert main(command(tmp_path, server.url)) == 0
        assert server.asked == ["/train.txt"]
    assert (tmp_path / "out" / "train.txt").read_bytes() == TEXT
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["files"][0]["origin"] == "found here"
    path = tmp_path / "out" / "train.txt"
    assert capsys.readouterr().err.splitlines() == [
        f"{path}: 14 bytes, {server.url}/train.txt",
        f"{path}: 14 bytes, found here",
    ]


def test_a_failure_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving({}) as server:
        assert main(command(tmp_path, server.url)) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("textvae fetch: cats: train.txt could not be had\n")
    assert f"{server.url}/train.txt: HTTP 404 Not Found" in printed
    assert f"put it there by hand: {tmp_path / 'out' / 'train.txt'} (sha256 " in printed
    assert "Traceback" not in printed


def test_an_unknown_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = command(tmp_path, "https://127.0.0.1")
    argv[1] = "dogs"
    assert main(argv) == 1
    assert "sources.yaml: no source 'dogs', expected cats" in capsys.readouterr().err


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses, and a connection is dead after a third of a second."""
    monkeypatch.setattr(downloading, "PAUSES", (0, 0, 0))
    quick = functools.partial(downloading.download, timeout=0.3)
    monkeypatch.setattr(fetching, "download", quick)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(TEXT, cut=5), "cut short: 5 of 14 bytes (4 attempts)"),
        (Reply(TEXT, delay=5), "connection lost (timed out) (4 attempts)"),
        (Reply(TEXT, cut=5, until=threading.Event()), "connection lost (timed out) (4 attempts)"),
        (Reply(b"", 404), "HTTP 404 Not Found"),
        (Reply(b"", 503), "HTTP 503 Service Unavailable (4 attempts)"),
        (Reply(b"", 302, {"Location": "/train.txt"}), "HTTP 302 The HTTP server returned a redire"),
        (
            Reply(b"", 302, {"Location": "file:///etc/passwd"}),
            "HTTP 302 Found - Redirection to",
        ),
        (Reply(b"<html>Sign in"), "answered with a web page instead of the file"),
        (
            Reply(TEXT, announced=9 << 30),
            "9,663,676,416 bytes announced, at most 8,589,",
        ),
        (Reply(TEXT + b"x"), "wrong checksum: sha256 "),
    ],
)
@pytest.mark.usefixtures("hurried")
def test_whatever_comes_instead_is_told_in_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: Reply, said: str
) -> None:
    with serving({"/train.txt": reply}) as server:
        assert main(command(tmp_path, server.url)) == 1
    out = tmp_path / "out"
    last = capsys.readouterr().err.partition("textvae fetch: ")[2].splitlines()
    assert last[0] == "cats: train.txt could not be had"
    assert last[1].startswith(f"  {server.url}/train.txt: {said}")
    assert last[2].startswith(f"  to go on, put it there by hand: {out / 'train.txt'} (sha256 ")
    assert last[-1] == "  and run this again (the source's page: of cats)"
    assert {path.name for path in out.iterdir()} <= {
        ".train.txt.download",
        ".train.txt.download.json",
    }


def started(argv: list[str]) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "textvae.cli", *argv],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )


def wait_until(happened: Callable[[], object], process: subprocess.Popen[str]) -> None:
    while not happened():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


def test_a_killed_fetch_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / "out" / ".train.txt.download"
    never = Reply(LONG, ranges=True, cut=400_000, until=threading.Event())
    with serving({"/train.txt": [never, Reply(LONG, ranges=True)]}) as server:
        argv = command(tmp_path, server.url, LONG)
        with started(argv) as process:
            wait_until(lambda: part.exists() and part.stat().st_size == 400_000, process)
            process.send_signal(signal.SIGKILL)
        assert not (tmp_path / "out" / "train.txt").exists()
        assert main(argv) == 0
        assert server.ranges == ["", "bytes=400000-"]
    assert (tmp_path / "out" / "train.txt").read_bytes() == LONG
    assert f"{server.url}/train.txt: goes on after 400,000 bytes\n" in capsys.readouterr().err


def test_two_at_once_fetch_it_once(tmp_path: Path) -> None:
    second_waits = threading.Event()
    with serving({"/train.txt": Reply(LONG, cut=1000, until=second_waits)}) as server:
        argv = command(tmp_path, server.url, LONG)
        with started(argv) as first:
            wait_until(lambda: server.asked, first)
            with started(argv) as second:
                line = second.stderr.readline()
                second_waits.set()
                rest = second.stderr.read()
        assert server.asked == ["/train.txt"]
    assert line.startswith(f"source cats: waiting for process {first.pid} on ")
    assert rest == f"{tmp_path / 'out' / 'train.txt'}: 1,100,000 bytes, found here\n"
    assert (first.returncode, second.returncode) == (0, 0)
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == ["manifest.json", "train.txt"]


def test_a_full_disk_costs_nothing_that_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        small_disk(tmp_path / "out", 3) as out,
        serving({"/train.txt": Reply(LONG, ranges=True)}) as server,
    ):
        argv = command(tmp_path, server.url, LONG)
        filling = fill(out, leave=500_000)
        assert main(argv) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"textvae fetch: {out / 'train.txt'}: No space left on device")
        assert not (out / "train.txt").exists()
        came = (out / ".train.txt.download").stat().st_size
        assert 0 < came < 500_000
        filling.unlink()
        assert main(argv) == 0
        assert server.ranges == ["", f"bytes={came}-"]
        assert (out / "train.txt").read_bytes() == LONG
