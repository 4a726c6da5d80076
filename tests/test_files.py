"""Atomic writes, JSON, messages of file errors, and messages as one line."""

import ast
import errno
import json
import os
import re
import stat
from pathlib import Path

import numpy as np
import pytest

from input_errors import refusal
from small_disk import fill, read_only, small_disk
from textvae import cli, io
from textvae.errors import InputError, one_line

SOURCE = Path(__file__).parents[1] / "src/textvae"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_written_text_is_read_back_with_usual_permissions(tmp_path):
    path = tmp_path / "deep/er/a.txt"
    io.write_text(path, "Zoë\n")
    for line in ("two\n", "three\n"):
        io.append(path, line)
    io.flush(path)
    assert io.read_text(path) == "Zoë\ntwo\nthree\n"
    assert names(path.parent) == ["a.txt"]
    (tmp_path / "plain.txt").touch()
    modes = [stat.S_IMODE(file.stat().st_mode) for file in (path, tmp_path / "plain.txt")]
    assert modes[0] == modes[1]
    assert "is a folder" in refusal(io.write_text, tmp_path, "")


FULL = OSError(errno.ENOSPC, "No space left on device", "another")


def test_link_stays_and_a_pipe_is_not_replaced(tmp_path):
    """Run as root, `--output /dev/stdout` would replace the device by a file."""
    (tmp_path / "disk").mkdir()
    for name in ("link.txt", "new.txt"):
        (tmp_path / name).symlink_to(tmp_path / "disk" / name)
    (tmp_path / "disk/link.txt").write_text("old\n")
    for name in ("link.txt", "new.txt"):
        io.write_text(tmp_path / name, "new\n")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "disk" / name).read_text() == "new\n"
    assert names(tmp_path / "disk") == ["link.txt", "new.txt"]
    assert "link.txt: is a file" in refusal(io.write_text, tmp_path / "link.txt/a/b.txt", "")
    os.mkfifo(tmp_path / "pipe")
    assert "pipe: not a regular file" in refusal(io.write_text, tmp_path / "pipe", "")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("error", [RuntimeError("power failure"), FULL])
def test_error_of_the_body_is_unchanged_and_the_old_file_kept(tmp_path, error):
    """Of a download into the file, or of another disk."""
    io.write_text(tmp_path / "a.txt", "old")
    before = (error.args, getattr(error, "filename", None))

    def receive():
        with io.atomic_write(tmp_path / "a.txt", "wb") as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)) as raised:
        receive()
    assert raised.value is error
    assert (error.args, getattr(error, "filename", None)) == before
    assert io.read_text(tmp_path / "a.txt") == "old"
    assert names(tmp_path) == ["a.txt"]


def write_with(act):
    def write(path):
        with io.atomic_write(path, "wb") as file:
            act(file)

    return write


WRITES = {
    "text": lambda path: io.write_text(path, "x" * 200_000),
    "array": write_with(lambda file: np.save(file, np.zeros(20_000))),
    # In the buffer until the file is closed, and then too much for the disk.
    "close": write_with(lambda file: file.write(b"x" * 8000)),
    "append": lambda path: io.append(path, "x" * 200_000),
}


@pytest.mark.parametrize("kind", WRITES)
def test_full_disk_is_reported_with_the_file_name(tmp_path, kind):
    with small_disk(tmp_path / "disk", 0.25) as disk:
        path = disk / "a"
        io.write_text(path, "old")
        filling = fill(disk, 0 if kind == "append" else 4096)
        with pytest.raises(OSError, match="No space left on device") as error:
            WRITES[kind](path)
        assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(path))
        assert kind == "append" or io.read_text(path) == "old"
        assert names(disk) == ["a", "filling"]
        filling.unlink()
        WRITES[kind](path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("act", ["fsync", "replace"])
def test_late_error_is_reported_with_the_file_name(tmp_path, monkeypatch, number, act):
    """A quota, or a network disk, may refuse only at the end."""

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, act, refuse)
    with pytest.raises(OSError, match=os.strerror(number)) as error:
        io.write_text(tmp_path / "a.txt", "new")
    assert error.value.filename == str(tmp_path / "a.txt")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError("no number"), "no number"),
        (OSError(errno.EIO, "Input/output error", b"/a"), "/a: Input/output error"),
        (OSError(errno.EACCES, "Denied", "/a"), "/a: Denied; .*write permission.*"),
        (OSError(errno.EPERM, "Denied", "/a"), "/a: Denied; .*write permission.*"),
        (OSError(errno.ENOSPC, "Full", "/a"), "/a: Full; free disk space.*"),
        (OSError(errno.EDQUOT, "Full", "/a"), "/a: Full; free disk space.*"),
        (OSError(errno.EROFS, "Read-only", "/a"), "/a: Read-only; .*writable folder.*"),
    ],
)
def test_fault_gives_file_reason_and_advice(error, message):
    assert re.fullmatch(message, io.fault(error))


def test_read_only_or_full_folder_is_unwritable(tmp_path):
    assert io.unwritable(tmp_path / "not/there/yet") is None
    with small_disk(tmp_path / "disk", 1) as disk:
        assert io.unwritable(disk) is None
        fill(disk, leave=50_000)
        for folder in (disk, disk / "not/there/yet"):
            assert io.unwritable(folder).startswith(f"{disk}: No space left on device")
    with read_only(tmp_path / "kept") as kept:
        assert io.unwritable(kept).startswith(f"{kept}: Read-only file system")
        for path in (kept / "a.txt", kept / "below/a.txt"):
            with pytest.raises(OSError, match="Read-only"):
                io.write_text(path, "new")


def test_only_partial_files_are_removed(tmp_path):
    for name in (".a.txt.x1y2.partial", "a.txt", "b.partial", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / ".folder.partial").mkdir()
    io.remove_partials(tmp_path)
    io.remove_partials(tmp_path / "nowhere")
    assert names(tmp_path) == [".folder.partial", ".hidden", "a.txt", "b.partial"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        *((b"\xff", "byte 0"), (b'{"a": }', "line 1, column 7"), (b"[" * 100_000, "not JSON")),
        (b"1" * 5000, "not JSON"),
    ],
)
def test_unreadable_file_is_named(tmp_path, content, key):
    path = tmp_path / "a.json"
    assert refusal(io.read_json, path) == f"{path}: no such file"
    assert "is a folder" in refusal(io.read_text, tmp_path)
    path.write_bytes(content)
    message = refusal(io.read_json, path)
    assert message.startswith(f"{path}: ")
    assert key in message


def test_json_has_lists_of_numbers_on_one_line(tmp_path):
    value = {"words": ["Zoë", "[\n1,\n2\n]"], "numbers": [1e-7, -2.5, 10**30], "none": []}
    io.write_json(tmp_path / "a.json", [value, [[1], [0.1, 2]]])
    text = (tmp_path / "a.json").read_text()
    assert json.loads(text) == [value, [[1], [0.1, 2]]]
    lines = [line.strip() for line in text.splitlines()]
    assert '"numbers": [1e-07, -2.5, 1000000000000000000000000000000],' in lines
    assert lines[-5:] == ["[", "[1],", "[0.1, 2]", "]", "]"]
    assert '"Zoë",' in lines
    with pytest.raises(ValueError, match="not JSON compliant"):
        io.write_json(tmp_path / "b.json", float("nan"))
    assert names(tmp_path) == ["a.json"]


# Modules that write files without `atomic_write`: the atomic write itself, locks, /dev/null, a
# resumed download, a model of an archive and input of LaTeX in temporary folders, a copy of
# checkpoints that is renamed when it is whole, and pandas that returns a text.
WRITERS = {
    *("api/archive.py", "io.py", "runtime/locks.py", "cli.py", "corpora/transfer.py"),
    *("paper/render/pdf.py", "paper/measurements.py", "choice/rung.py"),
}
# Calls that can write to a file by its name; some also to `file`, one opened by `atomic_write`.
FUNCTIONS = re.compile(
    r"(np|torch|json|pickle|yaml)\.(save|savez|savetxt|dump)|.*\.(save_file|imsave)"
    r"|shutil\.(copy|copy2|copyfile|copytree|move|unpack_archive)|(tempfile\.)?\w*mkstemp"
    r"|.*\.(write_text|write_bytes|tofile|savefig|to_csv|to_json|extractall)"
)
OPENING = re.compile(r"(.*\.)?(open|fdopen|NamedTemporaryFile)")
MODE = re.compile(r"'[rwaxbt+]*[wax+][rwaxbt+]*'|.*os\.O_.*")


def writing_calls(source):
    """Return the calls in a source text that may write to a file by its name."""
    calls = []
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            function = ast.unparse(call.func)
            arguments = [ast.unparse(a) for a in (*call.args, *(k.value for k in call.keywords))]
            opens = OPENING.fullmatch(function) and any(map(MODE.fullmatch, arguments))
            if opens or (FUNCTIONS.fullmatch(function) and "file" not in arguments):
                calls.append(ast.unparse(call))
    return calls


def test_all_other_modules_write_atomically():
    code = ["open(path, 'w')", "path.open(mode='ab')", "np.save(path, a)", "os.open(p, os.O_RDWR)"]
    assert writing_calls("\n".join(code)) == code
    writers = [path for path in SOURCE.rglob("*.py") if writing_calls(path.read_text())]
    assert {str(path.relative_to(SOURCE)) for path in writers} == WRITERS


def test_message_is_printable_and_keeps_both_ends():
    line = "results/ä.txt: 'β' ≥ 0, expected \"中文\""
    assert one_line(line) == line
    assert one_line("a\nb\x1b[2J\x00\u202eg\u2028\udcff") == r"a\nb\x1b[2J\x00\u202eg\u2028\udcff"
    assert one_line("x" * 1500) == "x" * 1500
    assert one_line("a" * 750 + "b" * 751) == "a" * 500 + " ... " + "b" * 500


def test_command_line_prints_a_line_for_each_argument(monkeypatch, capsys):
    def run(_):
        raise InputError("not available", "  here: \x1b[2Jno\nsuch file", "  there: 404")

    monkeypatch.setattr("textvae.commands.corpus.run_fetch", run)
    assert cli.main(["fetch", "--sources", "config/sources.yaml", "words", "--output", "x"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        *("textvae fetch: not available", r"  here: \x1b[2Jno\nsuch file", "  there: 404"),
    ]
