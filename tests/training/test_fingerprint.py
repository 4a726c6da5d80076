"""Identities of trainings: their digests, and their differences in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.io import read_json, write_json
from textvae.training.fingerprint import FILE, difference, digest, others, write_identity

HERE = {
    "cell": {"C": 2.0, "seed": 1},
    "training": {"recipe": {"learning_rate": 0.02, "epochs": 3}, "code": "a" * 64, "torch": "2.13"},
}


def changed(**changes):
    """Return the identity HERE with other values."""
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
    empty, renamed = tmp_path / ("f" * 16), tmp_path / ("0" * 16)
    empty.mkdir()
    (tmp_path / "notes").mkdir()
    write_json(renamed / FILE, HERE)
    nested = tmp_path / ("e" * 16)
    nested.mkdir()
    (nested / FILE).write_bytes(b'{"a":' * 1000 + b"1" + b"}" * 1000)
    reasons = dict(others(HERE, tmp_path))
    assert set(reasons) == {renamed, tmp_path / digest(changed(seed=2)), empty, nested}
    assert all(reason.isprintable() for reason in reasons.values())
    assert reasons[tmp_path / digest(changed(seed=2))] == "seed is 2 there and 1 here"
    assert FILE in reasons[empty]
    assert list(others(HERE, tmp_path / "missing")) == []
