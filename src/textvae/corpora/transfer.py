"""One request for a file, or for the rest of one, and whether the answer may be that."""

import http.client
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from textvae import __version__
from textvae.corpora.partial import Kept, Version
from textvae.errors import one_line

_BUSY = {408, 425, 429, 500, 502, 503, 504}
_PIECE = 1 << 18
_NUMBER = "[0-9]{1,18}"
_PART = re.compile(rf"bytes ({_NUMBER})-{_NUMBER}/({_NUMBER}|\*)")
# Of other tags a server says itself that two versions may share them.
_STRONG_TAG = re.compile(r'"[!#-~]{1,200}"')


class FaultError(Exception):
    """What came was not the file."""

    def __init__(self, said: str) -> None:
        super().__init__(one_line(said))


class PassingFaultError(FaultError):
    """What another attempt may not meet."""


class NoRestError(FaultError):
    """The rest of what is here cannot be had; the whole file may."""


@dataclass(frozen=True)
class Answer:
    """The bytes of a version from `start` on, in pieces, the first of them at hand."""

    version: Version
    start: int
    first: bytes
    others: Iterator[bytes]


@contextmanager
def asked(url: str, schemes: set[str], kept: Kept | None, timeout: float) -> Iterator[Answer]:
    """Ask for `url`, or for what follows after the bytes that are `kept`.

    A server may send the whole file all the same. FaultError says what else came: a status, a web
    page, a redirection to none of `schemes`, silence for `timeout` seconds. NoRestError: the kept
    bytes are of another version, or the server mistook the request for the rest.
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
        said = f"HTTP {error.code} {error.reason}"
        if error.code == 416 and kept is not None:
            raise NoRestError(said) from None
        raise (PassingFaultError if error.code in _BUSY else FaultError)(said) from None
    except URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise FaultError(f"certificate refused ({error.reason.verify_message})") from None
        raise PassingFaultError(f"no connection ({error.reason})") from None
    except (ValueError, http.client.InvalidURL) as error:
        raise FaultError(f"redirected to what is no address ({error})") from None
    except (OSError, http.client.HTTPException) as error:
        raise _lost(error) from None
    with response:
        yield _answer(response, url, kept)


def is_web_page(head: bytes) -> bool:
    """Whether a file that begins with `head` is HTML, which no file of a corpus is."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def _answer(response: http.client.HTTPResponse, url: str, kept: Kept | None) -> Answer:
    headers = response.headers
    if response.status != 200 and (response.status != 206 or kept is None):
        raise FaultError(f"HTTP {response.status} {response.reason}, expected the file")
    if (encoding := headers.get("Content-Encoding", "identity")) != "identity":
        raise FaultError(f"answered in the encoding {encoding}, which was not asked for")
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
    """Where a partial answer starts, and how many bytes the whole file has, if that is known."""
    said = _PART.fullmatch(headers.get("Content-Range", ""))
    if not said or int(said[1]) != kept.bytes:
        raise NoRestError("answered with another part than was asked for")
    whole = kept.version.bytes if length is None else kept.bytes + length
    whole = whole if said[2] == "*" else int(said[2])
    known = kept.version.mark
    # Asked for the rest of one version, a server repeats its tag but need not repeat its date.
    remarked = known and mark != known and (mark or known.startswith('"'))
    if remarked or kept.version.bytes not in (None, whole):
        raise NoRestError("the file has changed since")
    return kept.bytes, whole


def _mark(headers: Message) -> str | None:
    """What tells this version from others for certain: a strong ETag, or else an old date."""
    tag = headers.get("ETag", "")
    if _STRONG_TAG.fullmatch(tag):
        return tag
    date = headers.get("Last-Modified", "")
    try:
        age = parsedate_to_datetime(headers.get("Date", "")) - parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return None
    # What was changed just now may be changed again before the second is over.
    return date if age >= timedelta(minutes=1) and date.isprintable() else None


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes: nothing waits here to be lost when the connection is."""
    try:
        while piece := response.read1(_PIECE):
            yield piece
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _lost(error) from None


def _lost(error: Exception) -> PassingFaultError:
    return PassingFaultError(f"connection lost ({str(error) or type(error).__name__})")


class _Redirects(HTTPRedirectHandler):
    """Follows a redirection only to the schemes that are allowed."""

    def __init__(self, schemes: set[str]) -> None:
        self.schemes = schemes

    def http_error_302(self, req, fp, code, msg, headers):
        # Otherwise what comes along with a redirection is read to its end, if it has one.
        fp.close()
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl).scheme not in self.schemes:
            raise FaultError(f"redirected to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
