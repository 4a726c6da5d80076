"""A page in a headless Chromium that has no network, over the DevTools protocol.

Chromium reads commands from file descriptor 3 and writes answers to 4, each a JSON object that
ends with a zero byte.

Playwright would add 165 MB to every installation, because tests and users share one file of pins.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed")

_FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND"),
    *("--window-size=1400,900", "--remote-debugging-pipe"),
]


class Page:
    """A page, the addresses it has requested, and the errors it has reported."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._received = b""
        self._number = 0
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._loaded = False
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = None
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    def open(self, path: Path) -> None:
        """Load a file and wait until its scripts have loaded it."""
        self._loaded = False
        self._ask("Page.navigate", url=path.as_uri())
        while not self._loaded:
            self._note(self._next())

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited; it must be valid JSON."""
        flags = {"awaitPromise": True, "returnByValue": True}
        answer = self._ask("Runtime.evaluate", expression=script, **flags)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, text: str) -> None:
        """Click the link with this text, and wait until the page is drawn again."""
        self.run(
            f"""(async () => {{
                const links = [...document.querySelectorAll('a')];
                links.find((one) => one.textContent.trim() === {json.dumps(text)}).click();
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            }})()"""
        )

    def text(self) -> str:
        """Return the visible text of the page."""
        return self.run("document.body.innerText")

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._commands, left) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self._note(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            more = os.read(self._answers, 1 << 16)
            assert more, "chromium ended"
            self._received += more
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def _note(self, event: dict[str, Any]) -> None:
        """Record the requests and errors of an event."""
        method, details = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            url = details["request"]["url"]
            # Others are addresses of content within the page.
            if not url.startswith(("data:", "blob:", "about:")):
                self.requests.append(url)
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(details["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "assert"):
            self.errors.append(str([one.get("value") for one in details["args"]]))
        elif method == "Log.entryAdded" and details["entry"]["level"] == "error":
            self.errors.append(details["entry"]["text"])


@contextmanager
def browser() -> Iterator[Page]:
    """Start Chromium with one empty page; afterwards its processes and files are removed."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        read_commands, commands = os.pipe()
        answers, write_answers = os.pipe()

        # bash gives the pipes the descriptors that Chromium expects.
        connected = f'exec "$0" "$@" 3<&{read_commands} 4>&{write_answers}'
        with subprocess.Popen(
            ["bash", "-c", connected, PROGRAM, *_FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(read_commands, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            os.close(read_commands)
            os.close(write_answers)
            try:
                yield Page(commands, answers)
            finally:
                os.close(commands)
                os.close(answers)
                process.kill()
