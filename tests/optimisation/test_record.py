"""The training record survives a job that died in the middle of a line."""

import json

from textvae.optimisation.record import Record


def entry(step):
    return {"step": step, "C": 1.0, "loss": 3.0, "D": 2.0, "R": 1.0, "tokens_per_second": 10.0}


def steps(path):
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_lines_after_the_checkpoint_are_dropped(tmp_path):
    path = tmp_path / "training.jsonl"
    record = Record(path, "a cell", steps=100, step=0)
    for step in (10, 20, 30):
        record.write(entry(step))
    record.close()
    with path.open("a") as file:
        file.write('{"step": 4')

    record = Record(path, "a cell", steps=100, step=20)
    record.write(entry(30))
    record.close()
    assert steps(path) == [10, 20, 30]


def test_a_log_gets_plain_lines(tmp_path, capsys):
    record = Record(tmp_path / "training.jsonl", "cbt/lstm/C3/seed1", steps=100, step=0)
    record.write(entry(10))
    record.write({"step": 10, "split": "valid", "D": 2.5, "R": 1.5})
    record.close()
    train, valid = capsys.readouterr().err.splitlines()
    assert train.startswith(
        "cbt/lstm/C3/seed1  step 10/100  train  loss 3.00  D 2.00  R 1.00  C 1.00"
    )
    assert "10 tokens/s" in train
    assert valid == "cbt/lstm/C3/seed1  step 10/100  valid  D 2.50  R 1.50"
