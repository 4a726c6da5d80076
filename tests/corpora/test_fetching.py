"""A source is fetched from its first good origin, kept where it is right, refused where wrong."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from fileserver import Reply, serving
from textvae.corpora.download import LOCK, fetch
from textvae.corpora.sources import Archive, Origin, Source, SourceFile
from textvae.corpora.transfer import Checks
from textvae.errors import InputError
from textvae.runtime.locks import Lock

TRAIN, VALID = b"train .\n" * 50, b"valid .\n" * 50
PAGE = Reply(b"<!doctype html><title>Sign in</title>")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"all/{name}.txt")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


ALL = packed(train=TRAIN, valid=VALID)
CHECKED = Checks(sha256=sha(ALL))


def source(root: str, archive_checks: Checks = CHECKED) -> Source:
    """Two files, each from an archive (of two addresses) first, then from a mirror."""

    def file(name: str, data: bytes) -> SourceFile:
        origins = (
            Origin(archive="all.tgz", member=f"all/{name}.txt"),
            Origin(url=f"{root}/mirror/{name}.txt"),
        )
        return SourceFile(f"{name}.txt", origins, Checks(sha256=sha(data)))

    archive = Archive("all.tgz", (f"{root}/one.tgz", f"{root}/two.tgz"), archive_checks)
    return Source(
        "own",
        "d",
        "l",
        "c",
        "https://example.org/own",
        (file("train", TRAIN), file("valid", VALID)),
        {"all.tgz": archive},
    )


def run(source: Source, folder: Path) -> dict[str, str]:
    """Origin by file."""
    return {entry["file"]: entry["origin"] for entry in fetch(source, folder, lambda pause: None)}


def test_an_archive_is_downloaded_once_for_all_its_members(tmp_path: Path) -> None:
    with serving({"/one.tgz": Reply(ALL)}) as server:
        origins = run(source(server.url), tmp_path)
        assert server.asked == ["/one.tgz"]
        assert origins == dict.fromkeys(["train.txt", "valid.txt"], f"{server.url}/one.tgz")
    assert (tmp_path / "train.txt").read_bytes() == TRAIN
    assert (tmp_path / "valid.txt").read_bytes() == VALID


def test_the_manifest_says_what_is_there_and_whence(tmp_path: Path) -> None:
    with serving({"/one.tgz": Reply(ALL)}) as server:
        run(source(server.url), tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["source"] == "own"
    assert manifest["files"][1] == {
        "file": "valid.txt",
        "bytes": 400,
        "sha256": sha(VALID),
        "origin": f"{server.url}/one.tgz",
    }


def test_the_archives_second_address_takes_over(tmp_path: Path) -> None:
    with serving({"/one.tgz": PAGE, "/two.tgz": Reply(ALL)}) as server:
        assert run(source(server.url), tmp_path)["train.txt"] == f"{server.url}/two.tgz"


def test_a_mirror_of_the_files_takes_over(tmp_path: Path) -> None:
    replies = {
        "/one.tgz": PAGE,
        "/mirror/train.txt": Reply(TRAIN),
        "/mirror/valid.txt": Reply(VALID),
    }
    with serving(replies) as server:
        assert run(source(server.url), tmp_path)["train.txt"] == f"{server.url}/mirror/train.txt"
        # The archive had failed once; it is not asked for again.
        assert server.asked.count("/one.tgz") == 1


def test_what_is_there_is_kept_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_bytes(TRAIN)
    (tmp_path / "valid.txt").write_bytes(VALID)
    with serving({}) as server:
        assert set(run(source(server.url), tmp_path).values()) == {"found here"}
        assert server.asked == []


def test_an_archive_put_there_by_hand_is_used(tmp_path: Path) -> None:
    (tmp_path / "all.tgz").write_bytes(ALL)
    with serving({}) as server:
        assert set(run(source(server.url), tmp_path).values()) == {"found here"}
        assert server.asked == []
    assert (tmp_path / "valid.txt").read_bytes() == VALID


@pytest.mark.parametrize("name", ["train.txt", "all.tgz"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"something else", "wrong checksum: sha256 "),
        (b"", "empty (0 bytes)"),
        (PAGE.body, "a web page, expected the file itself (sha256 "),
    ],
)
def test_a_wrong_file_put_there_is_refused_and_left(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with serving({"/one.tgz": Reply(ALL)}) as server, pytest.raises(InputError) as caught:
        run(source(server.url), tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: {said}")
    assert "delete it to have it downloaded, or put the right file in its place" in str(
        caught.value
    )
    assert (tmp_path / name).read_bytes() == content


def test_a_folder_in_the_files_place(tmp_path: Path) -> None:
    (tmp_path / "train.txt").mkdir()
    with serving({}) as server, pytest.raises(InputError, match="is a folder"):
        run(source(server.url), tmp_path)


def test_when_all_fails_every_fact_has_its_line(tmp_path: Path) -> None:
    replies = {"/one.tgz": PAGE, "/mirror/train.txt": Reply(b"train ?\n")}
    with serving(replies) as server, pytest.raises(InputError) as caught:
        run(source(server.url), tmp_path)
    assert str(caught.value).splitlines() == [
        "own: train.txt could not be had",
        f"  {server.url}/one.tgz: answered with a web page instead of the file",
        f"  {server.url}/two.tgz: HTTP 404 Not Found",
        f"  {server.url}/mirror/train.txt: wrong checksum: sha256 {sha(b'train ?' + bytes([10]))}, "
        f"expected {sha(TRAIN)}",
        f"  to go on, put it there by hand: {tmp_path / 'train.txt'} (sha256 {sha(TRAIN)})",
        f"  or the archive that holds it: {tmp_path / 'all.tgz'} (sha256 {sha(ALL)})",
        "  not there yet either: valid.txt",
        "  and run this again (the source's page: https://example.org/own)",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_failed_fetch_leaves_no_manifest_of_an_earlier_one(tmp_path: Path) -> None:
    with serving({"/one.tgz": Reply(ALL)}) as server:
        run(source(server.url), tmp_path)
        (tmp_path / "train.txt").write_bytes(b"changed since")
        with pytest.raises(InputError):
            run(source(server.url), tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_an_archive_without_known_checksum_must_be_one(tmp_path: Path) -> None:
    replies = {"/one.tgz": Reply(b"Sorry."), "/two.tgz": Reply(ALL)}
    with serving(replies) as server:
        origins = run(source(server.url, Checks()), tmp_path)
    assert origins["train.txt"] == f"{server.url}/two.tgz"


def test_a_damaged_archive_gives_way_to_the_mirror(tmp_path: Path) -> None:
    replies = {
        "/one.tgz": Reply(ALL[:-60]),
        "/mirror/train.txt": Reply(TRAIN),
        "/mirror/valid.txt": Reply(VALID),
    }
    with serving(replies) as server:
        origins = run(source(server.url, Checks()), tmp_path)
    assert origins["train.txt"] == f"{server.url}/mirror/train.txt"


def test_what_came_of_a_file_is_kept_and_told(tmp_path: Path) -> None:
    cut = {"/mirror/train.txt": Reply(TRAIN, ranges=True, cut=10)}
    whole = {"/mirror/train.txt": Reply(TRAIN, ranges=True), "/mirror/valid.txt": Reply(VALID)}
    with serving(cut) as server, pytest.raises(InputError) as caught:
        run(source(server.url), tmp_path)
    said = "  kept for the next attempt: the first 40 bytes of train.txt"
    assert said in str(caught.value).splitlines()
    with serving(whole) as server:  # at another address: the checksum decides
        run(source(server.url), tmp_path)
        assert "bytes=40-" in server.ranges
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["manifest.json", "train.txt", "valid.txt"]


def test_what_came_of_an_origin_that_failed_goes_when_another_gave_the_files(
    tmp_path: Path,
) -> None:
    replies = {
        "/one.tgz": Reply(ALL, ranges=True, cut=10),
        "/mirror/train.txt": Reply(TRAIN),
        "/mirror/valid.txt": Reply(VALID),
    }
    with serving(replies) as server:
        run(source(server.url), tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["manifest.json", "train.txt", "valid.txt"]


def test_who_comes_second_waits_and_finds_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = Lock.take(tmp_path / LOCK)

    def sleep(seconds: float) -> None:
        """What the first one does meanwhile."""
        (tmp_path / "train.txt").write_bytes(TRAIN)
        (tmp_path / "valid.txt").write_bytes(VALID)
        lock.release()

    with serving({}) as server:
        entries = fetch(source(server.url), tmp_path, sleep)
        assert server.asked == []
    assert [entry["origin"] for entry in entries] == ["found here", "found here"]
    assert capsys.readouterr().err.startswith("source own: waiting for process ")
    assert not (tmp_path / LOCK).exists()


def test_a_damaged_archive_is_told_in_one_line_whatever_its_names_say(tmp_path: Path) -> None:
    wrong = packed(**{"x\n\x1b[2J": TRAIN})
    with serving({"/one.tgz": Reply(wrong)}) as server, pytest.raises(InputError) as caught:
        run(source(server.url, Checks()), tmp_path)
    line = str(caught.value).splitlines()[1]
    assert (
        line == f"  {tmp_path / 'all.tgz'}: holds no all/train.txt (it holds all/x\\n\\x1b[2J.txt)"
    )


def test_what_killed_fetches_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".train.txt.abcd1234.partial").write_bytes(TRAIN)
    (tmp_path / "train.txt").write_bytes(TRAIN)
    (tmp_path / "valid.txt").write_bytes(VALID)
    run(source("http://127.0.0.1:9"), tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["manifest.json", "train.txt", "valid.txt"]
