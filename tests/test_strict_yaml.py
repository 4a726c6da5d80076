"""What YAML 1.1 drops or reads as another value is refused in one line with file and line."""

from pathlib import Path

import pytest

from textvae.config.strict_yaml import load, load_files
from textvae.errors import InputError

ROOT = Path(__file__).parents[1]


def refusal(path, text):
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_files([path])
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a: 1\nb: {}\na: 2\n", (", line 3:", "'a'", "line 1")),
        ("a:\n  b: 1\n  'b': 2\n", (", line 3: a:", "'b'", "line 2")),
        ('{"a": 1, "a": 2}', (":", "'a'", "twice")),
        ("seeds: [1, 010]", (", line 1: seeds[1]:", "write 10 or 8")),
        ("C: [1:30]", ("C[0]:", "write 90,")),
        ("train_size: 1_000", ("train_size:", "write that", "1000")),
        ("models: [no]", ("models[0]:", "read as false", "'no'")),
        ("on: 1", ("on is read as true", "'on'")),
        ("caption: 2019-01-01", ("caption:", "a date", "'2019-01-01'")),
        ("a: 1\nexperiments:\n", (", line 2: experiments:", "null")),
    ],
)
def test_surprise_is_refused_with_its_line(tmp_path, text, parts):
    message = refusal(tmp_path / "own.yaml", text)
    assert all(part in message for part in parts), message


def test_plain_values_are_accepted(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("a: [0, 10, -1.5, 1e-3, 'no', true, null, {b: &x {c: 1}}]\nb: {<<: *x, d: 2}\n")
    load_files([path])
    assert load(path)["b"] == {"c": 1, "d": 2}


def test_shipped_files_are_accepted():
    load_files(sorted((ROOT / "config").glob("*.yaml")))
