"""A web server on the loopback interface that answers as badly as it is told to."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer.

    announced: the Content-Length, the body's by default, -1 for none at all.
    delay: seconds before it.
    ranges: whether the rest of the body is sent to who asks for it, if the version that it is to
        be of (If-Range) is the one in `headers`.
    cut: bytes after which the connection ends; or, where there is `until`, waits for that.
    reason: what the status is called, its usual name by default.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    delay: float = 0.0
    ranges: bool = False
    cut: int | None = None
    until: threading.Event | None = None
    reason: str | None = None

    def to(self, asked: Mapping[str, str]) -> "Reply":
        """This answer, or the part of it that is asked for."""
        rest = re.fullmatch("bytes=([0-9]+)-", asked.get("Range", ""))
        version = asked.get("If-Range")
        if not (self.ranges and rest) or version not in (None, *self.headers.values()):
            return self
        start, size = int(rest[1]), len(self.body)
        if start >= size:
            return Reply(b"", 416, {"Content-Range": f"bytes */{size}"})
        part = {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
        # The headers of the reply are the last word, also where they are wrong.
        headers = part | dict(self.headers)
        return Reply(self.body[start:], 206, headers, cut=self.cut, until=self.until)


@dataclass
class Server:
    """`url` is the server's root; `asked` the paths it was asked for so far, `ranges` which parts
    of them, "" for the whole."""

    url: str
    asked: list[str]
    ranges: list[str]


@contextmanager
def serving(replies: Mapping[str, Reply | Sequence[Reply]]) -> Iterator[Server]:
    """Serve a path's replies in order, the last one over and over; 404 for any other path."""
    asked: list[str] = []
    ranges: list[str] = []
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = replies.get(self.path, Reply(b"no such page", 404))
            listed = [known] if isinstance(known, Reply) else known
            reply = listed[min(asked.count(self.path), len(listed) - 1)].to(self.headers)
            asked.append(self.path)
            ranges.append(self.headers.get("Range", ""))
            closing.wait(reply.delay)
            self.send_response(reply.status, reply.reason)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.announced != -1:
                length = len(reply.body) if reply.announced is None else reply.announced
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.until is not None:
                while not (reply.until.wait(0.01) or closing.is_set()):
                    pass
                self.wfile.write(reply.body[reply.cut :])

        def log_message(self, *args: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client may hang up whenever it has enough
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", asked, ranges)
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
