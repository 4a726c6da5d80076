"""One writer at a time, and a dead one holds nothing."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from small_disk import fill, small_disk
from textvae.runtime.locks import Lock, held, holder

SOURCE = Path(__file__).parents[2] / "src"
# Takes the lock, says so, and holds it until it is killed or its input ends.
HOLD = """
import sys
from pathlib import Path
from textvae.runtime.locks import held
with held(Path(sys.argv[1]), "other"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder/cell.lock"


def other(path):
    """Another process that holds the lock on `path`, from the moment this returns."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_one_at_a_time_in_one_process_too(path):
    first = Lock.take(path)
    assert Lock.take(path) is None
    first.release()
    assert not path.exists()
    second = Lock.take(path)
    assert second is not None
    second.release()


def test_the_file_says_who_holds_it(path):
    lock = Lock.take(path)
    assert holder(path).startswith(f"process {os.getpid()} on ")
    lock.release()
    assert holder(path) == "another process"


def test_without_another_nobody_waits(path, capsys):
    with held(path, "cell") as waited:
        assert not waited
        assert path.exists()
    assert not path.exists()
    assert capsys.readouterr().err == ""


def test_a_second_one_says_whom_it_waits_for_and_goes_on_after(path, capsys):
    with other(path) as process:
        looks = []

        def sleep(seconds):
            looks.append(seconds)
            if len(looks) == 3:
                process.stdin.close()
                process.wait()

        with held(path, "cell", sleep) as waited:
            assert waited
    assert len(looks) == 3
    # Three looks, one line.
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"cell: waiting for process {process.pid} on ")
    assert line.endswith(f"({path})")


def test_a_killed_process_holds_nothing(path):
    with other(path) as process:
        assert Lock.take(path) is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        with held(path, "cell") as waited:
            assert not waited


def test_what_a_process_starts_does_not_hold_its_locks(path):
    lock = Lock.take(path)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()
        again = Lock.take(path)
        child.kill()
    assert again is not None
    again.release()


def test_nobody_is_in_it_twice_however_many_come_and_go(path):
    """The file is removed and made again all the time: that must not make two locks of one."""
    inside, most, entered = [], [], []

    def come_and_go():
        for _ in range(50):
            with held(path, "cell", lambda seconds: None):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
                entered.append(1)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(entered)) == (1, 200)


def test_a_file_system_without_locks_is_told(path, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with held(path, "cell") as waited:
        assert not waited
    said = capsys.readouterr().err
    assert said == f"{path}: not locked, its file system has no locks (No locks available)\n"


def test_a_full_disk_locks_without_a_name(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        fill(disk)
        lock = Lock.take(disk / "cell.lock")
        assert lock is not None
        assert Lock.take(disk / "cell.lock") is None
        assert holder(disk / "cell.lock") == "another process"
        lock.release()
