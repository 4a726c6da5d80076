"""Locks: one process at a time, and none after the death of a process."""

import errno
import fcntl
import os
import subprocess
import threading
from unittest.mock import Mock

import pytest

from other_processes import running
from small_disk import fill, small_disk
from textvae.runtime import locks
from textvae.runtime.locks import Lock, holder, locked

# Takes the lock, and holds it until it is killed or its input ends.
HOLD = """
import sys
from pathlib import Path
from textvae.runtime.locks import locked
with locked(Path(sys.argv[1]), "other"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder/cell.lock"


def other_process(path):
    process = running(HOLD, path, **os.environ)
    assert process.stdout.readline() == "held\n"
    return process


def test_lock_is_exclusive_names_its_holder_and_is_removed(path, capsys):
    first = Lock.take(path)
    assert Lock.take(path) is None
    assert holder(path).startswith(f"process {os.getpid()} on ")
    # Processes started meanwhile do not inherit it.
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        first.release()
        assert not path.exists()
        assert holder(path) == "another process"
        with locked(path, "cell") as waited:
            assert not waited
            assert path.exists()
        child.kill()
    assert not path.exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("between", "lines"), [(600, 1), (0, 3)])
def test_waiting_process_names_the_holder_at_intervals(path, capsys, monkeypatch, between, lines):
    monkeypatch.setattr(locks, "SECONDS_BETWEEN_MESSAGES", between)
    with other_process(path) as process:
        sleeps = []

        def sleep(seconds):
            sleeps.append(seconds)
            if sleeps[2:]:
                process.kill()
                process.wait()

        with locked(path, "cell", sleep) as waited:
            assert waited
    assert sleeps == [locks.SECONDS_BETWEEN_ATTEMPTS] * 3
    messages = capsys.readouterr().err.splitlines()
    assert len(messages) == lines
    assert messages[0].startswith(f"cell: waiting for process {process.pid} on ")
    assert messages[0].endswith(f"({path})")


def test_removal_of_the_file_gives_no_second_lock(path):
    inside, entered = [], []

    def enter_often():
        for _ in range(50):
            with locked(path, "cell", lambda seconds: None):
                inside.append(1)
                entered.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=enter_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered == [1] * 200


def test_file_system_without_locks_is_reported(path, monkeypatch, capsys):
    monkeypatch.setattr(fcntl, "flock", Mock(side_effect=OSError(errno.ENOLCK, "No locks")))
    with locked(path, "cell") as waited:
        assert not waited
    assert f"{path}: not locked" in capsys.readouterr().err
    monkeypatch.setattr(fcntl, "flock", Mock(side_effect=OSError(errno.EIO, "No disk")))
    with pytest.raises(OSError, match="No disk"):
        Lock.take(path)


def test_full_disk_locks_without_naming_the_holder(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        fill(disk)
        lock = Lock.take(disk / "cell.lock")
        assert Lock.take(disk / "cell.lock") is None
        assert holder(disk / "cell.lock") == "another process"
        lock.release()
