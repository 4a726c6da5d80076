"""The training log: continued after a killed job, and after damage of any kind."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.training import log as module
from textvae.training.log import TrainingLog


def entry(step):
    return {"step": step, "C": 1.0, "loss": 3.0, "D": 2.0, "R": 1.0, "tokens_per_second": 10.0}


def steps(path):
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def write(path, start, *steps):
    """Write entries after a checkpoint, as another process does."""
    log = TrainingLog(path, "a cell", steps=100, step=start)
    for step in steps:
        log.write(entry(step))
    log.close()


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "training.jsonl", 0, 10, 20, 30)
    return tmp_path / "training.jsonl"


def test_lines_after_the_checkpoint_are_dropped(path, capsys):
    with path.open("a") as file:
        file.write('{"step": 4')
    capsys.readouterr()
    write(path, 20, 30)
    assert steps(path) == [10, 20, 30]
    # The truncated last line belongs to a later step and is not reported.
    assert "damaged" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "damaged",
    [
        *(b"\xff\xfe", b'{"step": 1', b'{"step": "10"}', b'{"step": NaN}', b'{"step": true}'),
        *(b'{"step": 0}', b"{}", b"[]", b"10", b"", b"[" * 5000, b"1" * 5000),
    ],
)
def test_damaged_lines_are_counted_and_dropped(path, capsys, damaged):
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(b"\n".join([first, damaged, damaged, rest]))
    write(path, 20, 30)
    assert steps(path) == [10, 20, 30]
    assert f"a cell  {path}: 2 damaged lines" in capsys.readouterr().err


@given(content=st.binary(max_size=200))
@settings(deadline=None)
def test_log_of_any_bytes_is_continued(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "training.jsonl"
    path.write_bytes(content)
    write(path, 20, 30)
    assert steps(path)[-1] == 30


def test_values_that_are_not_json_are_not_written(path):
    log = TrainingLog(path, "a cell", steps=100, step=30)
    with pytest.raises(ValueError, match="JSON"):
        log.write(entry(40) | {"loss": math.nan})
    log.close()
    assert steps(path) == [10, 20, 30]


@pytest.mark.parametrize(("seconds", "lines"), [(1000, 1), (0, 2)])
def test_job_log_gets_a_line_at_intervals(tmp_path, capsys, monkeypatch, seconds, lines):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", seconds)
    log = TrainingLog(tmp_path / "training.jsonl", "cbt/lstm/C3/seed1", steps=100, step=0)
    for values in (entry(10), entry(20), {"step": 20, "split": "valid", "D": 2.5, "R": 1.5}):
        log.write(values)
    log.close()
    *train, valid = capsys.readouterr().err.splitlines()
    assert len(train) == lines
    start = "cbt/lstm/C3/seed1  step 10/100  train  loss 3.00  D 2.00  R 1.00  C 1.00"
    assert train[0].startswith(start)
    assert "10 tokens/s" in train[0]
    assert valid == "cbt/lstm/C3/seed1  step 20/100  valid  D 2.50  R 1.50"
