"""Fetch a source's files: verify those that are present, download the others from their origins.

Used instead of pooch, which restarts an interrupted transfer from zero, allows one address per
file, accepts a web page for a file of unknown checksum, and reports only the checksum of what it
received.
"""

import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from textvae.corpora import sources as manifest
from textvae.corpora.archives import extract, is_archive
from textvae.corpora.contents import Checks, Contents
from textvae.corpora.sources import Archive, Origin, OriginError, Source, SourceFile
from textvae.corpora.transfer import (
    Answer,
    FaultError,
    Kept,
    NoRestError,
    Partial,
    PassingFaultError,
    Version,
    is_web_page,
    request,
)
from textvae.errors import InputError
from textvae.io import remove_partials
from textvae.runtime.locks import locked
from textvae.runtime.progress import progress

# Seconds before the second, third and fourth attempt, after a transient fault.
PAUSES = (1, 5, 15)
# Seconds without a byte after which a connection is considered dead.
TIMEOUT = 60
# A connection that delivers fewer than MIN_BYTES in MIN_SECONDS is abandoned: at that rate 100 MB
# take more than a day.
MIN_BYTES, MIN_SECONDS = 300_000, 300


def download(
    url: str,
    path: Path,
    checks: Checks,
    sleep: Callable[[float], object] = time.sleep,
    timeout: float = TIMEOUT,
    clock: Callable[[], float] = time.monotonic,
) -> Contents:
    """Download `url` to `path`, which appears only once it is complete and passes `checks`.

    Transient faults (no connection, a busy server, a transfer cut short or too slow) are retried
    after `PAUSES`. OriginError names the fault: a status, a web page, a wrong size or checksum. The
    bytes of an interrupted transfer stay beside `path` for the next attempt. Not safe for several
    processes at once.
    """
    pauses = iter(PAUSES)
    while True:
        try:
            return _attempt(url, path, checks, timeout, clock)
        except NoRestError as fault:
            # Happens at most once per transfer: without kept bytes the whole file is requested.
            Partial(path).discard()
            _log(f"{url}: {fault}; from zero")
        except PassingFaultError as fault:
            pause = next(pauses, None)
            if pause is None:
                if _usable(Partial(path).kept(), url, checks) is None:
                    Partial(path).discard()
                raise OriginError(f"{url}: {fault} ({len(PAUSES) + 1} attempts)") from None
            _log(f"{url}: {fault}; again in {pause} s")
            sleep(pause)
        except FaultError as fault:
            raise OriginError(f"{url}: {fault}") from None


def _attempt(
    url: str, path: Path, checks: Checks, timeout: float, clock: Callable[[], float]
) -> Contents:
    # sources.py allows plain http only for files with a SHA-256.
    schemes = {"https"} if checks.sha256 is None else {"https", "http"}
    partial = Partial(path)
    kept = _usable(partial.kept(), url, checks)
    resumed = kept is not None
    if kept is None or not kept.complete:
        with request(url, schemes, kept, timeout) as answer:
            resumed = answer.start > 0
            if resumed:
                _log(f"{url}: resumed after {answer.start:,} bytes")
            elif kept is not None:
                unused = f"{kept.bytes:,} bytes cannot be used"
                _log(f"{url}: {unused}, the server sends the whole file; from zero")
            _receive(answer, partial, checks, clock)
    with partial.read() as file:
        contents = Contents.of(file)
        fault = checks.fault(contents)
        file.seek(0)
        if is_web_page(file.read(4096)):
            fault = "answered with a web page instead of the file"
    if fault:
        partial.discard()
        # The end may belong to another version than the beginning: download the whole file.
        raise (NoRestError if resumed else FaultError)(fault)
    partial.finish()
    return contents


def _usable(kept: Kept | None, url: str, checks: Checks) -> Kept | None:
    """Return the kept bytes if `url` can complete them and `checks` would detect mixed versions."""
    if kept is None or (kept.version.url == url and kept.version.mark):
        return kept
    if checks.sha256 is None and checks.git_blob is None:
        return None
    # Another address may serve the same file with a different mark.
    return Kept(kept.bytes, Version(url, kept.version.bytes))


def _receive(answer: Answer, partial: Partial, checks: Checks, clock: Callable[[], float]) -> None:
    """Store the bytes received; raise FaultError as soon as they cannot be the requested file."""
    announced = answer.version.bytes
    if announced is not None and checks.bytes not in (None, announced):
        raise FaultError(f"{announced:,} bytes announced, expected {checks.bytes:,}")
    if announced is not None and announced > checks.max_bytes:
        raise FaultError(
            f"{announced:,} bytes announced, at most {checks.max_bytes:,} are accepted"
        )
    if answer.start == 0:
        partial.begin(answer.version)
    limit = checks.max_bytes if announced is None else announced
    received = checked_bytes = answer.start
    interval_start = clock()
    with partial.appending() as append, progress(partial.path.name, announced) as advance:
        advance(received)
        for piece in chain([answer.first], answer.others):
            received += len(piece)
            if received > limit:
                partial.discard()
                raise FaultError(f"too long: more than {limit:,} bytes")
            append(piece)
            advance(len(piece))
            if (seconds := clock() - interval_start) >= MIN_SECONDS and received != announced:
                if received - checked_bytes < MIN_BYTES:
                    rate = f"{received - checked_bytes:,} bytes in {seconds:.0f} s"
                    raise PassingFaultError(f"too slow: {rate}")
                interval_start, checked_bytes = clock(), received
    if announced is not None and received < announced:
        raise PassingFaultError(f"cut short: {received:,} of {announced:,} bytes")


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


FOUND = "found here"
# In the source's folder, while a process fetches into it.
LOCK = ".fetch.lock"


def fetch(
    source: Source, folder: Path, sleep: Callable[[float], object] = time.sleep
) -> list[dict[str, Any]]:
    """Fetch all files of `source` into `folder`, then write its `manifest.json`.

    A file that is already there, from an earlier run or from the user, is verified and kept.
    Archives stay in the folder. Returns the manifest's entries: file, bytes, sha256, origin (a URL,
    or "found here"). InputError if a present file is wrong, or all origins of a file fail.
    Concurrent processes wait for the first, and then use its files.
    """
    folder = Path(folder)
    with locked(folder / LOCK, f"source {source.name}", sleep):
        return _fetch(source, folder, sleep)


def _fetch(source: Source, folder: Path, sleep: Callable[[float], object]) -> list[dict[str, Any]]:
    remove_partials(folder)
    (folder / manifest.NAME).unlink(missing_ok=True)
    archives = _Archives(source, folder, sleep)
    entries = []
    for file in source.files:
        path = folder / file.name
        if path.exists():
            contents, origin = _check_present(path, file.checks), FOUND
        else:
            contents, origin = _provide(file, path, archives, sleep)
        print(f"{path}: {contents.bytes:,} bytes, {origin}", file=sys.stderr, flush=True)
        entries.append(
            {
                "file": file.name,
                "bytes": contents.bytes,
                "sha256": contents.sha256,
                "origin": origin,
            }
        )
    # Partial files of origins that failed before another provided the file.
    for name in [*(file.name for file in source.files), *source.archives]:
        Partial(folder / name).discard()
    manifest.write(folder, source.name, entries)
    return entries


class _Archives:
    """The source's archives; each is downloaded, or fails, at most once per run."""

    def __init__(self, source: Source, folder: Path, sleep: Callable[[float], object]) -> None:
        self.source, self.folder, self.sleep = source, folder, sleep
        self._origins: dict[str, str] = {}
        self._failures: dict[str, list[str]] = {}

    def extract(self, origin: Origin, path: Path, checks: Checks) -> tuple[Contents, str]:
        """Extract a member to `path`; return its contents and the origin of the archive."""
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
            _check_present(path, archive.checks)
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


def _provide(
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
    raise InputError(*_failure_lines(file, failures, archives))


def _failure_lines(file: SourceFile, failures: list[str], archives: _Archives) -> list[str]:
    """Return the failures, and where to put the file by hand, one fact per line."""
    source, folder = archives.source, archives.folder
    lines = [f"{source.name}: {file.name} is not available", *(f"  {line}" for line in failures)]
    lines.append(
        f"  to continue, download it yourself and put it here: {folder / file.name} ({file.checks})"
    )
    packed = dict.fromkeys(origin.archive for origin in file.origins if origin.archive)
    for name in packed:
        checks = source.archives[name].checks
        lines.append(f"  or the archive that contains it: {folder / name} ({checks})")
    for name in [file.name, *packed]:
        if kept := Partial(folder / name).kept():
            lines.append(f"  kept for the next attempt: the first {kept.bytes:,} bytes of {name}")
    after = source.files[source.files.index(file) + 1 :]
    if missing := [other.name for other in after if not (folder / other.name).exists()]:
        lines.append(f"  also missing: {', '.join(missing)}")
    lines.append(f"  and run this again (homepage of the source: {source.homepage})")
    return lines


def _check_present(path: Path, checks: Checks) -> Contents:
    if not path.is_file():
        raise InputError(f"{path}: is a folder, expected a file")
    with path.open("rb") as file:
        contents = Contents.of(file)
        file.seek(0)
        fault = checks.fault(contents)
        if is_web_page(file.read(4096)):
            fault = f"a web page, expected the file itself ({checks})"
    if fault:
        raise InputError(
            f"{path}: {fault}; delete it to have it downloaded, or replace it by the right file"
        )
    return contents
