"""What is removed of what trainings leave, and what is not."""

import pytest

from textvae.training.completion import mark, remove_done, unmark


@pytest.fixture
def left(tmp_path):
    """A model and, in two folders, checkpoints of its training and of one with other settings."""
    (tmp_path / "a/C2.5/seed1").mkdir(parents=True)
    (tmp_path / "a/C2.5/seed1/config.json").touch()
    for name in ("0123", "4567"):
        folder = tmp_path / "a/C2.5/seed1.checkpoints" / name
        folder.mkdir(parents=True)
        (folder / "step000000009-00.safetensors").touch()
    return tmp_path, tmp_path / "a/C2.5/seed1.checkpoints"


def test_what_is_marked_goes_and_nothing_else(left):
    root, checkpoints = left
    mark(checkpoints / "0123")
    remove_done(root)
    assert [path.name for path in checkpoints.iterdir()] == ["4567"]
    mark(checkpoints / "4567")
    remove_done(root)
    assert not checkpoints.exists()


def test_without_its_model_it_stays(left):
    root, checkpoints = left
    mark(checkpoints / "0123")
    (root / "a/C2.5/seed1/config.json").unlink()
    remove_done(root)
    assert (checkpoints / "0123").exists()


def test_what_runs_again_stays(left):
    root, checkpoints = left
    mark(checkpoints / "0123")
    unmark(checkpoints / "0123")
    unmark(checkpoints / "4567")
    remove_done(root)
    assert len(list(checkpoints.iterdir())) == 2


def test_where_there_is_nothing_nothing_happens(tmp_path):
    remove_done(tmp_path / "not/there")
