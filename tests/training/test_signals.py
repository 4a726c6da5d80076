"""Signals are heard while a training runs, and left as they were."""

import os
import signal

import pytest

from textvae.runtime.signals import listening

NUMBERS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_is_heard_and_what_was_done_before_is_done_after(number):
    before = [signal.getsignal(other) for other in NUMBERS]
    with listening() as heard:
        os.kill(os.getpid(), number)
        assert heard == [number]
    assert [signal.getsignal(other) for other in NUMBERS] == before


def test_a_second_interrupt_does_not_wait():
    with listening() as heard:
        os.kill(os.getpid(), signal.SIGINT)
        assert heard == [signal.SIGINT]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_under_nohup_the_terminal_may_go():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as heard:
            os.kill(os.getpid(), signal.SIGHUP)
            assert heard == []
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
