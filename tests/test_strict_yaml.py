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
        ("seeds: [0x10]", ("seeds[0]:", "write 16,")),
        ("seeds: [-0b11]", ("seeds[0]:", "write -3,")),
        ("a: [1,,2]", (", line 1, column 7:", "comma")),
        ("C: [1:30]", ("C[0]:", "write 90,")),
        ("train_size: 1_000", ("train_size:", "write that", "1000")),
        ("models: [no]", ("models[0]:", "read as false", "'no'")),
        ("on: 1", ("on is read as true", "'on'")),
        ("caption: 2019-01-01", ("caption:", "a date", "'2019-01-01'")),
        ("a: 1\nexperiments:\n", (", line 2: experiments:", "null")),
        ('seeds: [!!int "030"]', ("seeds[0]:", "write 30 or 24")),
        # A template, or a file that only mentions templates.
        ("__use_yte__: false\nseeds: [010]", (", line 2: seeds[0]:",)),
        ("__use_yte__: true\na: 1\na: 2", (", line 3:", "'a'")),
        # Not YAML.
        ("a:\n\tb: 1\n", (", line 2, column 1:", "tab", "spaces")),
        ("a: {b: [1, 2}\n", (", line 1, column 13:", "bracket [", "line 1", "]")),
        ("a: [1,\n  2\nb: 3\n", (", line 3, column 2:", "bracket [", "line 1")),
        ("a:\n  b: 1\n c: 2\n", (", line 3, column 2:", "column")),
        ("caption: Rates: all\n", (", line 1, column 15:", "in quotes")),
        ("a: 'b\nc: 1\n", ("quotation mark of line 1",)),
        ("a: @b\n", (", line 1, column 4:", "in quotes")),
        ("- 1\n", (": got [1]", "keys")),
        ("# a\n", (": got an empty file", "keys")),
    ],
)
def test_surprise_is_refused_with_its_line(tmp_path, text, parts):
    message = refusal(tmp_path / "own.yaml", text)
    assert all(part in message for part in parts), message


def test_json_that_is_wrong_is_refused_with_its_line(tmp_path):
    assert refusal(tmp_path / "own.json", '{"a": 1,\n}').startswith(", line 2, column 1: not JSON")


def test_plain_values_are_accepted(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("a: [0, 10, -1.5, 1e-3, 'no', true, null, {b: &x {c: 1}}]\nb: {<<: *x, d: 2}\n")
    load_files([path])
    assert load(path)["b"] == {"c": 1, "d": 2}


def test_shipped_files_are_accepted():
    load_files(sorted((ROOT / "config").glob("*.yaml")))
