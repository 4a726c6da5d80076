"""Checkpoints are used only if complete, undamaged and of a training with the same identity."""

import contextlib
import hashlib
import json
import os

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.io import read_json, write_json
from textvae.training.checkpoints import Checkpoint, Checkpoints, step_of
from textvae.training.completion import mark, remove_done, unmark
from textvae.training.fingerprint import FILE, difference, digest, others, write_identity
from tiny import CPU

IDENTITY, OTHER = "0123456789abcdef", "fedcba9876543210"
ENTRIES = {"version": 2, "identity": IDENTITY, "step": 2}


def state(step):
    return Checkpoint(step, {"model.w": torch.full((3,), float(step))})


def newest(root, misfit=lambda _: None):
    return Checkpoints(root, IDENTITY).newest(CPU, misfit)


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path, IDENTITY)


def test_newest_is_read_and_two_are_kept(tmp_path, checkpoints):
    assert newest(tmp_path) is checkpoints.last is None
    paths = [checkpoints.save(state(step)) for step in (5, 20, 1000)]
    assert [step_of(path) for path in paths] == [5, 20, 1000]
    assert sorted(checkpoints.folder.iterdir()) == paths[1:]
    assert checkpoints.last == paths[-1]
    assert not checkpoints.refused
    found = newest(tmp_path)
    assert (found.step, found.tensors["model.w"].tolist()) == (1000, [1000, 1000, 1000])


def test_same_state_gives_the_same_file(checkpoints):
    path = checkpoints.save(state(7))
    content = path.read_bytes()
    with safetensors.safe_open(path, "pt") as file:
        (metadata,) = file.metadata().values()
    assert json.loads(metadata) == ENTRIES | {"step": 7}
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

    def rewrite(path):
        content = safetensors.torch.save(safetensors.torch.load_file(path), metadata)
        path.unlink()
        return named(path.parent, step_of(path), content)

    return rewrite


def with_entries(**changes):
    return with_metadata({"checkpoint": json.dumps(ENTRIES | changes)})


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
def test_unusable_checkpoint_is_named_and_not_used(tmp_path, checkpoints, capsys, fault):
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
HEADERS = st.sampled_from(['{"__metadata__": ""}', '{"model.w": {}}', '{"": "x"}', "{}"])
CONTENTS = st.binary(max_size=60) | st.builds(
    lambda header, extra, rest: (len(header) + extra).to_bytes(8, "little") + header + rest,
    *(HEADERS.map(str.encode), st.sampled_from([0, 1, 2**62]), st.binary(max_size=40)),
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


def test_marked_checkpoints_on_another_disk_are_removed(folder, tmp_path):
    for one in folder.iterdir():
        mark(one)
    link = tmp_path / "results/models"
    link.parent.mkdir()
    link.symlink_to(folder.parents[1])
    remove_done(link.parent)
    assert not folder.exists()


@pytest.mark.parametrize("reason", ["model deleted", "resumed"])
def test_checkpoints_that_are_needed_stay(folder, tmp_path, reason):
    mark(folder / "0123")
    for name in ("0123", "4567") if reason == "resumed" else ():
        unmark(folder / name)
    if reason == "model deleted":
        (tmp_path / "a/C2.5/seed1/config.json").unlink()
    remove_done(tmp_path)
    assert len(list(folder.glob("*/step*"))) == 2


HERE = {
    "cell": {"C": 2.0, "seed": 1},
    "training": {"recipe": {"learning_rate": 0.02, "epochs": 3}, "code": "a" * 64, "torch": "2.13"},
}


def changed(**changes):
    training = {name: changes.get(name, value) for name, value in HERE["training"].items()}
    training["recipe"] = {n: changes.get(n, value) for n, value in training["recipe"].items()}
    cell = {name: changes.get(name, value) for name, value in HERE["cell"].items()}
    return {"cell": cell, "training": training}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (changed(learning_rate=0.01), "learning_rate is 0.01 there and 0.02 here"),
        # Hashes are not quoted.
        (changed(code="b" * 64), "code differs"),
        (changed(torch="2.12"), "torch is 2.12 there and 2.13 here"),
        # The first difference in the order of the settings.
        (changed(seed=2, code="b" * 64, epochs=4), "seed is 2 there and 1 here"),
        ({"cell": HERE["cell"]}, "training is missing there"),
        (changed() | {"dropout": None}, "dropout is not a setting here"),
        ([], "it is [] there and"),
        (changed(torch="2\n\x1b[31m" * 100), "torch is " + ("2??[31m" * 9)[:60] + " there"),
    ],
)
def test_first_difference_is_named(there, expected):
    message = difference(there, HERE)
    assert message.startswith(expected)
    assert message.isprintable()


finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@given(json_values, json_values)
@settings(deadline=None)
def test_there_is_a_difference_exactly_if_digests_differ(there, here):
    assert (difference(there, here) is None) == (digest(there) == digest(here))
    assert difference(here, here) is None
    assert digest({"a": here, "b": there}) == digest({"b": there, "a": here})


def test_identity_is_written_once_and_repaired(tmp_path):
    write_identity(HERE, tmp_path)
    written = (tmp_path / FILE).stat()
    write_identity(HERE, tmp_path)
    assert (tmp_path / FILE).stat().st_ino == written.st_ino
    (tmp_path / FILE).write_bytes(b"\xff{")
    write_identity(HERE, tmp_path)
    assert read_json(tmp_path / FILE) == HERE


def test_folders_of_other_trainings_are_listed_with_a_reason(tmp_path):
    for identity in (HERE, changed(seed=2)):
        write_json(tmp_path / digest(identity) / FILE, identity)
    empty, renamed, nested = (tmp_path / (letter * 16) for letter in "f0e")
    for folder in (empty, nested, tmp_path / "notes"):
        folder.mkdir()
    write_json(renamed / FILE, HERE)
    (nested / FILE).write_bytes(b'{"a":' * 1000 + b"1" + b"}" * 1000)
    reasons = dict(others(HERE, tmp_path))
    assert set(reasons) == {renamed, tmp_path / digest(changed(seed=2)), empty, nested}
    assert all(reason.isprintable() for reason in reasons.values())
    assert reasons[tmp_path / digest(changed(seed=2))] == "seed is 2 there and 1 here"
    assert FILE in reasons[empty]
    assert list(others(HERE, tmp_path / "missing")) == []
