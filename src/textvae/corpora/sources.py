"""Sources of raw corpora, as declared in `config/sources.yaml`, and their manifests.

A source has files. Each file has origins, tried in order: a URL, or a member of an archive, which
has URLs itself. The declared size, SHA-256 or git blob id of a file is verified for every origin.

The workflow depends on the `manifest.json` beside the files, not on the files, which may have been
put there by hand; so `check_unchanged` compares a file with its manifest when it is read.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from textvae.corpora.contents import Checks, Contents
from textvae.errors import InputError, one_line
from textvae.io import read_json, write_json

NAME = "manifest.json"
# Levels of folders within a source.
_MAX_FOLDERS = 3


def write(folder: Path, source: str, entries: list[dict[str, Any]]) -> None:
    """Write the manifest of `source`: file, bytes, sha256 and origin of each file."""
    write_json(folder / NAME, {"source": source, "files": entries})


def check_unchanged(path: Path) -> None:
    """Raise InputError if the manifest of the source of `path` describes another file."""
    manifest, checks = _recorded(path)
    if checks is None or not path.is_file():
        return
    with path.open("rb") as file:
        fault = checks.fault(Contents.of(file))
    if fault:
        advice = f"put that one back, or delete {manifest} and fetch again to have this one checked"
        raise InputError(f"{path}: not the file that was checked ({fault}); {advice}")


def is_same_file(path: Path, other: Path) -> bool:
    """Return whether two paths are of one file, by name or by a link."""
    return path == other or (path.exists() and other.exists() and path.samefile(other))


def check_held_out_files(paths: Mapping[str, Path]) -> None:
    """Raise InputError if the file of train is also that of valid or test.

    One file for valid and test is accepted: the paper's training selects nothing on valid, and the
    authors' archive has no other for WIKI. What selects on it is warned of in planning.
    """
    for split in ("valid", "test"):
        if is_same_file(paths["train"], paths[split]):
            raise InputError(f"{paths[split]}: given for train and {split}, expected two files")


def recorded_sha256(path: Path) -> str | None:
    """Return the SHA-256 that the manifest of the source of `path` has for it, None without one."""
    _, checks = _recorded(path)
    return checks.sha256 if checks else None


def _recorded(path: Path) -> tuple[Path, Checks | None]:
    """Return the manifest of a file's source, which may have subfolders, and its checks."""
    for folder in path.parents[:_MAX_FOLDERS]:
        manifest = folder / NAME
        if manifest.is_file():
            return manifest, _manifest_checks(
                read_json(manifest), path.relative_to(folder).as_posix()
            )
    return path.parent / NAME, None


def _manifest_checks(manifest: Any, name: str) -> Checks | None:
    """Return the checks of the file `name`; None if the manifest has none, or is not ours."""
    try:
        for entry in manifest["files"]:
            if entry["file"] == name:
                size, sha256 = entry["bytes"], entry["sha256"]
                return Checks(size, sha256) if isinstance(size, int) else None
    except (KeyError, TypeError):
        pass
    return None


class OriginError(Exception):
    """An origin did not provide the file. Each argument is a line: an address, and its answer."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*map(one_line, lines))


@dataclass(frozen=True)
class Origin:
    """An origin of a file: a URL, or a member of one of the source's archives."""

    url: str | None = None
    archive: str | None = None
    member: str | None = None


@dataclass(frozen=True)
class SourceFile:
    """A file of a source. `name` is its path below the source's folder."""

    name: str
    origins: tuple[Origin, ...]
    checks: Checks


@dataclass(frozen=True)
class Archive:
    """A tar or zip archive with files of a source. `name` is its path below the source's folder."""

    name: str
    urls: tuple[str, ...]
    checks: Checks


@dataclass(frozen=True)
class Source:
    """A published corpus: its files and archives."""

    name: str
    description: str
    licence: str
    citation: str
    homepage: str
    files: tuple[SourceFile, ...]
    archives: dict[str, Archive]


def load_sources(path: Path) -> dict[str, Source]:
    """Return all sources of a sources.yaml; InputError at the first wrong key or value."""
    # Imported here: it takes time, and most commands only read manifests.
    from textvae.config import strict_yaml

    declared = strict_yaml.load(path)
    entries = _keys(declared, str(path), required={"sources"})["sources"]
    entries = _mapping(entries, f"{path}: sources")
    return {name: _source(str(name), entry, path) for name, entry in entries.items()}


def find_source(path: Path, name: str) -> Source:
    """Return one source of a sources.yaml by its name."""
    sources = load_sources(path)
    if name not in sources:
        raise InputError(f"{path}: no source {name!r}, expected {', '.join(sorted(sources))}")
    return sources[name]


def _source(name: str, entry: Any, path: Path) -> Source:
    where = f"{path}: sources.{name}"
    facts = {"description", "licence", "citation", "homepage"}
    entry = _keys(entry, where, required=facts | {"files"}, optional={"archives"})
    archives = {
        _file_name(key, where): _archive(key, value, f"{where}.archives.{key}")
        for key, value in _mapping(entry.get("archives") or {}, f"{where}.archives").items()
    }
    files = tuple(
        _file(_file_name(key, where), value, archives, f"{where}.files.{key}")
        for key, value in _mapping(entry["files"], f"{where}.files").items()
    )
    if not files:
        raise InputError(f"{where}.files: empty, at least one file is needed")
    names = [file.name for file in files] + list(archives) + ["manifest.json"]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise InputError(
            f"{where}: two files (or an archive, or the manifest) are named {repeated[0]}"
        )
    return Source(name, files=files, archives=archives, **{key: str(entry[key]) for key in facts})


_CHECKS = {"bytes", "sha256", "git_blob"}
_HEX_DIGITS = {"sha256": 64, "git_blob": 40}


def _archive(name: str, entry: Any, where: str) -> Archive:
    entry = _keys(entry, where, required={"urls"}, optional=_CHECKS)
    checks = _checks(entry, where)
    urls = _list(entry["urls"], f"{where}.urls")
    return Archive(name, tuple(_url(url, checks, f"{where}.urls") for url in urls), checks)


def _file(name: str, entry: Any, archives: dict[str, Archive], where: str) -> SourceFile:
    entry = _keys(entry, where, required={"origins"}, optional=_CHECKS)
    checks = _checks(entry, where)
    origins = _list(entry["origins"], f"{where}.origins")
    return SourceFile(
        name, tuple(_origin(o, checks, archives, f"{where}.origins") for o in origins), checks
    )


def _origin(entry: Any, checks: Checks, archives: dict[str, Archive], where: str) -> Origin:
    entry = _mapping(entry, where)
    if set(entry) == {"url"}:
        return Origin(url=_url(entry["url"], checks, where))
    if set(entry) != {"archive", "member"}:
        raise InputError(
            f"{where}: {', '.join(map(str, entry)) or 'nothing'} given, an origin has either url, "
            "or archive and member"
        )
    archive, member = str(entry["archive"]), str(entry["member"])
    if archive not in archives:
        raise InputError(f"{where}: no archive {archive!r} is declared in this source")
    return Origin(archive=archive, member=member)


def _checks(entry: dict[str, Any], where: str) -> Checks:
    size = entry.get("bytes")
    if size is not None and (type(size) is not int or size <= 0):
        raise InputError(f"{where}.bytes: {size!r}, expected a positive whole number")
    for key, digits in _HEX_DIGITS.items():
        value = entry.get(key)
        valid = isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value)
        if value is not None and not valid:
            raise InputError(f"{where}.{key}: {value!r}, expected {digits} hexadecimal digits")
    return Checks(size, entry.get("sha256"), entry.get("git_blob"))


def _url(url: Any, checks: Checks, where: str) -> str:
    """Return `url` if it is https, or http with a SHA-256 that detects a changed file."""
    try:
        scheme = urlsplit(str(url)).scheme
    except ValueError:  # as of `https://[`
        scheme = ""
    if scheme == "https" or (scheme == "http" and checks.sha256 is not None):
        return str(url)
    wanted = "https, or http where a sha256 is declared beside it"
    raise InputError(f"{where}: {url!r}, expected an address with {wanted}")


def _file_name(name: Any, where: str) -> str:
    """Return `name`; InputError if it would leave the source's folder."""
    path = PurePosixPath(str(name))
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in str(name):
        raise InputError(f"{where}: {name!r} is not the name of a file inside the source's folder")
    return str(path)


def _mapping(value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected keys and values, got {value!r}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{where}: expected a list with at least one entry, got {value!r}")
    return value


def _keys(
    value: Any, where: str, required: set[str], optional: Set[str] = frozenset()
) -> dict[str, Any]:
    """Return `value`; InputError unless it is a mapping with all `required` keys and no unknown."""
    entry = _mapping(value, where)
    if missing := sorted(required - set(entry)):
        raise InputError(f"{where}: {missing[0]} is missing")
    if unknown := sorted(map(str, set(entry) - required - optional)):
        known = ", ".join(sorted(required | optional))
        raise InputError(f"{where}: unknown key {unknown[0]!r}, expected {known}")
    return entry
