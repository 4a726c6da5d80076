"""A web server on the loopback interface with configurable faults."""

import os
import re
import threading
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch


@dataclass(frozen=True)
class Reply:
    """One response.

    announced: the Content-Length, -1 for none. ranges: whether requests for a Range are answered
    with it, if their If-Range is in `headers`. cut: bytes after which the connection ends or, with
    `until`, waits for that event. reason: name of the status.
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

    def to(self, request):
        """Return this response, or the part that the headers of a request ask for."""
        rest = re.fullmatch("bytes=([0-9]+)-", request.get("Range", ""))
        version = request.get("If-Range")
        if not (self.ranges and rest) or version not in (None, *self.headers.values()):
            return self
        start, size = int(rest[1]), len(self.body)
        if start >= size:
            return Reply(b"", 416, {"Content-Range": f"bytes */{size}"})
        headers = {"Content-Range": f"bytes {start}-{size - 1}/{size}", **self.headers}
        return Reply(self.body[start:], 206, headers, cut=self.cut, until=self.until)


@dataclass
class Server:
    """A running server: its root URL, and the path and Range of each request ("" for none)."""

    url: str
    paths: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)


@contextmanager
def serving(replies):
    """Serve {path: reply or replies in order, of which the last repeats}; 404 for other paths."""
    requests = Server("")
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = replies.get(self.path, Reply(b"no such page", 404))
            listed = [known] if isinstance(known, Reply) else known
            number = min(requests.paths.count(self.path), len(listed) - 1)
            reply = listed[number].to(self.headers)
            requests.paths.append(self.path)
            requests.ranges.append(self.headers.get("Range", ""))
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

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(ConnectionError):  # the client may close the connection early
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    requests.url = f"http://127.0.0.1:{server.server_port}"
    try:
        with patch.dict(os.environ, no_proxy="*"):
            yield requests
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
