"""Extraction of one regular file from a tar or zip archive, valid, damaged or hostile."""

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

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora import archives, contents
from textvae.corpora.archives import extract, is_archive
from textvae.corpora.contents import Checks
from textvae.corpora.sources import OriginError

TEXT = b"the cat sat .\n" * 100


def tar(path, members, mode="w:gz", **options):
    """Write a tar of {name: bytes or TarInfo}."""
    with tarfile.open(path, mode, **options) as archive:
        for name, content in members.items():
            if isinstance(content, bytes):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                archive.addfile(content)
    return path


def zipped(path, members, method=zipfile.ZIP_DEFLATED):
    """Write a zip of {name or ZipInfo: bytes}."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


both_kinds = pytest.mark.parametrize("pack", [tar, zipped])


def refused(archive, member="a.txt", checks=Checks()):  # noqa: B008 immutable
    """Return the message, one line; no file is written."""
    folder = archive.parent / "out"
    folder.mkdir(exist_ok=True)
    with pytest.raises(OriginError) as caught:
        extract(archive, member, folder / "a.txt", checks)
    assert list(folder.iterdir()) == []
    (line,) = caught.value.args
    assert line.isprintable()
    return line.removeprefix(f"{archive}: ")


@pytest.mark.parametrize("prefix", ["", "./", "corpus/"])
@both_kinds
def test_member_is_found_in_any_folder(tmp_path, pack, prefix):
    archive = pack(tmp_path / "a", {f"{prefix}data/train.txt": TEXT, "data/valid.txt": b"no"})
    assert is_archive(archive)
    for member in ("data/train.txt", "train.txt"):
        contents = extract(archive, member, tmp_path / "train.txt", Checks(len(TEXT)))
        assert contents.bytes == len(TEXT)
        assert (tmp_path / "train.txt").read_bytes() == TEXT
    archive = pack(tmp_path / "b", {"old/a.txt": b"old", "a.txt": TEXT, "x/a.txt": b"x"})
    extract(archive, "a.txt", tmp_path / "a.txt", Checks())
    assert (tmp_path / "a.txt").read_bytes() == TEXT  # the equal path, not one with its end


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ([f"{i}.txt" for i in range(7)], "0.txt, 1.txt, 2.txt, 3.txt, 4.txt, ..."),
        (["x/b.txt"], "x/b.txt"),
        ([], "no member a.txt"),
        (["x\x1b[2J\n/b.txt"], r"x\x1b[2J\n/b.txt"),
        (["x/a.txt", "y/a.txt"], "x/a.txt, y/a.txt"),
    ],
)
def test_missing_or_ambiguous_member_is_named(tmp_path, names, key):
    assert key in refused(tar(tmp_path / "a", dict.fromkeys(names, TEXT)))


@pytest.mark.parametrize("name", ["../../a.txt", "/etc/a.txt", "..\\a.txt", "C:a.txt"])
@both_kinds
def test_member_is_written_to_the_requested_path(tmp_path, pack, name):
    inside = tmp_path / "in"
    inside.mkdir()
    extract(pack(inside / "a", {name: TEXT}), name, inside / "mine.txt", Checks())
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "in", "mine.txt"]


SPECIAL = ["SYMTYPE", "LNKTYPE", "DIRTYPE", "FIFOTYPE", "CHRTYPE", "BLKTYPE"]


@pytest.mark.parametrize("kind", [*SPECIAL, "holes", "S_IFLNK", "S_IFCHR", "S_IFIFO"])
def test_links_folders_devices_and_holes_are_refused(tmp_path, kind):
    info = tarfile.TarInfo("a.txt")
    if kind.startswith("S_"):
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (getattr(stat, kind) | 0o777) << 16
        zipped(tmp_path / "a", {info: "/etc/passwd"})
    elif kind == "holes":
        info.pax_headers = {"GNU.sparse.size": str(10**12), "GNU.sparse.map": f"{10**12},0"}
        tar(tmp_path / "a", {"a.txt": info})
    else:
        info.type, info.linkname = getattr(tarfile, kind), "/etc/passwd"
        tar(tmp_path / "a", {"a.txt": info})
    assert "not a regular file" in refused(tmp_path / "a")


@both_kinds
def test_member_above_the_limit_is_not_begun(tmp_path, monkeypatch, pack):
    archive = pack(tmp_path / "a", {"a.txt": bytes(5_000_000)})
    assert archive.stat().st_size < 10_000
    monkeypatch.setattr(archives, "atomic_write", None)
    assert "1,399 bytes" in refused(archive, checks=Checks(1399))
    monkeypatch.setattr(contents, "MAX_BYTES", 1_000_000)
    assert "1,000,000 bytes" in refused(archive)


def test_zip_gives_no_more_bytes_than_it_declares(tmp_path):
    archive = zipped(tmp_path / "a", {"a.txt": bytes(5_000_000)})
    size, less = (number.to_bytes(4, "little") for number in (5_000_000, 1000))
    archive.write_bytes(archive.read_bytes().replace(size, less))
    assert refused(archive).startswith("damaged (")


def test_other_zip_methods_are_refused(tmp_path):
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "deflate" in refused(zipped(tmp_path / "a", {"a.txt": TEXT}, method))


def test_archive_in_an_archive_is_a_regular_file(tmp_path):
    inner = zipped(tmp_path / "inner", {"a.txt": TEXT})
    for pack in (zipped, lambda *arguments: tar(*arguments, "w")):
        outer = pack(tmp_path / "outer", {"inner.zip": inner.read_bytes()})
        extract(outer, "inner.zip", tmp_path / "inner.zip", Checks())
        assert (tmp_path / "inner.zip").read_bytes() == inner.read_bytes()


def header(name, size=0, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def blocks(path, *parts):
    """Write any bytes as a tar.gz."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in parts:
            file.write(part)
    return path


MEMBERS = [header("b.txt") * 1000] * 100
SETTINGS = b"".join(b"%d %05d=\n" % (10, number) for number in range(101))
PAX, LONG_NAME, GLOBAL = tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (MEMBERS, "2,097,152 bytes"),
        ([header("x", 4 << 30, PAX), bytes(1 << 20)], "4,294,967,296 bytes"),
        ([header("x", 1 << 20, LONG_NAME), bytes(1 << 20)], "1,048,576"),
        ([header("x", 9 << 30), bytes(1 << 20)], "8,589,934,592 bytes"),
        ([header("x", 1010, GLOBAL), SETTINGS.ljust(1024, b"\0"), header("y")], "100 settings"),
        ([header("x", 512, PAX) + b"9" * 512] * 2000, "a.txt|recursion depth"),  # by Python version
    ],
)
def test_tar_that_would_fill_the_memory_is_refused(tmp_path, parts, key):
    archive = blocks(tmp_path / "a", header("b.txt"), *parts, bytes(1024))
    tracemalloc.start()
    try:
        line = refused(archive)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert re.search(key, line)
    assert line.startswith(("damaged (", "no member a.txt "))


def test_zip_with_a_huge_list_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("a.txt", TEXT)
        archive.filelist = archive.infolist() * 50_000
    assert "2,550,000 bytes" in refused(tmp_path / "a")


def test_other_bytes_are_not_an_archive(tmp_path):
    huge_first_header = [header("x", 4 << 30, PAX), bytes(1 << 20)]
    for parts in ([], [b""], huge_first_header):
        assert not is_archive(blocks(tmp_path / "a", *parts))
    for data in (TEXT, b""):
        (tmp_path / "a").write_bytes(data)
        assert not is_archive(tmp_path / "a")


@both_kinds
def test_damaged_archive_or_wrong_checksum_is_refused(tmp_path, pack):
    noise = random.Random(0).randbytes(100_000)  # incompressible: the cut is within the member
    archive = pack(tmp_path / "a", {"a.txt": noise})
    assert "wrong checksum: sha256 " in refused(archive, checks=Checks(sha256="0" * 64))
    data = archive.read_bytes()
    middle = len(data) // 2
    archive.write_bytes(data[:middle] if pack is tar else data[:middle] + b"?" + data[middle + 1 :])
    assert re.match(r"damaged \(.*delete it", refused(archive))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_any_compression_and_format_is_read(tmp_path, mode, format):
    name = f"{'x' * 90}/{'y' * 90}/a.txt"
    archive = tar(tmp_path / "a", {name: TEXT}, mode, format=format)
    assert is_archive(archive)
    assert extract(archive, name, tmp_path / "a.txt", Checks()).bytes == len(TEXT)


@settings(deadline=None, max_examples=100)
@given(data=st.data(), packing=st.sampled_from([bytes, gzip.compress, bz2.compress, lzma.compress]))
def test_any_damage_gives_the_file_or_one_line(tmp_path_factory, data, packing):
    folder = tmp_path_factory.mktemp("any")
    small = {"x/a.txt": TEXT[:200], "b.txt": b"b"}
    archive = tar(folder / "a", small, "w") if data.draw(st.booleans()) else None
    content = bytearray((archive or zipped(folder / "a", small)).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        index = data.draw(st.integers(0, min(len(content), 2048) - 1))
        content[index] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    (folder / "a").write_bytes(packing(bytes(content)))
    is_archive(folder / "a")
    try:
        extract(folder / "a", "a.txt", folder / "a.txt", Checks())
    except OriginError as error:
        line = str(error)
    else:
        return
    assert line.isprintable()
    assert not (folder / "a.txt").exists()


def test_full_disk_is_not_damage_of_the_archive(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "atomic_write", full)
    with pytest.raises(OSError, match="No space left on device"):
        extract(tar(tmp_path / "a", {"a.txt": TEXT}), "a.txt", tmp_path / "a.txt", Checks())
