"""Requests to stop: signals of a cluster, a time limit or a person."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """Stopped by the signal of number `signal`; the message states what is kept."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


@contextmanager
def listening() -> Iterator[list[int]]:
    """Collect SIGTERM (preemption, a time limit), SIGINT (Ctrl-C) and SIGHUP (a closed terminal).

    The training loop reads the list. A second Ctrl-C interrupts at once, without a checkpoint;
    under nohup, SIGHUP stays ignored.
    """
    received: list[int] = []

    def receive(number: int, _frame: object) -> None:
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        received.append(number)

    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    handled = [number for number in wanted if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, receive) for number in handled}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
