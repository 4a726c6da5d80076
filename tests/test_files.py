"""A file is whole or not there."""

import json
import stat

import pytest

from textvae.errors import InputError
from textvae.files import read_json, read_text, whole, write_json, write_text


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path):
    write_text(tmp_path / "deep/er/a.txt", "Zoë\n")
    assert read_text(tmp_path / "deep/er/a.txt") == "Zoë\n"
    write_json(tmp_path / "b.json", {"a": [1, None]})
    assert read_json(tmp_path / "b.json") == {"a": [1, None]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "deep"]


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")

    def half():
        with whole(tmp_path / "a.txt") as file:
            file.write("new")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        half()
    assert read_text(tmp_path / "a.txt") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_result_is_as_readable_as_any_other_file(tmp_path):
    write_text(tmp_path / "ours.txt", "")
    (tmp_path / "plain.txt").touch()
    ours, plain = (stat.S_IMODE((tmp_path / f"{n}.txt").stat().st_mode) for n in ("ours", "plain"))
    assert ours == plain


def test_not_a_number_is_not_json(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b'{"a": }', "not JSON (line 1, column 7: Expecting value)"),
        (b"[" * 100_000, "not JSON (a number is too long, or nested too deep)"),
        (b"1" * 5000, "not JSON (a number is too long, or nested too deep)"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, content, message):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_json(tmp_path / "a.json")
    assert str(error.value) == f"{tmp_path}/a.json: {message}"


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.txt: no such file"):
        read_text(tmp_path / "gone.txt")
    with pytest.raises(InputError, match="is a folder, expected a file"):
        read_text(tmp_path)


def test_json_is_for_people_too(tmp_path):
    write_json(tmp_path / "a.json", {"corpus": "Zoë", "C": 3})
    assert (tmp_path / "a.json").read_text() == '{\n  "corpus": "Zoë",\n  "C": 3\n}\n'
    assert json.loads((tmp_path / "a.json").read_text()) == {"corpus": "Zoë", "C": 3}
