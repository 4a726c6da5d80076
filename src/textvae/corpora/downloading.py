"""One address, one file: whole and checked, or an account of what came instead."""

import http.client
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from textvae import __version__
from textvae.corpora.checksums import Checks, Contents
from textvae.corpora.sources import OriginError
from textvae.files import whole
from textvae.progress import progress

# Seconds before the second, third and fourth attempt, after a fault that may pass by itself.
PAUSES = (1, 5, 15)
# Seconds without a byte after which a connection counts as dead.
TIMEOUT = 60
# More than any file of ours has; what is declared without its size may not be longer.
MOST_BYTES = 8 << 30

_BUSY = {408, 425, 429, 500, 502, 503, 504}
_CHUNK = 1 << 18


class _FaultError(Exception):
    """What came was not the file."""


class _PassingFaultError(_FaultError):
    """What another attempt may not meet."""


def download(
    url: str,
    path: Path,
    checks: Checks,
    sleep: Callable[[float], object] = time.sleep,
    timeout: float = TIMEOUT,
) -> Contents:
    """Fetch `url` into `path`, which appears only when all bytes are there and pass `checks`.

    Faults that may pass (no connection, a busy server, a transfer cut short) are tried again after
    `PAUSES`. OriginError says what came: a status, a web page, a wrong size or checksum.
    """
    pauses = iter(PAUSES)
    while True:
        try:
            return _attempt(url, path, checks, timeout)
        except _PassingFaultError as fault:
            pause = next(pauses, None)
            if pause is None:
                raise OriginError(f"{url}: {fault} ({len(PAUSES) + 1} attempts)") from None
            print(f"{url}: {fault}; again in {pause} s", file=sys.stderr, flush=True)
            sleep(pause)
        except _FaultError as fault:
            raise OriginError(f"{url}: {fault}") from None


def is_web_page(head: bytes) -> bool:
    """Whether a file that begins with `head` is HTML, which no file of a corpus is."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _attempt(url: str, path: Path, checks: Checks, timeout: float) -> Contents:
    # Plain http was allowed (sources.py) for bytes that a SHA-256 guards, and for no others.
    schemes = {"https"} if checks.sha256 is None else {"https", "http"}
    headers = {"User-Agent": f"textvae/{__version__}", "Accept-Encoding": "identity"}
    try:
        opener = build_opener(_Redirects(schemes))
        with (
            opener.open(Request(url, headers=headers), timeout=timeout) as response,
            whole(path, "wb") as file,
        ):
            _receive(response, file, checks, path.name)
            # The handle that `whole` writes through can be read as well.
            with open(file.fileno(), "rb", closefd=False) as written:
                contents = Contents.of(written)
            if fault := checks.fault(contents):
                raise _FaultError(fault)
            return contents
    except HTTPError as error:
        error.close()
        said = " ".join(f"HTTP {error.code} {error.reason}".split())
        raise (_PassingFaultError if error.code in _BUSY else _FaultError)(said) from None
    except URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise _FaultError(f"certificate refused ({error.reason.verify_message})") from None
        raise _PassingFaultError(f"no connection ({error.reason})") from None
    except (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        raise _PassingFaultError(f"connection lost ({error or type(error).__name__})") from None


def _receive(
    response: http.client.HTTPResponse, file: IO[bytes], checks: Checks, name: str
) -> None:
    """Copy the body into `file`, stopping as soon as it cannot be what was asked for."""
    if (encoding := response.headers.get("Content-Encoding", "identity")) != "identity":
        raise _FaultError(f"answered in the encoding {encoding}, which was not asked for")
    chunk = response.read(_CHUNK)
    if response.headers.get_content_type() == "text/html" or is_web_page(chunk):
        raise _FaultError("answered with a web page instead of the file")
    length = response.headers.get("Content-Length", "")
    announced = int(length) if length.isdigit() else None
    if checks.bytes is not None and announced not in (None, checks.bytes):
        raise _FaultError(f"{announced:,} bytes announced, expected {checks.bytes:,}")
    most = MOST_BYTES if checks.bytes is None else checks.bytes
    received = 0
    with progress(name, announced) as advance:
        while chunk:
            received += len(chunk)
            if received > most:
                raise _FaultError(f"too long: more than {most:,} bytes")
            file.write(chunk)
            advance(len(chunk))
            chunk = response.read(_CHUNK)
    file.flush()
    if announced is not None and received < announced:
        raise _PassingFaultError(f"cut short: {received:,} of {announced:,} bytes")


class _Redirects(HTTPRedirectHandler):
    """Follows a redirection only to the schemes that are allowed."""

    def __init__(self, schemes: set[str]) -> None:
        self.schemes = schemes

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl).scheme not in self.schemes:
            fp.close()
            raise _FaultError(f"redirected to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
