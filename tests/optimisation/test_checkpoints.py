"""A checkpoint is believed only where it is whole."""

import pytest
import torch

from textvae.optimisation import checkpoints
from textvae.optimisation.checkpoints import Checkpoint

CPU = torch.device("cpu")


def write(folder, step):
    return checkpoints.save(folder, Checkpoint(step, {"model.w": torch.full((3,), float(step))}))


def test_the_newest_comes_back(tmp_path):
    for step in (5, 1000, 20):
        write(tmp_path, step)
    found = checkpoints.newest(tmp_path, CPU)
    assert found.step == 1000
    assert found.tensors["model.w"].tolist() == [1000, 1000, 1000]


def test_only_two_are_kept(tmp_path):
    for step in (1, 2, 3):
        write(tmp_path, step)
    assert sorted(path.name[:13] for path in tmp_path.iterdir()) == [
        "step000000002",
        "step000000003",
    ]


def test_none_where_there_is_none(tmp_path):
    assert checkpoints.newest(tmp_path / "nowhere", CPU) is None
    assert checkpoints.last_path(tmp_path) is None


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:-9] + b"\x7f" + b[-8:], lambda b: b""]
)
def test_a_damaged_one_is_named_and_the_one_before_is_used(tmp_path, capsys, damage):
    write(tmp_path, 1)
    path = write(tmp_path, 2)
    path.write_bytes(damage(path.read_bytes()))
    assert checkpoints.newest(tmp_path, CPU).step == 1
    assert capsys.readouterr().err == f"{path}: damaged checkpoint, not used\n"


def test_the_digest_tells_any_two_tasks_apart_and_not_their_spelling():
    assert checkpoints.digest({"C": 3.0, "seed": 1}) == checkpoints.digest({"seed": 1, "C": 3.0})
    assert checkpoints.digest({"C": 3.0}) != checkpoints.digest({"C": 3.5})
