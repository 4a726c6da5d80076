"""Locks on the disk: one writer at a time, and none left behind by a process that died.

A lock is a file that a process holds open under flock. The system lets go of it when the process
ends, however it ends, also across the nodes of a cluster (NFS, Lustre with -o flock); where a node
dies, when its file server has noticed. The file says who holds it, and is gone when nobody does.

Kept instead of filelock, which leaves its files behind, names no holder to whoever waits, and fails
on a file system that has no locks (ENOLCK, EOPNOTSUPP), where ours warns and goes on.
"""

import errno
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Seconds between two looks, and between two lines about a lock that is not let go.
BETWEEN_LOOKS = 1.0
BETWEEN_LINES = 600.0

_NO_LOCKS_HERE = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}


class Lock:
    """A lock that this process holds until `release`, or until it ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """The lock on the file `path`, made with its folder if need be; None if another has it.

        On a file system without locks everyone gets it, and a line says so.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except OSError as error:
                if error.errno not in _NO_LOCKS_HERE:
                    os.close(descriptor)
                    raise
                reason = f"its file system knows no locks ({error.strerror})"
                print(f"{path}: not locked, {reason}", file=sys.stderr, flush=True)
            # Whoever held it may have removed the file between our opening and our locking it.
            if _is_still(path, descriptor):
                # Of use to whoever waits; a full disk does without.
                with suppress(OSError):
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, _who().encode(), 0)
                return cls(path, descriptor)
            os.close(descriptor)

    def release(self) -> None:
        """Let go. The file goes first, while nobody else can hold it."""
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


@contextmanager
def held(path: Path, title: str, sleep: Callable[[float], object] = time.sleep) -> Iterator[bool]:
    """Hold the lock on the file `path`, after whoever holds it now; yields whether there was one.

    `title` begins the line that says who is waited for.
    """
    lock = Lock.take(path)
    waited = lock is None
    said = -BETWEEN_LINES
    while lock is None:
        if time.monotonic() - said >= BETWEEN_LINES:
            said = time.monotonic()
            print(f"{title}: waiting for {holder(path)} ({path})", file=sys.stderr, flush=True)
        sleep(BETWEEN_LOOKS)
        lock = Lock.take(path)
    try:
        yield waited
    finally:
        lock.release()


def holder(path: Path) -> str:
    """Who holds the lock, as far as its file says."""
    try:
        return path.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


def _who() -> str:
    now = time.strftime("%Y-%m-%d %H:%M")
    return f"process {os.getpid()} on {socket.gethostname()}, there since {now}"


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError as error:
        # Stale: another node removed it.
        if error.errno not in (errno.ENOENT, errno.ESTALE):
            raise
        return False
