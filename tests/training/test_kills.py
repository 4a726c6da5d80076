"""Killed and duplicate processes of one training give the same bytes as an undisturbed one."""

import os
import random
import signal
import time

import pytest

from training_processes import STEPS, latest_step, outcome, send, start, until, wait

KILLS = 10
TITLES = {"cell": "tiny/small/C2/seed1", "text": "tiny/text"}


def names_in(folder):
    return {path.name for path in folder.iterdir()} - {"corpus"}


@pytest.mark.parametrize("kind", STEPS)
def test_training_killed_at_random_gives_the_same_bytes(uninterrupted, tmp_path, kind):
    seed = 0 if os.environ.get("CI") else random.randrange(2**32)
    # Shown if the test fails.
    print(f"the seed of the kills is {seed}")
    draw = random.Random(seed)
    folder, log = tmp_path / "killed", tmp_path / "killed.log"
    reached, hits = [], 0
    # A random step of each tenth (perhaps already passed), and a random moment within the next few.
    for tenth in range(KILLS):
        target = int((tenth + draw.random()) / KILLS * (STEPS[kind] - 10))
        process = start(kind, folder, log)
        until(lambda p=process, step=target: latest_step(folder) >= step or not p.is_alive())
        time.sleep(draw.uniform(0, 0.02))
        send(process, signal.SIGKILL)
        hits += wait(process) == -signal.SIGKILL
        reached.append(latest_step(folder))
    print(f"killed after steps {reached}")
    # Most kills met a running training, and at different steps.
    assert hits > KILLS / 2
    assert len({*reached}) > KILLS / 4
    assert wait(start(kind, folder, log)) == 0
    assert outcome(folder / "model") == uninterrupted(kind)
    assert "not used" not in log.read_text()
    assert names_in(folder) == {"model"}


def test_training_killed_while_writing_resumes_one_checkpoint_earlier(uninterrupted, tmp_path):
    folder, log = tmp_path / "killed", tmp_path / "killed.log"
    process = start("cell", folder, log, die_after=8)
    assert wait(process) == -signal.SIGKILL
    (partial_file,) = folder.glob("model.checkpoints/*/.*.partial")
    assert partial_file.name.startswith(".step000000008-")
    assert latest_step(folder) == 7
    assert wait(start("cell", folder, log)) == 0
    assert f"resuming after step 7 of {STEPS['cell']}\n" in log.read_text()
    assert outcome(folder / "model") == uninterrupted("cell")


@pytest.mark.parametrize(("kind", "dies"), [("cell", False), ("text", False), ("cell", True)])
def test_duplicate_waits_and_takes_over(uninterrupted, tmp_path, kind, dies):
    folder, log, title = tmp_path / "both", tmp_path / "second.log", TITLES[kind]
    first = start(kind, folder, tmp_path / "first.log")
    until(lambda: latest_step(folder) >= 5)
    send(first, signal.SIGSTOP)
    reached = latest_step(folder)
    second = start(kind, folder, log)
    until(lambda: log.exists() and "waiting for" in log.read_text())
    assert second.is_alive()
    send(first, signal.SIGKILL if dies else signal.SIGCONT)
    assert wait(first) == (-signal.SIGKILL if dies else 0)
    assert wait(second) == 0
    waiting, then, *_ = log.read_text().splitlines()
    assert waiting.startswith(f"{title}: waiting for process {first.pid} on ")
    assert waiting.endswith(f" ({folder}/model.lock)")
    resuming = f"resuming after step {reached} of {STEPS[kind]}"
    finished = f"already finished by another process in {folder}/model"
    assert then == f"{title}  {resuming if dies else finished}"
    assert outcome(folder / "model") == uninterrupted(kind)
    assert names_in(folder) == {"model"}
