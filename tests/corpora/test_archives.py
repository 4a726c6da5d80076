"""From an archive comes the one plain file that was asked for, or nothing."""

import io
import random
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from textvae.corpora import archives
from textvae.corpora.archives import extract, is_archive
from textvae.corpora.checksums import Checks
from textvae.corpora.sources import OriginError

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
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_links_folders_and_devices_are_refused_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("a.txt")
    info.type, info.linkname = kind, "/etc/passwd"
    assert refused(tar(tmp_path / "a", {"a.txt": info}), "a.txt") == "a.txt is no plain file in it"


def test_links_are_refused_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(tmp_path / "a", "a.txt") == "a.txt is no plain file in it"


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    archive = zipped(tmp_path / "a", {"a.txt": bytes(5_000_000)})
    assert archive.stat().st_size < 10_000
    assert refused(archive, "a.txt") == "a.txt is too long: more than 1,000,000 bytes"


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
    assert line.endswith("delete it to have it anew")


def test_text_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TEXT)
    assert not is_archive(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"")
    assert not is_archive(tmp_path / "a")
