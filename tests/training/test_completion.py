"""Removal of the checkpoints of finished trainings."""

import pytest

from textvae.training.completion import mark, remove_done, unmark


@pytest.fixture
def folder(tmp_path):
    """The checkpoints of a model: two trainings with different settings."""
    (tmp_path / "a/C2.5/seed1").mkdir(parents=True)
    (tmp_path / "a/C2.5/seed1/config.json").touch()
    folder = tmp_path / "a/C2.5/seed1.checkpoints"
    for name in ("0123", "4567"):
        (folder / name).mkdir(parents=True)
        (folder / name / "step000000009-00.safetensors").touch()
    return folder


def test_only_marked_checkpoints_are_removed(folder, tmp_path):
    mark(folder / "0123")
    remove_done(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["4567"]
    mark(folder / "4567")
    remove_done(tmp_path)
    assert not folder.exists()
    remove_done(tmp_path / "missing")


@pytest.mark.parametrize("reason", ["model deleted", "resumed"])
def test_checkpoints_that_are_needed_stay(folder, tmp_path, reason):
    mark(folder / "0123")
    if reason == "resumed":
        unmark(folder / "0123")
        unmark(folder / "4567")
    else:
        (tmp_path / "a/C2.5/seed1/config.json").unlink()
    remove_done(tmp_path)
    assert len(list(folder.glob("*/step*"))) == 2
