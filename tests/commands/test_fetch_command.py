"""The command `textvae fetch`: origins of a source in order, present files, faults and kills."""

import functools
import hashlib
import io
import json
import signal
import subprocess
import sys
import tarfile
import threading
import time

import pytest
import yaml

from fileserver import Reply, serving
from small_disk import fill, small_disk
from textvae.cli import main
from textvae.corpora import download

TRAIN, VALID = b"train .\n" * 50, b"valid .\n" * 50
LONG = b"".join(b"%07d the cat sat .\n" % number for number in range(50_000))  # 1.1 MB
PAGE = Reply(b"<!doctype html><title>Sign in</title>")
FILES = {"train.txt": TRAIN, "valid.txt": VALID}
MIRROR = {f"/mirror/{name}": Reply(data) for name, data in FILES.items()}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def packed(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"all/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


ALL = packed(FILES)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """No pauses, and a connection is dead after 0.3 s."""
    monkeypatch.setattr(download, "PAUSES", (0, 0, 0))
    monkeypatch.setattr(download, "download", functools.partial(download.download, timeout=0.3))


def command(folder, source):
    source |= dict.fromkeys(["description", "licence", "citation"], "of cats")
    source["homepage"] = "https://example.org/cats"
    (folder / "sources.yaml").write_text(yaml.safe_dump({"sources": {"cats": source}}))
    sources, output = str(folder / "sources.yaml"), str(folder / "out")
    return ["fetch", "cats", "--sources", sources, "--output", output]


def single(folder, url, data):
    """Return the command for a source of one file, at `url`."""
    file = {"sha256": sha256(data), "origins": [{"url": f"{url}/train.txt"}]}
    return command(folder, {"files": {"train.txt": file}})


@pytest.fixture
def fetch(tmp_path, capsys):
    """Fetch two files, each from an archive with two URLs, then from a mirror."""

    def run(url, content=ALL):
        """Return the manifest's entries by file, or the lines of the error.

        content: that of the archive, of which the SHA-256 is declared.
        """
        urls = [f"{url}/one.tgz", f"{url}/two.tgz"]
        archive = {"urls": urls, "sha256": sha256(content)}
        files = {}
        for name, data in FILES.items():
            origins = [{"archive": "all.tgz", "member": f"all/{name}"}]
            origins.append({"url": f"{url}/mirror/{name}"})
            files[name] = {"sha256": sha256(data), "origins": origins}
        status = main(command(tmp_path, {"archives": {"all.tgz": archive}, "files": files}))
        error = capsys.readouterr().err
        manifest = tmp_path / "out" / "manifest.json"
        assert manifest.exists() == (status == 0)
        if status:
            return error.partition("textvae fetch: ")[2].splitlines()
        for name, data in FILES.items():
            assert (tmp_path / "out" / name).read_bytes() == data
        left = {path.name for path in (tmp_path / "out").iterdir()}
        assert left - {"all.tgz"} == {*FILES, "manifest.json"}
        return {entry.pop("file"): entry for entry in json.loads(manifest.read_text())["files"]}

    return run


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_archive_is_downloaded_once_and_then_reused(fetch, out):
    (out / ".train.txt.abcd1234.partial").write_bytes(TRAIN)  # of a killed process
    with serving({"/one.tgz": Reply(ALL)}) as server:
        origin = f"{server.url}/one.tgz"
        assert fetch(server.url) == {
            name: {"bytes": 400, "sha256": sha256(data), "origin": origin}
            for name, data in FILES.items()
        }
        for name in FILES:
            (out / name).unlink()
        assert fetch(server.url)["valid.txt"]["origin"] == "found here"
        (out / "all.tgz").unlink()
        assert fetch(server.url)["train.txt"]["origin"] == "found here"
        assert server.paths == ["/one.tgz"]
        # A failing fetch removes the earlier manifest.
        (out / "train.txt").write_bytes(b"changed since")
        assert "sha256" in fetch(server.url)[0]


@pytest.mark.parametrize(
    ("one", "content", "two", "origin"),
    [
        *((PAGE, ALL, Reply(ALL), "/two.tgz"), (PAGE, ALL, PAGE, "/mirror/train.txt")),
        (Reply(b"not an archive"), b"not an archive", PAGE, "/mirror/train.txt"),
        (Reply(ALL[:-60]), ALL[:-60], PAGE, "/mirror/train.txt"),
        (Reply(ALL, ranges=True, cut=10), ALL, PAGE, "/mirror/train.txt"),
    ],
)
def test_next_origin_replaces_a_failed_one(fetch, one, content, two, origin):
    with serving({"/one.tgz": one, "/two.tgz": two, **MIRROR}) as server:
        assert fetch(server.url, content)["train.txt"]["origin"] == server.url + origin
        assert server.paths.count("/one.tgz") in (1, 4)  # not again for the second file


@pytest.mark.parametrize("name", ["train.txt", "all.tgz"])
@pytest.mark.parametrize(
    ("content", "key"), [(b"other", "sha256 "), (b"", "0 bytes"), (PAGE.body, "web page")]
)
def test_wrong_present_file_is_refused_and_kept(fetch, out, name, content, key):
    (out / name).write_bytes(content)
    with serving({"/one.tgz": Reply(ALL)}) as server:
        (line,) = fetch(server.url)
        assert server.paths == []
    assert line.startswith(f"{out / name}: ")
    assert key in line
    assert (out / name).read_bytes() == content
    (out / name).unlink()
    (out / name).mkdir()
    assert "is a folder" in fetch(server.url)[0]


def test_error_lists_each_origin_and_what_to_do(fetch, out):
    with serving({"/one.tgz": PAGE, "/mirror/train.txt": Reply(b"train ?\n")}) as server:
        lines = fetch(server.url)
        keys = [
            *("cats: train.txt", "/one.tgz: answered with a web page", "/two.tgz: HTTP 404"),
            f"/mirror/train.txt: wrong checksum: sha256 {sha256(b'train ?' + bytes([10]))}",
            f"{out / 'train.txt'} (sha256 {sha256(TRAIN)})",
            f"{out / 'all.tgz'} (sha256 {sha256(ALL)})",
            *("valid.txt", "https://example.org/cats"),
        ]
    assert [key in line for key, line in zip(keys, lines, strict=True)] == [True] * 8
    assert list(out.iterdir()) == []


def test_partial_file_is_named_and_resumed(fetch):
    whole = {**MIRROR, "/mirror/train.txt": Reply(TRAIN, ranges=True)}
    with serving({"/mirror/train.txt": Reply(TRAIN, ranges=True, cut=10)}) as server:
        assert any("40 bytes of train.txt" in line for line in fetch(server.url))
    with serving(whole) as server:  # another address: the checksum decides
        fetch(server.url)
        assert "bytes=40-" in server.ranges


def started(argv):
    command = [sys.executable, "-m", "textvae", *argv]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_until(happened, process):
    while not happened():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


def test_killed_fetch_is_resumed(tmp_path, capsys):
    part = tmp_path / "out" / ".train.txt.download"
    never = Reply(LONG, ranges=True, cut=400_000, until=threading.Event())
    with serving({"/train.txt": [never, Reply(LONG, ranges=True)]}) as server:
        argv = single(tmp_path, server.url, LONG)
        with started(argv) as process:
            wait_until(lambda: part.exists() and part.stat().st_size == 400_000, process)
            process.send_signal(signal.SIGKILL)
        assert not (tmp_path / "out" / "train.txt").exists()
        assert main(argv) == 0
        assert server.ranges == ["", "bytes=400000-"]
    assert (tmp_path / "out" / "train.txt").read_bytes() == LONG
    assert "400,000 bytes" in capsys.readouterr().err


def test_second_process_waits_and_uses_the_files(tmp_path):
    second_waits = threading.Event()
    with serving({"/train.txt": Reply(LONG, cut=1000, until=second_waits)}) as server:
        argv = single(tmp_path, server.url, LONG)
        with started(argv) as first:
            wait_until(lambda: server.paths, first)
            with started(argv) as second:
                line = second.stderr.readline()
                second_waits.set()
                rest = second.stderr.read()
        assert server.paths == ["/train.txt"]
    assert line.startswith("source cats: ")
    assert f"process {first.pid} " in line
    assert rest == f"{tmp_path / 'out' / 'train.txt'}: 1,100,000 bytes, found here\n"
    assert (first.returncode, second.returncode) == (0, 0)
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {"manifest.json", "train.txt"}


def test_full_disk_keeps_what_was_received(tmp_path, capsys):
    replies = {"/train.txt": Reply(LONG, ranges=True)}
    with small_disk(tmp_path / "out", 3) as out, serving(replies) as server:
        argv = single(tmp_path, server.url, LONG)
        filling = fill(out, leave=500_000)
        assert main(argv) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"textvae fetch: {out / 'train.txt'}: No space left on device")
        assert not (out / "train.txt").exists()
        received = (out / ".train.txt.download").stat().st_size
        assert 0 < received < 500_000
        filling.unlink()
        assert main(argv) == 0
        assert server.ranges == ["", f"bytes={received}-"]
        assert (out / "train.txt").read_bytes() == LONG
