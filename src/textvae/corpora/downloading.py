"""One address, one file: whole and checked, or an account of what came instead.

A transfer that was cut goes on where it ended, in this run or in a later one, as far as the server
can and two versions of the file cannot be mixed up (see `textvae.corpora.partial`).
"""

import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from textvae.corpora.checksums import Checks, Contents
from textvae.corpora.partial import Kept, Partial, Version
from textvae.corpora.sources import OriginError
from textvae.corpora.transfer import (
    Answer,
    FaultError,
    NoRestError,
    PassingFaultError,
    asked,
    is_web_page,
)
from textvae.progress import progress

# Seconds before the second, third and fourth attempt, after a fault that may pass by itself.
PAUSES = (1, 5, 15)
# Seconds without a byte after which a connection counts as dead.
TIMEOUT = 60
# A connection that does not die but brings less than so many bytes in so many seconds is given up:
# at that pace 100 MB take more than a day.
LEAST_BYTES, LEAST_SECONDS = 300_000, 300


def download(
    url: str,
    path: Path,
    checks: Checks,
    sleep: Callable[[float], object] = time.sleep,
    timeout: float = TIMEOUT,
    clock: Callable[[], float] = time.monotonic,
) -> Contents:
    """Fetch `url` into `path`, which appears only when all bytes are there and pass `checks`.

    Faults that may pass (no connection, a busy server, a transfer cut short or too slow) are tried
    again after `PAUSES`. OriginError says what came: a status, a web page, a wrong size or
    checksum. What came of a transfer that was cut stays beside `path` for the next attempt. One
    process at a time.
    """
    pauses = iter(PAUSES)
    while True:
        try:
            return _attempt(url, path, checks, timeout, clock)
        except NoRestError as fault:
            # With nothing kept there is no rest: this happens once after each transfer.
            Partial(path).discard()
            _say(f"{url}: {fault}; from zero")
        except PassingFaultError as fault:
            pause = next(pauses, None)
            if pause is None:
                if _usable(Partial(path).kept(), url, checks) is None:
                    Partial(path).discard()
                raise OriginError(f"{url}: {fault} ({len(PAUSES) + 1} attempts)") from None
            _say(f"{url}: {fault}; again in {pause} s")
            sleep(pause)
        except FaultError as fault:
            raise OriginError(f"{url}: {fault}") from None


def _attempt(
    url: str, path: Path, checks: Checks, timeout: float, clock: Callable[[], float]
) -> Contents:
    # Plain http was allowed (sources.py) for bytes that a SHA-256 guards, and for no others.
    schemes = {"https"} if checks.sha256 is None else {"https", "http"}
    partial = Partial(path)
    kept = _usable(partial.kept(), url, checks)
    resumed = kept is not None
    if kept is None or not kept.complete:
        with asked(url, schemes, kept, timeout) as answer:
            resumed = answer.start > 0
            if resumed:
                _say(f"{url}: goes on after {answer.start:,} bytes")
            elif kept is not None:
                here = f"{kept.bytes:,} bytes are here"
                _say(f"{url}: {here}, but the server sends the whole file; from zero")
            _receive(answer, partial, checks, clock)
    with partial.read() as file:
        contents = Contents.of(file)
        fault = checks.fault(contents)
        file.seek(0)
        if is_web_page(file.read(4096)):
            fault = "answered with a web page instead of the file"
    if fault:
        partial.discard()
        # The end may be of another file than the beginning: that of one transfer decides.
        raise (NoRestError if resumed else FaultError)(fault)
    partial.finish()
    return contents


def _usable(kept: Kept | None, url: str, checks: Checks) -> Kept | None:
    """What is kept, if its end can come from `url` and a file of two versions would be known."""
    if kept is None or (kept.version.url == url and kept.version.mark):
        return kept
    if checks.sha256 is None and checks.git_blob is None:
        return None
    # Another address may have the same file, under a mark of its own.
    return Kept(kept.bytes, Version(url, kept.version.bytes))


def _receive(answer: Answer, partial: Partial, checks: Checks, clock: Callable[[], float]) -> None:
    """Keep what comes, stopping as soon as it cannot be what was asked for."""
    announced = answer.version.bytes
    if announced is not None and checks.bytes not in (None, announced):
        raise FaultError(f"{announced:,} bytes announced, expected {checks.bytes:,}")
    if announced is not None and announced > checks.most_bytes:
        raise FaultError(f"{announced:,} bytes announced, at most {checks.most_bytes:,} are taken")
    if answer.start == 0:
        partial.begin(answer.version)
    most = checks.most_bytes if announced is None else announced
    received = looked = answer.start
    since = clock()
    with partial.appending() as append, progress(partial.path.name, announced) as advance:
        advance(received)
        for piece in chain([answer.first], answer.others):
            received += len(piece)
            if received > most:
                partial.discard()
                raise FaultError(f"too long: more than {most:,} bytes")
            append(piece)
            advance(len(piece))
            if (seconds := clock() - since) >= LEAST_SECONDS and received != announced:
                if received - looked < LEAST_BYTES:
                    slow = f"{received - looked:,} bytes in {seconds:.0f} s"
                    raise PassingFaultError(f"too slow: {slow}")
                since, looked = clock(), received
    if announced is not None and received < announced:
        raise PassingFaultError(f"cut short: {received:,} of {announced:,} bytes")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
