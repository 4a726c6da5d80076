"""Request a file, or the rest of a partial one, and verify the answer.

During a transfer, `.NAME.download` beside the file contains the bytes so far, and
`.NAME.download.json` the version that they belong to. Each chunk is written immediately, so that a
killed process leaves what it has received.
"""

import http.client
import os
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from textvae import __version__
from textvae.errors import InputError, one_line
from textvae.io import flush, read_json, with_filename, write_all, write_json


@dataclass(frozen=True)
class Version:
    """Identity of the file that a server sends, to be compared with an earlier one.

    bytes: size of the whole file, None if not announced.
    mark: the server's identifier of this version, a strong ETag or a date; None if it sends
    neither.
    """

    url: str
    bytes: int | None = None
    mark: str | None = None


@dataclass(frozen=True)
class Kept:
    """The first `bytes` of a version."""

    bytes: int
    version: Version

    @property
    def complete(self) -> bool:
        """Return whether nothing is missing: the process was killed while it verified the file."""
        return self.bytes == self.version.bytes


class Partial:
    """The partial file of `path`, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._data = self.path.with_name(f".{self.path.name}.download")
        self._record = self.path.with_name(f".{self.path.name}.download.json")

    def kept(self) -> Kept | None:
        """Return the kept bytes and their version; None if there are none or it is unknown."""
        try:
            version = Version(**read_json(self._record))
            size = self._data.stat().st_size
        except (InputError, TypeError, FileNotFoundError):
            return None
        texts = isinstance(version.url, str) and isinstance(version.mark, str | None)
        valid = texts and isinstance(version.bytes, int | None)
        return Kept(size, version) if valid and size else None

    def begin(self, version: Version) -> None:
        """Begin a file of `version` with no bytes; discard earlier ones."""
        # In this order no bytes are ever beside the record of another version.
        self.discard()
        write_json(self._record, asdict(version))

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], None]]:
        """Provide a function that appends bytes; it raises OSError with the file's name."""
        with self._data.open("ab", buffering=0) as file:

            def append(piece: bytes) -> None:
                with with_filename(self.path):
                    write_all(file, piece)

            yield append

    def read(self) -> IO[bytes]:
        """Open the bytes so far for reading."""
        return self._data.open("rb")

    def finish(self) -> None:
        """Flush the file to disk and rename it atomically."""
        with with_filename(self.path):
            flush(self._data)
            os.replace(self._data, self.path)
        self._record.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the partial file and its record."""
        self._data.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)


_TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504}
_CHUNK_BYTES = 1 << 18
_NUMBER = "[0-9]{1,18}"
_PART = re.compile(rf"bytes ({_NUMBER})-{_NUMBER}/({_NUMBER}|\*)")
# Two versions may share a weak tag.
_STRONG_TAG = re.compile(r'"[!#-~]{1,200}"')


class FaultError(Exception):
    """The server's answer is not the requested file."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class PassingFaultError(FaultError):
    """A transient fault: another attempt may succeed."""


class NoRestError(FaultError):
    """The rest of a partial file is not available; the whole file may be."""


@dataclass(frozen=True)
class Answer:
    """The bytes of a version from `start` on, in pieces; the first has been received."""

    version: Version
    start: int
    first: bytes
    others: Iterator[bytes]


@contextmanager
def request(url: str, schemes: set[str], kept: Kept | None, timeout: float) -> Iterator[Answer]:
    """Request `url`, or only the bytes that follow those in `kept`.

    A server may send the whole file nevertheless. FaultError describes any other answer: a status,
    a web page, a redirection to another scheme, silence for `timeout` seconds. NoRestError: the
    kept bytes belong to another version, or the server sent another range.
    """
    headers = {"User-Agent": f"textvae/{__version__}", "Accept-Encoding": "identity"}
    if kept is not None:
        headers["Range"] = f"bytes={kept.bytes}-"
        if kept.version.mark:
            headers["If-Range"] = kept.version.mark
    try:
        opener = build_opener(_Redirects(schemes))
        response = opener.open(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        error.close()
        message = f"HTTP {error.code} {error.reason}"
        if error.code == 416 and kept is not None:
            raise NoRestError(message) from None
        transient = error.code in _TRANSIENT_STATUSES
        raise (PassingFaultError if transient else FaultError)(message) from None
    except URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise FaultError(f"certificate refused ({error.reason.verify_message})") from None
        raise PassingFaultError(f"no connection ({error.reason})") from None
    except (ValueError, http.client.InvalidURL) as error:
        raise FaultError(f"redirected to an invalid address ({error})") from None
    except (OSError, http.client.HTTPException) as error:
        raise _connection_lost(error) from None
    with response:
        yield _answer(response, url, kept)


def is_web_page(head: bytes) -> bool:
    """Return whether a file that begins with `head` is HTML, which no corpus file is."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _answer(response: http.client.HTTPResponse, url: str, kept: Kept | None) -> Answer:
    headers = response.headers
    if response.status != 200 and (response.status != 206 or kept is None):
        raise FaultError(f"HTTP {response.status} {response.reason}, expected the file")
    if (encoding := headers.get("Content-Encoding", "identity")) != "identity":
        raise FaultError(f"answered in the encoding {encoding}, which was not requested")
    page = FaultError("answered with a web page instead of the file")
    if headers.get_content_type() == "text/html":
        raise page
    length = headers.get("Content-Length", "")
    announced = int(length) if re.fullmatch(_NUMBER, length) else None
    mark = _mark(headers)
    start = 0
    if response.status == 206:
        start, announced = _part(headers, kept, mark, announced)
    pieces = _pieces(response)
    first = next(pieces, b"")
    if start == 0 and is_web_page(first):
        raise page
    if not first and announced:
        raise PassingFaultError(f"cut short: {start:,} of {announced:,} bytes")
    if not first:
        raise FaultError("empty (0 bytes)")
    return Answer(Version(url, announced, mark), start, first, pieces)


def _part(
    headers: Message, kept: Kept, mark: str | None, length: int | None
) -> tuple[int, int | None]:
    """Return the start of a partial answer, and the size of the whole file if it is known."""
    match = _PART.fullmatch(headers.get("Content-Range", ""))
    if not match or int(match[1]) != kept.bytes:
        raise NoRestError("answered with another range than requested")
    size = kept.version.bytes if length is None else kept.bytes + length
    size = size if match[2] == "*" else int(match[2])
    kept_mark = kept.version.mark
    # In a partial answer a server must repeat the version's tag but not its date.
    mark_changed = kept_mark and mark != kept_mark and (mark or kept_mark.startswith('"'))
    if mark_changed or kept.version.bytes not in (None, size):
        raise NoRestError("the file has changed")
    return kept.bytes, size


def _mark(headers: Message) -> str | None:
    """Return a reliable identifier of the version: a strong ETag, or else an old date."""
    tag = headers.get("ETag", "")
    if _STRONG_TAG.fullmatch(tag):
        return tag
    date = headers.get("Last-Modified", "")
    try:
        age = parsedate_to_datetime(headers.get("Date", "")) - parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return None
    # A file changed just now may change again within the same second.
    return date if age >= timedelta(minutes=1) and date.isprintable() else None


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield the body as it arrives, unbuffered, so that a lost connection loses no bytes."""
    try:
        while piece := response.read1(_CHUNK_BYTES):
            yield piece
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _connection_lost(error) from None


def _connection_lost(error: Exception) -> PassingFaultError:
    return PassingFaultError(f"connection lost ({str(error) or type(error).__name__})")


class _Redirects(HTTPRedirectHandler):
    """Follow redirections only to the allowed schemes."""

    def __init__(self, schemes: set[str]) -> None:
        self.schemes = schemes

    def http_error_302(self, req, fp, code, msg, headers):
        # Otherwise the body of the redirection would be read to its end, which may never come.
        fp.close()
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl).scheme not in self.schemes:
            raise FaultError(f"redirected to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
