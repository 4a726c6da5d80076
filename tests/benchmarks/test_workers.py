"""What takes turns takes all of them, in processes of its own, and failures are told."""

import os
import time
from functools import partial

import pytest
from benchmarks.processes import run
from benchmarks.workers import interleaved, own_peak, together

from textvae.errors import InputError


def working(seconds):
    def turn(number):
        time.sleep(seconds)
        return seconds * (number + 1)

    return turn


def dying():
    return lambda number: os._exit(3)


def test_speeds_of_each_round_after_a_warm_up():
    # Half as much waiting for as much work: work grows with the number of the round.
    turns = {"slow": partial(working, 0.02), "fast": partial(working, 0.01)}
    speeds, peaks = interleaved(turns, 2, "cpu")
    assert speeds.keys() == peaks.keys() == {"slow", "fast"}
    for found in speeds.values():
        assert len(found) == 2
        # Never more than what the waiting allows.
        assert 0 < found[0] <= 2
        assert 0 < found[1] <= 3
    assert min(peaks.values()) > 10


def test_several_at_once_are_summed():
    (speed,) = together(partial(working, 0.02), 2, 1, "cpu")
    assert 0 < speed <= 4


def test_a_process_that_dies_is_named():
    with pytest.raises(InputError, match="benchmark: gone: ended before its turn did"):
        interleaved({"gone": dying}, 1, "cpu")


def test_the_peak_of_this_process(tmp_path):
    status = tmp_path / "status"
    status.write_text("Name:\tx\nVmHWM:\t  2048 kB\n")
    assert own_peak(status) == 2
    assert own_peak(tmp_path / "not there") > 1


def test_a_command_is_timed_and_a_failing_one_told():
    finished = run(["/bin/sh", "-c", "echo hello; sleep 0.05"])
    assert finished.printed == "hello\n"
    assert finished.seconds >= 0.05
    with pytest.raises(InputError, match="sh -c echo no; exit 3: ended with status 3: no"):
        run(["/bin/sh", "-c", "echo no; exit 3"])
