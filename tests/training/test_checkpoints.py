"""A checkpoint is believed only where it is whole, and of the very training that asks."""

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

MINE, ANOTHER = "0123456789abcdef", "fedcba9876543210"


def state(step):
    return Checkpoint(step, {"model.w": torch.full((3,), float(step))})


def fits(_):
    return None


def newest(root, misfit=fits):
    return Checkpoints(root, MINE).newest(CPU, misfit)


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path, MINE)


def test_the_newest_comes_back(tmp_path, checkpoints):
    for step in (5, 20, 1000):
        checkpoints.save(state(step))
    found = newest(tmp_path)
    assert found.step == 1000
    assert found.tensors["model.w"].tolist() == [1000, 1000, 1000]


def test_only_two_are_kept(checkpoints):
    paths = [checkpoints.save(state(step)) for step in (1, 2, 3)]
    assert sorted(checkpoints.folder.iterdir()) == paths[1:]
    assert checkpoints.last == paths[-1]
    assert [step_of(path) for path in paths] == [1, 2, 3]


def test_none_where_there_is_none(tmp_path, checkpoints):
    assert newest(tmp_path) is None
    assert checkpoints.last is None
    assert not checkpoints.refused


def test_one_says_in_its_metadata_what_it_is(checkpoints):
    path = checkpoints.save(state(7))
    with safetensors.safe_open(path, "pt") as file:
        (told,) = file.metadata().values()
    assert json.loads(told) == {"version": 2, "identity": MINE, "step": 7}


def test_one_state_is_one_file(checkpoints):
    path = checkpoints.save(state(7))
    content = path.read_bytes()
    path.unlink()
    assert checkpoints.save(state(7)) == path
    assert path.read_bytes() == content


def rewrite(path, metadata):
    """The same tensors under another head, and under the name that goes with that."""
    content = safetensors.torch.save(safetensors.torch.load_file(path), metadata)
    path.unlink()
    return named(path.parent, step_of(path), content)


def named(folder, step, content):
    """A file of any bytes with the name that a checkpoint of these bytes would have."""
    path = folder / f"step{step:09d}-{hashlib.sha256(content).hexdigest()[:16]}.safetensors"
    path.write_bytes(content)
    return path


def damage(change):
    def change_content(path):
        path.write_bytes(change(path.read_bytes()))
        return path

    return change_content


def renamed(change):
    return lambda path: path.rename(path.with_name(change(path.name)))


def told(**changes):
    head = {"version": 2, "identity": MINE, "step": 2} | changes
    rest = {name: value for name, value in head.items() if value is not None}
    return lambda path: rewrite(path, {"checkpoint": json.dumps(rest)})


def a_folder(path):
    path.unlink()
    path.mkdir()
    return path


def a_pipe(path):
    # Nobody may wait for what will never come through it.
    path.unlink()
    os.mkfifo(path)
    return path


DAMAGED = "damaged, its content does not match the hash in its name"
FAULTS = {
    "cut": (damage(lambda b: b[:-1]), DAMAGED),
    "a bit of its tensors": (damage(lambda b: b[:-9] + b"\x7f" + b[-8:]), DAMAGED),
    "a byte of its head": (damage(lambda b: b[:20] + b"~" + b[21:]), DAMAGED),
    "empty": (damage(lambda b: b""), DAMAGED),
    "a digit of its hash": (renamed(lambda n: n[:14] + chr(ord(n[14]) ^ 1) + n[15:]), DAMAGED),
    "a digit of its step": (
        renamed(lambda n: n.replace("step0", "step9")),
        "its step does not match its name",
    ),
    "a letter of its name": (
        renamed(lambda n: n.replace("step", "stup")),
        "not the name of a checkpoint",
    ),
    "its ending": (renamed(lambda n: n.replace(".safe", ",safe")), "not the name of a checkpoint"),
    "a folder": (a_folder, "not a file"),
    "a pipe": (a_pipe, "not a file"),
    "of other settings": (told(identity=ANOTHER), "from a training with other settings"),
    "of another version": (told(version=1), "format version 1, expected 2"),
    "of no version": (told(version=None), "format version None, expected 2"),
    "without a head": (lambda path: rewrite(path, None), "format version None, expected 2"),
    "with a head of nothing": (
        lambda path: rewrite(path, {"checkpoint": "[]"}),
        "format version None, expected 2",
    ),
    "with a head of no JSON": (
        lambda path: rewrite(path, {"checkpoint": "["}),
        "not a safetensors file",
    ),
    "with a head that is nested": (
        lambda path: rewrite(path, {"checkpoint": "[" * 100_000}),
        "not a safetensors file",
    ),
    "of another step": (told(step=3), "its step does not match its name"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_that_cannot_be_used_is_named_and_the_one_before_is(
    tmp_path, checkpoints, capsys, fault
):
    spoil, reason = FAULTS[fault]
    checkpoints.save(state(1))
    path = spoil(checkpoints.save(state(2)))
    again = Checkpoints(tmp_path, MINE)
    assert again.newest(CPU, fits).step == 1
    assert again.refused
    assert capsys.readouterr().err == f"{path}: checkpoint not used: {reason}\n"


def test_one_that_cannot_be_read(tmp_path, checkpoints, monkeypatch, capsys):
    path = checkpoints.save(state(1))

    def refuse(_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert newest(tmp_path) is None
    expected = f"{path}: checkpoint not used: cannot be read (Permission denied)\n"
    assert capsys.readouterr().err == expected


def test_one_whose_tensors_do_not_fit(tmp_path, checkpoints, capsys):
    path = checkpoints.save(state(1))
    assert newest(tmp_path, lambda found: f"lacks sums, has {[*found.tensors]}") is None
    expected = f"{path}: checkpoint not used: lacks sums, has ['model.w']\n"
    assert capsys.readouterr().err == expected


def test_what_cannot_be_used_takes_the_place_of_nothing_that_can(tmp_path, checkpoints):
    """The name of a later step is not a reason to be kept, nor to be counted."""
    one = checkpoints.save(state(1))
    nine = renamed(lambda name: name.replace("step0", "step9"))(checkpoints.save(state(2)))
    a_folder(named(checkpoints.folder, 3, b""))
    again = Checkpoints(tmp_path, MINE)
    assert again.newest(CPU, fits).step == 1
    two = again.save(state(2))
    assert [path for path in (one, two, nine) if path.exists()] == [one, two]
    three = again.save(state(3))
    assert [path for path in (one, two, three) if path.exists()] == [two, three]


def test_of_one_that_was_not_looked_at_nothing_is_lost_too_early(tmp_path, checkpoints):
    paths = [checkpoints.save(state(step)) for step in (1, 2)]
    again = Checkpoints(tmp_path, MINE)
    again.newest(CPU, fits)
    # Before there is a second one that is known to be sound, the first one stays.
    assert all(path.exists() for path in paths)


def heads():
    """Heads of files: JSON that is nearly what safetensors wants, and JSON that is not."""
    numbers = st.integers(-1, 2**64) | st.floats(allow_nan=False)
    leaves = st.none() | st.booleans() | numbers | st.text(max_size=5)
    tensor = st.fixed_dictionaries(
        {
            "dtype": st.sampled_from(["F32", "I64", "BOOL", "F8_E4M3", "F4", "C64", "X"]),
            "shape": st.lists(st.integers(-1, 9), max_size=3),
            "data_offsets": st.lists(st.integers(-1, 40), min_size=1, max_size=3),
        }
    )
    return st.dictionaries(
        st.sampled_from(["__metadata__", "model.w", "sums", ""]),
        tensor | leaves | st.dictionaries(st.text(max_size=5), leaves, max_size=2),
        max_size=3,
    )


@st.composite
def files(draw):
    """Bytes, and bytes that begin as a file of safetensors does."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    head = json.dumps(draw(heads())).encode()
    length = draw(st.sampled_from([len(head), len(head) + 1, 0, 2**63]))
    return length.to_bytes(8, "little") + head + draw(st.binary(max_size=40))


@given(content=files())
@settings(max_examples=300, deadline=None)
def test_whatever_bytes_lie_there_they_are_passed_over(tmp_path_factory, content):
    """Also where somebody gave them the name that goes with them."""
    root = tmp_path_factory.mktemp("any")
    checkpoints = Checkpoints(root, MINE)
    checkpoints.save(state(1))
    named(checkpoints.folder, 2, content)
    with contextlib.redirect_stderr(None):
        assert newest(root).step == 1
