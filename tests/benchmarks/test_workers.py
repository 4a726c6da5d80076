"""Processes that take turns, and commands that are timed."""

import os
import time
from functools import partial

import pytest
from benchmarks.processes import run
from benchmarks.workers import interleaved, together

from textvae.errors import InputError


def working(seconds):
    def turn(number):
        time.sleep(seconds)
        return seconds * (number + 1)

    return turn


def dying():
    return lambda number: os._exit(3)


def test_speeds_of_each_round_after_a_warm_up():
    """The work grows with the number of the round, the time does not."""
    speeds, peaks = interleaved({"one": partial(working, 0.02)}, 2, "cpu")
    assert speeds.keys() == peaks.keys() == {"one"}
    first, second = speeds["one"]
    assert 0 < first <= 2
    assert 0 < second <= 3
    assert min(peaks.values()) > 10
    (both,) = together(partial(working, 0.02), 2, 1, "cpu")
    assert 0 < both <= 4


def test_process_that_dies_is_named():
    with pytest.raises(InputError, match="benchmark: gone: "):
        interleaved({"gone": dying}, 1, "cpu")


def test_commands_are_timed_and_failures_quoted():
    finished = run(["/bin/sh", "-c", "echo hello; sleep 0.05"])
    assert finished.printed == "hello\n"
    assert finished.seconds >= 0.05
    with pytest.raises(InputError, match=r"sh -c echo no; exit 3: .*status 3: no"):
        run(["/bin/sh", "-c", "echo no; exit 3"])
