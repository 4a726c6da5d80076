"""Being asked to stop: by a cluster, a time limit or a person."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(Exception):
    """Asked to stop by a signal, its number in `signal`; the message says what is kept."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


@contextmanager
def listening() -> Iterator[list[int]]:
    """Collect SIGTERM (preemption, a time limit), SIGINT (Ctrl-C) and SIGHUP (a terminal that is
    gone), for the loop to look at.

    Whoever presses Ctrl-C again does not want to wait for the checkpoint; who started the process
    with nohup wants no SIGHUP to be heard.
    """
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard and number == signal.SIGINT:
            raise KeyboardInterrupt
        heard.append(number)

    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    heeded = [number for number in wanted if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heeded}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
