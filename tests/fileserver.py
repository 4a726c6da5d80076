"""A web server on the loopback interface that answers as badly as it is told to."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer. `announced` is the Content-Length, the body's by default, -1 for none at all."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    delay: float = 0.0


@dataclass
class Server:
    """`url` is the server's root; `asked` the paths it was asked for so far."""

    url: str
    asked: list[str]


@contextmanager
def serving(replies: Mapping[str, Reply | Sequence[Reply]]) -> Iterator[Server]:
    """Serve a path's replies in order, the last one over and over; 404 for any other path."""
    asked: list[str] = []
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = replies.get(self.path, Reply(b"no such page", 404))
            listed = [known] if isinstance(known, Reply) else known
            reply = listed[min(asked.count(self.path), len(listed) - 1)]
            asked.append(self.path)
            closing.wait(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.announced != -1:
                length = len(reply.body) if reply.announced is None else reply.announced
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(reply.body)

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
        yield Server(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
