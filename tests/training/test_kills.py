"""A training that is killed, at whatever moment, ends in the bits of one that was left alone."""

import os
import random
import signal
import time
from functools import partial

import pytest

from training_processes import STEPS, latest_step, outcome, until

KILLS = 20


@pytest.fixture
def undisturbed(running, tmp_path):
    """Train the kind given to the end: the outcome, and the seconds that a step took."""

    def train(kind):
        process = running.start(kind, tmp_path / "alone", tmp_path / "alone.log")
        until(lambda: latest_step(tmp_path / "alone") > 0)
        since = time.monotonic()
        assert running.wait(process) == 0
        seconds = time.monotonic() - since
        return outcome(tmp_path / "alone/model"), seconds / STEPS[kind]

    return train


def is_at(running, process, folder, step):
    """Whether a training has come to a step, or to its end."""
    return latest_step(folder) >= step or running.ended(process) is not None


@pytest.mark.parametrize("kind", ["cell", "rounded", "text"])
def test_killed_at_random_moments_it_gives_the_same_bits(running, undisturbed, tmp_path, kind):
    expected, step = undisturbed(kind)
    seed = 0 if os.environ.get("CI") else random.randrange(2**32)
    # Shown where the test fails.
    print(f"the seed of the moments is {seed}")
    draw = random.Random(seed)
    folder, log = tmp_path / "killed", tmp_path / "killed.log"
    reached, halves, hits = [], 0, 0
    # Spread over the whole training, and drawn twice: which step it is in (or not even in one yet,
    # where that is past already), and from there at any moment of the next few.
    for target in sorted(draw.randrange(STEPS[kind] - 10) for _ in range(KILLS)):
        process = running.start(kind, folder, log)
        until(partial(is_at, running, process, folder, target))
        time.sleep(draw.uniform(0, 4 * step))
        running.signal(process, signal.SIGKILL)
        hits += running.wait(process) == -signal.SIGKILL
        reached.append(latest_step(folder))
        halves += len(list(folder.glob("model.checkpoints/*/.*.partial")))
    print(f"killed after steps {reached}, {halves} times in the middle of a checkpoint")
    # Most kills met a training that was running, and at different places of it.
    assert hits > KILLS / 2
    assert len({*reached}) > KILLS / 3
    assert running.wait(running.start(kind, folder, log)) == 0
    assert outcome(folder / "model") == expected
    assert "not used" not in log.read_text()
    # Nothing of all that is left.
    assert sorted(path.name for path in folder.iterdir() if path.name != "corpus") == ["model"]


@pytest.mark.parametrize("kind", ["cell", "text"])
def test_killed_while_a_checkpoint_is_written_it_goes_on_from_the_one_before(
    running, undisturbed, tmp_path, kind
):
    expected, _ = undisturbed(kind)
    folder, log = tmp_path / "killed", tmp_path / "killed.log"
    process = running.start(kind, folder, log, die_after=8)
    assert running.wait(process) == -signal.SIGKILL
    (half,) = folder.glob("model.checkpoints/*/.*.partial")
    assert half.name.startswith(".step000000008-")
    assert latest_step(folder) == 7
    assert running.wait(running.start(kind, folder, log)) == 0
    assert f"resuming after step 7 of {STEPS[kind]}\n" in log.read_text()
    assert outcome(folder / "model") == expected
