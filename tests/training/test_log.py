"""The training record survives a job that died in the middle of a line, and damage of any kind."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.training.log import TrainingLog


def entry(step):
    return {"step": step, "C": 1.0, "loss": 3.0, "D": 2.0, "R": 1.0, "tokens_per_second": 10.0}


def steps(path):
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path):
    """A record of steps 10, 20 and 30."""
    path = tmp_path / "training.jsonl"
    record = TrainingLog(path, "a cell", steps=100, step=0)
    for step in (10, 20, 30):
        record.write(entry(step))
    record.close()
    return path


def go_on(path, step):
    """Another process, from its checkpoint on."""
    record = TrainingLog(path, "a cell", steps=100, step=step)
    record.write(entry(step + 10))
    record.close()


def test_lines_after_the_checkpoint_are_dropped(path, capsys):
    with path.open("a") as file:
        file.write('{"step": 4')
    go_on(path, 20)
    assert steps(path) == [10, 20, 30]
    # What was cut is of a later step, and nothing is lost with it.
    assert "lost" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "damaged",
    [
        b"\xff\xfe",
        b'{"step": 1',
        b'{"step": "10"}',
        b'{"step": NaN}',
        b'{"step": true}',
        b'{"step": -1}',
        b"{}",
        b"[]",
        b"10",
        b"",
        b"[" * 5000,
        b"1" * 5000,
    ],
)
def test_damaged_lines_are_counted(path, capsys, damaged):
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(b"\n".join([first, damaged, damaged, rest]))
    go_on(path, 20)
    assert steps(path) == [10, 20, 30]
    expected = f"a cell  {path}: 2 damaged lines of the training log are dropped\n"
    assert expected in capsys.readouterr().err


@given(content=st.binary(max_size=200))
@settings(deadline=None)
def test_whatever_bytes_lie_there_it_goes_on(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "training.jsonl"
    path.write_bytes(content)
    go_on(path, 20)
    assert steps(path)[-1] == 30


def test_lines_that_are_not_json_are_not_written(path):
    record = TrainingLog(path, "a cell", steps=100, step=30)
    with pytest.raises(ValueError, match="not JSON compliant"):
        record.write(entry(40) | {"loss": math.nan})
    record.close()
    assert steps(path) == [10, 20, 30]


def test_a_log_gets_plain_lines(tmp_path, capsys):
    record = TrainingLog(tmp_path / "training.jsonl", "cbt/lstm/C3/seed1", steps=100, step=0)
    record.write(entry(10))
    record.write({"step": 10, "split": "valid", "D": 2.5, "R": 1.5})
    record.close()
    train, valid = capsys.readouterr().err.splitlines()
    assert train.startswith(
        "cbt/lstm/C3/seed1  step 10/100  train  loss 3.00  D 2.00  R 1.00  C 1.00"
    )
    assert "10 tokens/s" in train
    assert valid == "cbt/lstm/C3/seed1  step 10/100  valid  D 2.50  R 1.50"
