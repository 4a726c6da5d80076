"""The precision that `auto` selects: the faster one of a probe."""

import pytest
import torch

from textvae.models.kernels import precision
from textvae.models.kernels.precision import choose, probe
from tiny import CPU

BOTH = [torch.float32, torch.bfloat16]


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when told to."""
    now = [0.0]
    monkeypatch.setattr(precision.time, "perf_counter", lambda: now[0])

    def pass_time(seconds):
        now[0] += seconds

    return pass_time


def test_probe_takes_turns_and_keeps_the_best_round_after_the_first(clock):
    # Seconds of each call: the first in each precision is slow and does not count.
    seconds = {
        torch.float32: iter([9, 0.02, 0.01, 0.02]),
        torch.bfloat16: iter([9, 0.01, 0.005, 0.005]),
    }
    calls = []

    def work(name):
        calls.append(name)
        clock(next(seconds[name]))
        return 10

    assert probe(work, CPU) == pytest.approx({"float32": 1000, "bfloat16": 2000})
    # 9 s do not count; of the others, two rounds take more than PROBE_SECONDS.
    assert calls == BOTH * 4


@pytest.mark.parametrize(
    ("speeds", "chosen"),
    [
        ({"float32": 1550.0, "bfloat16": 937.0}, "float32"),
        ({"float32": 937.0, "bfloat16": 1550.0}, "bfloat16"),
        ({"float32": 100.0, "bfloat16": 100.0}, "float32"),
    ],
)
def test_auto_is_the_faster_precision_of_the_probe(monkeypatch, speeds, chosen):
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: True)
    monkeypatch.setattr(precision, "probe", lambda *_: speeds)
    choice = choose(lambda _: 1, CPU)
    assert (choice.name, choice.speeds) == (chosen, speeds)
    assert str(choice).startswith(f"precision auto is {chosen}: {max(speeds.values()):,.0f} ")


def test_machine_without_bfloat16_is_not_probed(monkeypatch):
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: False)
    monkeypatch.setattr(precision, "probe", lambda *_: pytest.fail("probed"))
    assert choose(lambda _: 1, CPU).name == "float32"
