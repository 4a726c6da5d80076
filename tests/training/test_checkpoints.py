"""Checkpoints are used only if complete, undamaged and of the same training."""

import contextlib
import hashlib
import json
import os

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.training.checkpoints import Checkpoint, Checkpoints, step_of
from tiny import CPU

IDENTITY, OTHER = "0123456789abcdef", "fedcba9876543210"


def state(step):
    return Checkpoint(step, {"model.w": torch.full((3,), float(step))})


def newest(root, misfit=lambda _: None):
    return Checkpoints(root, IDENTITY).newest(CPU, misfit)


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path, IDENTITY)


def test_newest_is_read_and_two_are_kept(tmp_path, checkpoints):
    assert newest(tmp_path) is None
    assert checkpoints.last is None
    paths = [checkpoints.save(state(step)) for step in (5, 20, 1000)]
    assert [step_of(path) for path in paths] == [5, 20, 1000]
    assert sorted(checkpoints.folder.iterdir()) == paths[1:]
    assert checkpoints.last == paths[-1]
    assert not checkpoints.refused
    found = newest(tmp_path)
    assert found.step == 1000
    assert found.tensors["model.w"].tolist() == [1000, 1000, 1000]


def test_same_state_gives_the_same_file(checkpoints):
    path = checkpoints.save(state(7))
    content = path.read_bytes()
    with safetensors.safe_open(path, "pt") as file:
        (metadata,) = file.metadata().values()
    assert json.loads(metadata) == {"version": 2, "identity": IDENTITY, "step": 7}
    path.unlink()
    assert checkpoints.save(state(7)) == path
    assert path.read_bytes() == content


def named(folder, step, content):
    """Write bytes to a file with the name of a checkpoint of these bytes."""
    path = folder / f"step{step:09d}-{hashlib.sha256(content).hexdigest()[:16]}.safetensors"
    path.write_bytes(content)
    return path


def damaged(change):
    def damage(path):
        path.write_bytes(change(path.read_bytes()))
        return path

    return damage


def renamed(old, new):
    return lambda path: path.rename(path.with_name(path.name.replace(old, new)))


def with_metadata(metadata):
    """Write the same tensors with other metadata, and the name that fits the content."""

    def rewrite(path):
        content = safetensors.torch.save(safetensors.torch.load_file(path), metadata)
        path.unlink()
        return named(path.parent, step_of(path), content)

    return rewrite


def with_entries(**changes):
    entries = {"version": 2, "identity": IDENTITY, "step": 2} | changes
    return with_metadata({"checkpoint": json.dumps(entries)})


def replaced(make):
    def replace(path):
        path.unlink()
        make(path)
        return path

    return replace


# A way to spoil the newest checkpoint, and a part of the message about it.
FAULTS = {
    "truncated": (damaged(lambda b: b[:-1]), "damaged"),
    "bit of its tensors": (damaged(lambda b: b[:-9] + b"\x7f" + b[-8:]), "damaged"),
    "byte of its metadata": (damaged(lambda b: b[:20] + b"~" + b[21:]), "damaged"),
    "empty": (damaged(lambda b: b""), "damaged"),
    "other hash in its name": (renamed("2-", "2-0"), "not the name"),
    "other step in its name": (renamed("step0", "step9"), "step"),
    "other name": (renamed("step", "stup"), "not the name"),
    "other suffix": (renamed(".safe", ",safe"), "not the name"),
    "folder": (replaced(lambda path: path.mkdir()), "not a file"),
    "pipe": (replaced(os.mkfifo), "not a file"),
    "other settings": (with_entries(identity=OTHER), "settings"),
    "other version": (with_entries(version=1), "version 1, expected 2"),
    "other step": (with_entries(step=3), "step"),
    "no metadata": (with_metadata(None), "version None, expected 2"),
    "metadata of another type": (with_metadata({"checkpoint": "[]"}), "version None"),
    "metadata not JSON": (with_metadata({"checkpoint": "["}), "not a safetensors file"),
    "nested metadata": (with_metadata({"checkpoint": "[" * 100_000}), "not a safetensors file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_unusable_checkpoint_is_named_and_the_previous_one_used(
    tmp_path, checkpoints, capsys, fault
):
    spoil, reason = FAULTS[fault]
    checkpoints.save(state(1))
    path = spoil(checkpoints.save(state(2)))
    again = Checkpoints(tmp_path, IDENTITY)
    assert again.newest(CPU, lambda _: None).step == 1
    assert again.refused
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: checkpoint not used: ")
    assert reason in line


def test_unreadable_or_unfitting_checkpoint_is_named(tmp_path, checkpoints, monkeypatch, capsys):
    path = checkpoints.save(state(1))
    assert newest(tmp_path, lambda found: f"has {[*found.tensors]}") is None
    assert capsys.readouterr().err == f"{path}: checkpoint not used: has ['model.w']\n"

    def refuse(_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert newest(tmp_path) is None
    assert "Permission denied" in capsys.readouterr().err


def test_unusable_checkpoint_displaces_no_valid_one(tmp_path, checkpoints):
    one = checkpoints.save(state(1))
    nine = renamed("step0", "step9")(checkpoints.save(state(2)))
    replaced(lambda path: path.mkdir())(named(checkpoints.folder, 3, b""))
    again = Checkpoints(tmp_path, IDENTITY)
    assert again.newest(CPU, lambda _: None).step == 1
    two = again.save(state(2))
    assert [path for path in (one, two, nine) if path.exists()] == [one, two]
    three = again.save(state(3))
    assert [path for path in (one, two, three) if path.exists()] == [two, three]


def test_checkpoints_stay_until_two_are_known_to_be_valid(tmp_path, checkpoints):
    paths = [checkpoints.save(state(step)) for step in (1, 2)]
    Checkpoints(tmp_path, IDENTITY).newest(CPU, lambda _: None)
    assert all(path.exists() for path in paths)


# Any bytes, and bytes that begin like a safetensors file.
CONTENTS = st.binary(max_size=60) | st.builds(
    lambda header, extra, rest: (len(header) + extra).to_bytes(8, "little") + header + rest,
    st.dictionaries(st.sampled_from(["__metadata__", "model.w", ""]), st.text(max_size=5)).map(
        lambda entries: json.dumps(entries).encode()
    ),
    st.sampled_from([0, 1, 2**62]),
    st.binary(max_size=40),
)


@given(content=CONTENTS)
@settings(deadline=None)
def test_any_bytes_are_skipped(tmp_path_factory, content):
    root = tmp_path_factory.mktemp("any")
    checkpoints = Checkpoints(root, IDENTITY)
    checkpoints.save(state(1))
    named(checkpoints.folder, 2, content)
    with contextlib.redirect_stderr(None):
        assert newest(root).step == 1
