"""A file is whole or not there."""

import ast
import errno
import json
import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_disk import fill, read_only, small_disk
from textvae.errors import InputError
from textvae.io import (
    append,
    atomic_write,
    fault,
    flush,
    json_text,
    read_json,
    read_text,
    remove_partials,
    unwritable,
    write_json,
    write_text,
)

SOURCE = Path(__file__).parents[1] / "src/textvae"
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path):
    write_text(tmp_path / "deep/er/a.txt", "Zoë\n")
    assert read_text(tmp_path / "deep/er/a.txt") == "Zoë\n"
    write_json(tmp_path / "b.json", {"a": [1, None]})
    assert read_json(tmp_path / "b.json") == {"a": [1, None]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "deep"]


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")

    def half():
        with atomic_write(tmp_path / "a.txt") as file:
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


def write_big(path, mode):
    piece = "x" * 10_000 if mode == "w" else b"x" * 10_000
    with atomic_write(path, mode) as file:
        for _ in range(20):
            file.write(piece)


def write_array(path, _):
    with atomic_write(path, "wb") as file:
        np.save(file, np.zeros(20_000))


def write_at_the_end(path, _):
    # In the buffer until the file is closed, and too much for the disk by then.
    with atomic_write(path, "wb") as file:
        file.write(b"x" * 8000)


def add_lines(path, _):
    for _ in range(20):
        append(path, "x" * 10_000)


@pytest.mark.parametrize("mode", ["w", "wb"])
@pytest.mark.parametrize("write", [write_big, write_array, write_at_the_end, add_lines])
def test_no_room_is_told_with_the_name_of_the_file(tmp_path, write, mode):
    with small_disk(tmp_path / "disk", 0.25) as disk:
        path = disk / "a"
        write_text(path, "old")
        filling = fill(disk, 4096 if write is not add_lines else 0)
        with pytest.raises(OSError, match="No space left on device") as error:
            write(path, mode)
        assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(path))
        advice = "free disk space and run this again: finished work is kept"
        assert fault(error.value) == f"{path}: No space left on device; {advice}"
        if write is not add_lines:
            assert read_text(path) == "old"
        assert sorted(file.name for file in disk.iterdir()) == ["a", "filling"]
        # It is worth no more than the room that it lacks.
        filling.unlink()
        write(path, mode)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
@pytest.mark.parametrize("act", ["fsync", "replace"])
def test_whatever_the_disk_refuses_is_told_with_the_name_of_the_file(
    tmp_path, monkeypatch, number, act
):
    """At a quota, or on a disk that fails; over a network it shows at the end."""

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, act, refuse)
    with pytest.raises(OSError, match=os.strerror(number)) as error:
        write_text(tmp_path / "a.txt", "new")
    assert error.value.filename == str(tmp_path / "a.txt")
    assert fault(error.value).startswith(f"{tmp_path}/a.txt: {os.strerror(number)}")
    assert list(tmp_path.iterdir()) == []


def test_nobody_may_write_there(tmp_path):
    with read_only(tmp_path / "results") as folder:
        with pytest.raises(OSError, match="Read-only") as error:
            write_text(folder / "a.txt", "new")
        said = "Read-only file system; choose a writable folder, and run this again"
        assert fault(error.value) == f"{folder}/a.txt: {said}"
        with pytest.raises(OSError, match="Read-only"):
            write_text(folder / "below/a.txt", "new")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.ENOSPC, "No space left on device", "another"),
        TimeoutError("timed out"),
    ],
)
def test_an_error_that_is_not_of_the_file_is_not_told_of_it(tmp_path, error):
    """Of a download into it, or of a disk that is read from."""
    before = (error.errno, error.filename)

    def receive():
        with atomic_write(tmp_path / "a.txt", "wb") as file:
            file.write(b"half")
            raise error

    with pytest.raises(OSError) as raised:  # noqa: PT011 whatever it says
        receive()
    assert raised.value is error
    assert (error.errno, error.filename) == before


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("no number"), "no number"),
        (OSError(errno.EIO, "Input/output error", b"/a"), "/a: Input/output error"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/a"),
            "/a: Permission denied; choose another folder, or get write permission, and"
            " run this again",
        ),
    ],
)
def test_what_to_do_about_a_fault(error, said):
    assert fault(error) == said


def test_lines_are_added(tmp_path):
    for line in ("Zoë\n", "two\n"):
        append(tmp_path / "a.txt", line)
    flush(tmp_path / "a.txt")
    assert read_text(tmp_path / "a.txt") == "Zoë\ntwo\n"


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path):
    for name in (".a.txt.x1y2.partial", "a.txt", "b.partial", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / ".folder.partial").mkdir()
    remove_partials(tmp_path)
    remove_partials(tmp_path / "nowhere")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".folder.partial", ".hidden", "a.txt", "b.partial"]


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_lost(tmp_path):
    assert unwritable(tmp_path / "not/there/yet") is None
    with small_disk(tmp_path / "disk", 1) as disk:
        assert unwritable(disk) is None
        fill(disk, leave=50_000)
        for folder in (disk, disk / "not/there/yet"):
            assert unwritable(folder).startswith(
                f"{disk}: No space left on device; free disk space"
            )
    with read_only(tmp_path / "kept") as kept:
        assert unwritable(kept).startswith(
            f"{kept}: Read-only file system; choose a writable folder"
        )


# Who writes otherwise than through `atomic_write`, and why that is right.
WRITERS = {
    "io.py": "whole itself; and lines that are added to a file, of which half ones are dropped",
    "runtime/locks.py": "a lock, whose content nobody needs",
    "cli.py": "nothing: /dev/null in the place of an output that nobody reads",
    "corpora/transfer.py": "a download, which goes on from what is there",
    "paper/render/pdf.py": "what LaTeX reads, in a temporary folder that goes with it",
    "paper/measurements.py": "nothing: pandas without a file returns a text",
}
# What can write to a file by its name; some of it also to `file`, one opened by `atomic_write`.
FUNCTIONS = re.compile(
    r"(np|torch|json|pickle|yaml)\.(save|savez|savetxt|dump)|.*\.(save_file|imsave)"
    r"|shutil\.(copy|copy2|copyfile|copytree|move|unpack_archive)|(tempfile\.)?\w*mkstemp"
    r"|.*\.(write_text|write_bytes|tofile|savefig|to_csv|to_json|extractall)"
)
OPENING = re.compile(r"(.*\.)?(open|fdopen|NamedTemporaryFile)")
MODE = re.compile(r"'[rwaxbt+]*[wax+][rwaxbt+]*'|.*os\.O_.*")


def writings(path):
    """The calls in a source file that may write to a file by its name, as text."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call):
            function = ast.unparse(call.func)
            arguments = [ast.unparse(a) for a in (*call.args, *(k.value for k in call.keywords))]
            opens = OPENING.fullmatch(function) and any(map(MODE.fullmatch, arguments))
            if opens or (FUNCTIONS.fullmatch(function) and "file" not in arguments):
                yield ast.unparse(call)


def test_all_files_are_written_whole():
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if calls := list(writings(path)):
            found[name] = calls
    assert {name: calls for name, calls in found.items() if name not in WRITERS} == {}
    # None of the exceptions is there for nothing.
    assert set(WRITERS) <= set(found)


@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'w')",
        "path.open(mode='ab')",
        "Path(path).write_text('a')",
        "np.save(path, array)",
        "figure.savefig(path)",
        "shutil.copyfile(a, b)",
        "os.open(path, os.O_RDWR)",
        "array.tofile(path)",
        "tempfile.mkstemp()",
    ],
)
def test_another_way_of_writing_would_be_found(tmp_path, code):
    (tmp_path / "a.py").write_text(code)
    assert list(writings(tmp_path / "a.py")) == [code]


def test_a_list_of_numbers_stands_on_one_line(tmp_path):
    value = {"words": ["a", "[\n1,\n2\n]"], "numbers": [1e-7, -2.5, 10**30], "none": []}
    write_json(tmp_path / "a.json", [value, [[1], [0.1, 2]]])
    assert read_json(tmp_path / "a.json") == [value, [[1], [0.1, 2]]]
    lines = [line.strip() for line in (tmp_path / "a.json").read_text().splitlines()]
    assert '"numbers": [1e-07, -2.5, 1000000000000000000000000000000],' in lines
    assert lines[-5:] == ["[", "[1],", "[0.1, 2]", "]", "]"]
    assert '"a",' in lines


@settings(max_examples=50, deadline=None)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_is_written_reads_back(value):
    for ensure_ascii in (True, False):
        assert json.loads(json_text(value, ensure_ascii)) == value
