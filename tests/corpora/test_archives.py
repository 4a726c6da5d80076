"""From an archive comes the one plain file that was asked for, or nothing."""

import bz2
import errno
import gzip
import io
import lzma
import random
import re
import stat
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora import archives
from textvae.corpora import transfer as checksums
from textvae.corpora.archives import extract, is_archive
from textvae.corpora.sources import OriginError
from textvae.corpora.transfer import Checks

TEXT = b"the cat sat .\n" * 100
UNKNOWN = Checks()


def tar(path: Path, members: dict[str, bytes | tarfile.TarInfo], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            if isinstance(content, bytes):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                archive.addfile(content)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(archive: Path, member: str, checks: Checks = UNKNOWN) -> str:
    folder = archive.parent / "out"
    folder.mkdir()
    with pytest.raises(OriginError) as caught:
        extract(archive, member, folder / "a.txt", checks)
    assert list(folder.iterdir()) == []
    (line,) = caught.value.args
    return line.removeprefix(f"{archive}: ")


@pytest.mark.parametrize("member", ["data/train.txt", "train.txt"])
@pytest.mark.parametrize("prefix", ["", "./", "corpus/"])
@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_member_is_found_behind_any_folders(
    tmp_path: Path, pack, prefix: str, member: str
) -> None:
    archive = pack(tmp_path / "a", {f"{prefix}data/train.txt": TEXT, "data/valid.txt": b"no"})
    assert is_archive(archive)
    assert extract(archive, member, tmp_path / "train.txt", Checks(len(TEXT))).bytes == len(TEXT)
    assert (tmp_path / "train.txt").read_bytes() == TEXT


def test_the_whole_path_goes_before_its_end(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", {"old/a.txt": b"old", "a.txt": TEXT})
    extract(archive, "a.txt", tmp_path / "a.txt", Checks())
    assert (tmp_path / "a.txt").read_bytes() == TEXT


def test_a_name_that_climbs_out_of_the_archive_has_no_effect(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    archive = tar(inside / "a", {"../../evil/train.txt": TEXT})
    extract(archive, "train.txt", inside / "train.txt", Checks())
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "in", "train.txt"]


def test_a_member_that_is_not_there(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", {f"{number}.txt": TEXT for number in range(7)})
    assert refused(archive, "train.txt") == (
        "holds no train.txt (it holds 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, ...)"
    )


def test_two_members_that_may_be_meant(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", {"x/a.txt": TEXT, "y/a.txt": TEXT})
    assert refused(archive, "a.txt") == "a.txt may be any of x/a.txt, y/a.txt"


@pytest.mark.parametrize(
    "name", ["../a.txt", "/etc/a.txt", "..\\a.txt", "x/../../a.txt", "C:a.txt"]
)
@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_member_goes_where_it_was_asked_to(tmp_path: Path, pack, name: str) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    archive = pack(inside / "a", {name: TEXT})
    extract(archive, name, inside / "mine.txt", Checks())
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "in", "mine.txt"]


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.DIRTYPE,
        tarfile.FIFOTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
    ],
)
def test_links_folders_and_devices_are_refused_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("a.txt")
    info.type, info.linkname = kind, "/etc/passwd"
    assert (
        refused(tar(tmp_path / "a", {"a.txt": info}), "a.txt")
        == "a.txt is not a regular file in it"
    )


def test_a_file_of_holes_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.txt")
    info.pax_headers = {"GNU.sparse.size": str(10**12), "GNU.sparse.map": f"{10**12},0"}
    assert (
        refused(tar(tmp_path / "a", {"a.txt": info}), "a.txt")
        == "a.txt is not a regular file in it"
    )


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused_in_a_zip(tmp_path: Path, mode: int) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (mode | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(tmp_path / "a", "a.txt") == "a.txt is not a regular file in it"


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_bomb_is_not_even_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack) -> None:
    monkeypatch.setattr(checksums, "MAX_BYTES", 1_000_000)
    archive = pack(tmp_path / "a", {"a.txt": bytes(5_000_000)})
    assert archive.stat().st_size < 10_000
    monkeypatch.setattr(archives, "atomic_write", None)
    assert refused(archive, "a.txt") == "a.txt is too long: more than 1,000,000 bytes"


@pytest.mark.parametrize("pack", [tar, zipped])
def test_no_more_comes_than_was_declared(tmp_path: Path, pack) -> None:
    archive = pack(tmp_path / "a", {"a.txt": TEXT})
    assert refused(archive, "a.txt", Checks(100)) == "a.txt is too long: more than 100 bytes"


def test_a_zip_that_says_less_than_it_holds_gives_no_more_than_it_says(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a", {"a.txt": bytes(5_000_000)})
    size, less = (number.to_bytes(4, "little") for number in (5_000_000, 1000))
    archive.write_bytes(archive.read_bytes().replace(size, less))
    assert refused(archive, "a.txt").startswith("damaged (Bad CRC-32")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_gigabytes_in_one_step_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w", method) as archive:
        archive.writestr("a.txt", TEXT)
    assert refused(tmp_path / "a", "a.txt") == "a.txt is not packed by the deflate method"


def test_an_archive_in_an_archive_is_a_file_like_any_other(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner", {"a.txt": TEXT})
    outer = zipped(tmp_path / "outer", {"inner.zip": inner.read_bytes()})
    extract(outer, "inner.zip", tmp_path / "inner.zip", Checks())
    assert (tmp_path / "inner.zip").read_bytes() == inner.read_bytes()
    assert "holds no a.txt (it holds inner.zip)" in refused(outer, "a.txt")


def blocks(path: Path, *parts: bytes) -> Path:
    """A tar.gz of whatever bytes, as nobody's packer writes it."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in parts:
            file.write(part)
    return path


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


MEMBERS = [header("b.txt") * 1000] * 1000  # a million, 512 MB, 2 MB packed
GLOBAL = b"".join(b"%d %05d=\n" % (10, number) for number in range(200))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (MEMBERS, "headers of more than 2,097,152 bytes"),
        (
            [header("x", 4 << 30, tarfile.XHDTYPE), bytes(1 << 20)],
            "a header of 4,294,967,296 bytes",
        ),
        ([header("x", 1 << 20, tarfile.GNUTYPE_LONGNAME), bytes(1 << 20)], "a header of 1,048,576"),
        ([header("x", 9 << 30), bytes(1 << 20)], "members of more than 8,589,934,592 bytes"),
        (
            [header("x", len(GLOBAL), tarfile.XGLTYPE), GLOBAL.ljust(2048, b"\0"), header("y")],
            "more than 100 settings for all its members",
        ),
        ([header("x", 512, tarfile.XHDTYPE) + b"9" * 512] * 2000, "a.txt|recursion depth"),
    ],
)
def test_a_tar_that_would_fill_the_memory(tmp_path: Path, parts: list[bytes], said: str) -> None:
    archive = blocks(tmp_path / "a", header("b.txt"), *parts, bytes(1024))
    assert archive.stat().st_size < 5_000_000
    tracemalloc.start()
    try:
        line = refused(archive, "a.txt")
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    # What Python makes of the last one differs between its versions.
    assert re.search(said, line)
    assert line.startswith(("damaged (", "holds no a.txt ("))


def test_such_a_header_at_the_very_beginning_is_no_archive(tmp_path: Path) -> None:
    archive = blocks(tmp_path / "a", header("x", 4 << 30, tarfile.XHDTYPE), bytes(1 << 20))
    assert not is_archive(archive)


def test_a_zip_whose_list_would_fill_the_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("a.txt", TEXT)
        (info,) = archive.infolist()
        archive.filelist = [info] * 50_000
    assert refused(tmp_path / "a", "a.txt") == (
        "damaged (a header of 2,550,000 bytes); delete it to have it downloaded again"
    )


def test_names_cannot_paint_the_terminal(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", {"x\x1b[2J\n/b.txt": TEXT})
    assert refused(archive, "a.txt") == r"holds no a.txt (it holds x\x1b[2J\n/b.txt)"


def test_a_member_is_checked_as_any_file(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", {"a.txt": TEXT})
    line = refused(archive, "a.txt", Checks(sha256="0" * 64))
    assert line.startswith("a.txt is wrong checksum: sha256 ")


@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_damaged_archive_is_called_so(tmp_path: Path, pack) -> None:
    noise = random.Random(0).randbytes(100_000)  # incompressible: the cut falls into the member
    archive = pack(tmp_path / "a", {"a.txt": noise})
    data = archive.read_bytes()
    middle = len(data) // 2
    archive.write_bytes(data[:middle] if pack is tar else data[:middle] + b"?" + data[middle + 1 :])
    line = refused(archive, "a.txt")
    assert line.startswith("damaged (")
    assert line.endswith("delete it to have it downloaded again")


def test_text_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    assert not is_archive(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"")
    assert not is_archive(tmp_path / "a")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_of_any_compression(tmp_path: Path, mode: str) -> None:
    archive = tar(tmp_path / "a", {"a.txt": TEXT}, mode)
    assert is_archive(archive)
    assert extract(archive, "a.txt", tmp_path / "a.txt", Checks()).bytes == len(TEXT)


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_of_any_format_with_long_names(tmp_path: Path, format: int) -> None:
    name = f"{'x' * 90}/{'y' * 90}/a.txt"
    with tarfile.open(tmp_path / "a", "w:gz", format=format) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    assert extract(tmp_path / "a", name, tmp_path / "a.txt", Checks()).bytes == len(TEXT)


@settings(deadline=None, max_examples=200)
@given(data=st.data(), packing=st.sampled_from([bytes, gzip.compress, bz2.compress, lzma.compress]))
def test_any_bytes_end_in_the_file_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, packing
) -> None:
    folder = tmp_path_factory.mktemp("any")
    kind = data.draw(st.sampled_from(["tar", "zip"]))
    small = {"x/a.txt": TEXT[:200], "b.txt": b"b"}
    archive = tar(folder / "a", small, "w") if kind == "tar" else zipped(folder / "a", small)
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, min(len(content), 2048) - 1))
        content[place] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    archive.write_bytes(packing(bytes(content)))
    is_archive(archive)
    try:
        extract(archive, "a.txt", folder / "a.txt", Checks())
    except OriginError as error:
        (line,) = error.args
        assert line.isprintable()
        assert not (folder / "a.txt").exists()


def test_a_fault_of_the_disk_is_not_the_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tar(tmp_path / "a", {"a.txt": TEXT})

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("textvae.corpora.archives.atomic_write", full)
    with pytest.raises(OSError, match="No space left on device"):
        extract(archive, "a.txt", tmp_path / "a.txt", Checks())
