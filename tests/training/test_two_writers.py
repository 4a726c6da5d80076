"""Two processes at one cell: an orphaned job and its duplicate."""

import signal

import pytest

from training_processes import STEPS, latest_step, outcome, until


@pytest.fixture
def two(running, tmp_path):
    """A training that stands still in its middle, and a second that has said it waits for it."""

    def start(kind):
        folder = tmp_path / "both"
        first = running.start(kind, folder, tmp_path / "first.log")
        until(lambda: latest_step(folder) >= 5)
        running.signal(first, signal.SIGSTOP)
        second = running.start(kind, folder, tmp_path / "second.log")
        log = tmp_path / "second.log"
        until(lambda: log.exists() and "waiting for" in log.read_text())
        assert running.ended(second) is None
        return first, second

    return start


KINDS = pytest.mark.parametrize(
    ("kind", "title"), [("cell", "tiny/small/C2/seed1"), ("text", "tiny/text")]
)


def alone(running, kind, folder):
    assert running.wait(running.start(kind, folder, folder.with_suffix(".log"))) == 0
    return outcome(folder / "model")


@KINDS
def test_when_the_first_has_finished_the_second_takes_what_is_there(
    running, two, tmp_path, kind, title
):
    first, second = two(kind)
    running.signal(first, signal.SIGCONT)
    assert [running.wait(first), running.wait(second)] == [0, 0]
    waiting, taken = (tmp_path / "second.log").read_text().splitlines()
    lock = tmp_path / "both/model.lock"
    assert waiting.startswith(f"{title}: waiting for process {first} on ")
    assert waiting.endswith(f" ({lock})")
    assert taken == f"{title}  already finished by another process in {tmp_path}/both/model"
    assert outcome(tmp_path / "both/model") == alone(running, kind, tmp_path / "alone")
    names = {path.name for path in (tmp_path / "both").iterdir()}
    assert names - {"corpus"} == {"model"}


@KINDS
def test_when_the_first_has_died_the_second_goes_on_from_its_checkpoint(
    running, two, tmp_path, kind, title
):
    first, second = two(kind)
    reached = latest_step(tmp_path / "both")
    running.signal(first, signal.SIGKILL)
    assert [running.wait(first), running.wait(second)] == [-signal.SIGKILL, 0]
    said = (tmp_path / "second.log").read_text()
    assert f"{title}  resuming after step {reached} of {STEPS[kind]}\n" in said
    assert outcome(tmp_path / "both/model") == alone(running, kind, tmp_path / "alone")
    names = {path.name for path in (tmp_path / "both").iterdir()}
    assert names - {"corpus"} == {"model"}
