"""A source's files, each found where it should lie or brought there from its first good origin."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textvae.corpora import manifest
from textvae.corpora.archives import extract, is_archive
from textvae.corpora.checksums import Checks, Contents
from textvae.corpora.downloading import download
from textvae.corpora.partial import Partial
from textvae.corpora.sources import Archive, Origin, OriginError, Source, SourceFile
from textvae.corpora.transfer import is_web_page
from textvae.errors import InputError
from textvae.files import remove_partials
from textvae.locks import held

FOUND = "found here"
# In the source's folder, while somebody fetches into it.
LOCK = ".fetch.lock"


def fetch(
    source: Source, folder: Path, sleep: Callable[[float], object] = time.sleep
) -> list[dict[str, Any]]:
    """Bring all files of `source` into `folder`; last of all write its `manifest.json`.

    A file that is there already, from an earlier run or put there by hand, is checked and kept.
    Archives stay in the folder. Returns the manifest's entries: file, bytes, sha256, origin (an
    address, or "found here"). InputError if a file is there and wrong, or all its origins fail.
    Who comes while another fetches into the folder waits, and then finds the files.
    """
    folder = Path(folder)
    with held(folder / LOCK, f"source {source.name}", sleep):
        return _fetch(source, folder, sleep)


def _fetch(source: Source, folder: Path, sleep: Callable[[float], object]) -> list[dict[str, Any]]:
    remove_partials(folder)
    (folder / manifest.NAME).unlink(missing_ok=True)
    archives = _Archives(source, folder, sleep)
    entries = []
    for file in source.files:
        path = folder / file.name
        if path.exists():
            contents, origin = _check_found(path, file.checks), FOUND
        else:
            contents, origin = _bring(file, path, archives, sleep)
        print(f"{path}: {contents.bytes:,} bytes, {origin}", file=sys.stderr, flush=True)
        entries.append(
            {
                "file": file.name,
                "bytes": contents.bytes,
                "sha256": contents.sha256,
                "origin": origin,
            }
        )
    # Of an origin that failed before another gave the file.
    for name in [*(file.name for file in source.files), *source.archives]:
        Partial(folder / name).discard()
    manifest.write(folder, source.name, entries)
    return entries


class _Archives:
    """The source's archives, each downloaded at most once in a run, or failed once."""

    def __init__(self, source: Source, folder: Path, sleep: Callable[[float], object]) -> None:
        self.source, self.folder, self.sleep = source, folder, sleep
        self._origins: dict[str, str] = {}
        self._failures: dict[str, list[str]] = {}

    def extract(self, origin: Origin, path: Path, checks: Checks) -> tuple[Contents, str]:
        """One member into `path`, and where its archive came from."""
        archive = self.source.archives[origin.archive]
        if archive.name not in self._origins | self._failures:
            self._get(archive)
        if failures := self._failures.get(archive.name):
            raise OriginError(*failures)
        contents = extract(self.folder / archive.name, origin.member, path, checks)
        return contents, self._origins[archive.name]

    def _get(self, archive: Archive) -> None:
        path = self.folder / archive.name
        if path.exists():
            _check_found(path, archive.checks)
            self._origins[archive.name] = FOUND
            return
        failures: list[str] = []
        for url in archive.urls:
            try:
                download(url, path, archive.checks, self.sleep)
            except OriginError as error:
                failures.extend(error.args)
                continue
            if is_archive(path):
                self._origins[archive.name] = url
                return
            path.unlink()
            failures.append(f"{url}: answered with neither a tar nor a zip archive")
        self._failures[archive.name] = failures


def _bring(
    file: SourceFile, path: Path, archives: _Archives, sleep: Callable[[float], object]
) -> tuple[Contents, str]:
    failures: list[str] = []
    for origin in file.origins:
        try:
            if origin.url is not None:
                return download(origin.url, path, file.checks, sleep), origin.url
            return archives.extract(origin, path, file.checks)
        except OriginError as error:
            failures.extend(error.args)
    raise InputError(*_advice(file, failures, archives))


def _advice(file: SourceFile, failures: list[str], archives: _Archives) -> list[str]:
    """What failed and where the file goes by hand, one fact a line."""
    source, folder = archives.source, archives.folder
    lines = [f"{source.name}: {file.name} could not be had", *(f"  {line}" for line in failures)]
    lines.append(f"  to go on, put it there by hand: {folder / file.name} ({file.checks})")
    packed = dict.fromkeys(origin.archive for origin in file.origins if origin.archive)
    for name in packed:
        checks = source.archives[name].checks
        lines.append(f"  or the archive that holds it: {folder / name} ({checks})")
    for name in [file.name, *packed]:
        if kept := Partial(folder / name).kept():
            lines.append(f"  kept for the next attempt: the first {kept.bytes:,} bytes of {name}")
    after = source.files[source.files.index(file) + 1 :]
    if missing := [other.name for other in after if not (folder / other.name).exists()]:
        lines.append(f"  not there yet either: {', '.join(missing)}")
    lines.append(f"  and run this again (the source's page: {source.homepage})")
    return lines


def _check_found(path: Path, checks: Checks) -> Contents:
    if not path.is_file():
        raise InputError(f"{path}: is a folder, a file of this name is to come here")
    with path.open("rb") as file:
        contents = Contents.of(file)
        file.seek(0)
        fault = checks.fault(contents)
        if is_web_page(file.read(4096)):
            fault = f"a web page, expected the file itself ({checks})"
    if fault:
        raise InputError(
            f"{path}: {fault}; delete it to have it downloaded, or put the right file in its place"
        )
    return contents
