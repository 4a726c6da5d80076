"""Signals are collected during a training, and handled as before afterwards."""

import os
import signal

import pytest

from textvae.runtime.signals import listening

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def test_signals_are_collected_and_handlers_restored():
    before = [signal.getsignal(number) for number in NUMBERS]
    with listening() as heard:
        for number in NUMBERS:
            os.kill(os.getpid(), number)
        assert heard == NUMBERS
        # A second interrupt does not wait for the end of the step.
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_ignored_hangup_stays_ignored():
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as heard:
            os.kill(os.getpid(), signal.SIGHUP)
            assert heard == []
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
