"""Processes forked from a server that has imported their packages, because imports take seconds.

A server is a process with a Unix socket. For each request it forks a process that runs the entry
point with the arguments, folder, environment and standard streams of the request. Such a process
does what a new one would do: only its imports are there already.
"""

import atexit
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PREFIX = 8


@cache
def server(entry: str, *modules: str) -> str:
    """Start a server for "module:function" that imports `modules` too; return its socket.

    It ends with this process, or at once if that is killed: its standard input is then closed.
    """
    folder = tempfile.mkdtemp(prefix="prefork-")
    path = f"{folder}/socket"
    command = [sys.executable, __file__, path, entry, *modules]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop() -> None:
        process.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    assert process.stdout.readline() == b"ready\n"
    return path


def write_command(path: Path, socket: str) -> None:
    """Write an executable that runs the entry point of a server instead of the real command."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        # Starts in milliseconds, without site-packages.
        *(f"#!{sys.executable} -SE", "import os, sys"),
        *(f"sys.path.insert(0, {str(Path(__file__).parent)!r})", "from prefork import run"),
        f"sys.exit(run({socket!r}, sys.argv, os.getcwd(), os.environ, (0, 1, 2)))",
    )
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o755)


def run(path: str, arguments: list[str], folder: str, environment: Mapping, streams) -> int:
    """Run the entry point of the server at `path`; return the exit status as a shell reports it."""
    request = json.dumps([arguments, folder, dict(environment)]).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [len(request).to_bytes(PREFIX)], streams)
        connection.sendall(request)
        return int.from_bytes(connection.recv(1))


def serve(path: str, entry: str, *modules: str) -> None:
    """Fork a process for each request, until the standard input is closed."""
    for name in modules:
        importlib.import_module(name)
    module, _, name = entry.partition(":")
    function = getattr(importlib.import_module(module), name)
    # Forks need not look through what was imported.
    gc.collect()
    gc.freeze()
    # Children are not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            connection, _ = listener.accept()
            if not os.fork():
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    prefix, streams, *_ = socket.recv_fds(connection, PREFIX, 3)
    with connection.makefile("rb") as file:
        arguments, folder, environment = json.loads(file.read(int.from_bytes(prefix)))
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        connection.sendall(bytes([status if status >= 0 else 128 - status]))
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = arguments
    try:
        status = function()
    except SystemExit as ended:
        status = ended.code
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    # Without taking all modules down, which takes a second.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
