"""What a training is: told apart, and told to people."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.io import read_json, write_json
from textvae.training.fingerprint import FILE, difference, digest, others, write_down

HERE = {
    "cell": {"C": 2.0, "seed": 1},
    "training": {
        "recipe": {"learning_rate": 0.02, "epochs": 3},
        "code": "a" * 64,
        "torch": "2.13.0",
    },
}


def changed(**changes):
    """The training of HERE with other settings."""
    training = {name: changes.get(name, value) for name, value in HERE["training"].items()}
    training["recipe"] = {n: changes.get(n, value) for n, value in training["recipe"].items()}
    cell = {name: changes.get(name, value) for name, value in HERE["cell"].items()}
    return {"cell": cell, "training": training}


def test_the_digest_tells_any_two_tasks_apart_and_not_their_spelling():
    assert digest({"C": 3.0, "seed": 1}) == digest({"seed": 1, "C": 3.0})
    assert digest({"C": 3.0}) != digest({"C": 3.5})


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (changed(), None),
        (changed(learning_rate=0.01), "learning_rate is 0.01 there and 0.02 here"),
        (changed(code="b" * 64), "code differs"),
        (changed(torch="2.12.0"), "torch is 2.12.0 there and 2.13.0 here"),
        # The first in the order of the settings.
        (changed(seed=2, code="b" * 64, epochs=4), "seed is 2 there and 1 here"),
        ({"cell": HERE["cell"]}, "training is missing there"),
        (changed() | {"dropout": None}, "dropout is not a setting here"),
        ([], "it is [] there and"),
        (changed(torch="2\n\x1b[31m" * 100), "torch is 2??[31m2??[31m2"),
    ],
)
def test_the_first_difference_in_words(there, expected):
    said = difference(there, HERE)
    assert said is expected is None or said.startswith(expected)
    assert said is None or said.isprintable()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@given(json_values, json_values)
@settings(deadline=None)
def test_there_is_a_difference_where_the_digests_differ(there, here):
    said = difference(there, here)
    assert (said is None) == (digest(there) == digest(here))


def test_it_is_written_down_once(tmp_path):
    write_down(HERE, tmp_path)
    assert read_json(tmp_path / FILE) == HERE
    written = (tmp_path / FILE).stat()
    write_down(HERE, tmp_path)
    assert (tmp_path / FILE).stat().st_ino == written.st_ino
    (tmp_path / FILE).write_bytes(b"\xff{")
    write_down(HERE, tmp_path)
    assert read_json(tmp_path / FILE) == HERE


def test_the_folders_of_others_are_told_with_their_reason(tmp_path):
    for identity in (HERE, changed(seed=2)):
        write_json(tmp_path / digest(identity) / FILE, identity)
    silent = tmp_path / ("f" * 16)
    silent.mkdir()
    # Of another make altogether.
    (tmp_path / "notes").mkdir()
    renamed = tmp_path / ("0" * 16)
    write_json(renamed / FILE, HERE)
    assert list(others(HERE, tmp_path)) == [
        (renamed, "its name does not match its settings"),
        (tmp_path / digest(changed(seed=2)), "seed is 2 there and 1 here"),
        (silent, "its identity.json is missing or damaged"),
    ]
    assert list(others(HERE, tmp_path / "nowhere")) == []


# Among others as deep as can just be read, which is deeper than can be written.
NESTED = st.integers(900, 1100).map(lambda depth: b'{"a":' * depth + b"1" + b"}" * depth)


@given(content=st.binary(max_size=40) | NESTED | st.just(b"NaN"))
@settings(deadline=None)
def test_whatever_a_file_there_says_it_is_one_line(tmp_path_factory, content):
    root = tmp_path_factory.mktemp("any")
    (root / ("0" * 16)).mkdir()
    (root / ("0" * 16) / FILE).write_bytes(content)
    ((_, reason),) = others(HERE, root)
    assert reason.isprintable()
