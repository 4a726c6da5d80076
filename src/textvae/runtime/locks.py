"""File locks: one writer at a time, and no stale lock after a process dies.

A lock is a file that a process holds open under flock. The system releases it when the process
ends, however it ends, also across the nodes of a cluster (NFS, Lustre with -o flock); if a node
dies, once its file server notices. The file names the holder, and is removed on release.

Used instead of filelock, which leaves its files behind, does not name the holder to waiting
processes, and fails on a file system without locks (ENOLCK, EOPNOTSUPP), where this module warns
and continues.
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

# Seconds between two attempts, and between two messages while waiting.
SECONDS_BETWEEN_ATTEMPTS = 1.0
SECONDS_BETWEEN_MESSAGES = 600.0

_NO_LOCKS_HERE = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}


class Lock:
    """A lock that this process holds until `release`, or until it ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> "Lock | None":
        """Take the lock on the file `path`, created if needed; None if another process has it.

        On a file system without locks, warn and return a lock that excludes nobody.
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
                reason = f"its file system has no locks ({error.strerror})"
                print(f"{path}: not locked, {reason}", file=sys.stderr, flush=True)
            # The previous holder may have removed the file between our opening and locking it.
            if _is_same_file(path, descriptor):
                # For the messages of waiting processes; may fail on a full disk.
                with suppress(OSError):
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, _describe_holder().encode(), 0)
                return cls(path, descriptor)
            os.close(descriptor)

    def release(self) -> None:
        """Release the lock; remove the file first, while nobody else can hold it."""
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


@contextmanager
def locked(path: Path, title: str, sleep: Callable[[float], object] = time.sleep) -> Iterator[bool]:
    """Hold the lock on the file `path`, waiting if needed; yield whether it had to wait.

    title: prefix of the message that names the present holder.
    """
    lock = Lock.take(path)
    waited = lock is None
    reported = -SECONDS_BETWEEN_MESSAGES
    while lock is None:
        if time.monotonic() - reported >= SECONDS_BETWEEN_MESSAGES:
            reported = time.monotonic()
            print(f"{title}: waiting for {holder(path)} ({path})", file=sys.stderr, flush=True)
        sleep(SECONDS_BETWEEN_ATTEMPTS)
        lock = Lock.take(path)
    try:
        yield waited
    finally:
        lock.release()


def holder(path: Path) -> str:
    """Return a description of the lock's holder, from its file."""
    try:
        return path.read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


def _describe_holder() -> str:
    """Return a description of this process."""
    now = time.strftime("%Y-%m-%d %H:%M")
    return f"process {os.getpid()} on {socket.gethostname()}, since {now}"


def _is_same_file(path: Path, descriptor: int) -> bool:
    """Return whether `path` is still the opened file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError as error:
        # ESTALE: another node removed the file.
        if error.errno not in (errno.ENOENT, errno.ESTALE):
            raise
        return False
