"""The command line: an error is one line on stderr, and the exit status is 1 or 2."""

import os
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace

import pytest

from fuzzing.example_run import COMMANDS, argv
from one_by_one import lively_model
from small_disk import fill, small_disk
from textvae import __version__, cli
from textvae.config import model_entry
from textvae.models import saved
from textvae.registry import MEASUREMENTS
from tiny import tiny_corpus


def run(words, capsys):
    """Return the exit status of a command, what it prints and the last line of its errors."""
    try:
        status = cli.main(list(map(str, words)))
    except SystemExit as stop:
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out, printed.err.strip().rsplit("\n", 1)[-1]


def subcommand(words):
    return tuple(words[: 2 if words[0] in ("measure", "render") else 1])


# Subcommand -> a valid command line, the first of several.
LINES = {subcommand(argv(name)): argv(name) for name in reversed(COMMANDS)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the files that commands read before they check their flags."""
    folder = tmp_path_factory.mktemp("files")
    tiny_corpus(folder / "corpus")
    saved.save(folder / "model", lively_model(), {})
    (folder / "text.txt").write_text("w1\nw2\n")
    (folder / "dictionary.txt").write_text("<eos>\n<unk>\nw1\n")
    with chdir(folder):
        yield folder


@pytest.mark.parametrize("command", LINES, ids=" ".join)
def test_help_describes_flags_and_bad_values_name_them(command, folder, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "400")
    status, text, _ = run([*command, "--help"], capsys)
    assert status == 0
    # Only a flag that has a default shows one.
    assert not re.search(r"default: (None|False|\(\)|\[\])", text)
    usage = set(re.findall(r"--[\w-]+", text.split("\n\n")[0]))
    flags = re.findall(r"^  (?:-h, )?(--[\w-]+)(?: \S.*?)?(?:  +|\n {10,})\S", text, re.MULTILINE)
    assert usage <= {*flags, "--help"}
    declared = model_entry.known_keys() if command[0] == "train" else ()
    if command[0] == "measure":
        declared = MEASUREMENTS.declared()[command[1]].specs
    assert {one.flag for one in declared} <= set(flags)
    for flag in flags:
        status, _, line = run([*command, flag, "x"], capsys)
        if f"argument {flag}: invalid" not in line or "choose from" in line:
            continue
        # A number: none of these may be negative.
        assert status == 2
        words = [*LINES[command], *([] if flag in LINES[command] else [flag, "-1"])]
        words[words.index(flag) + 1] = "-1"
        status, _, line = run(words, capsys)
        assert status in (1, 2)
        assert re.search(rf"{flag}|: {flag[2:]}:", line), line
        assert status == 2 or "-1" in line


def test_commands_have_a_help_and_a_module(capsys):
    _, out, _ = run(["--help"], capsys)
    assert set(cli.COMMANDS) <= set(out.split())
    assert run(["--version"], capsys)[:2] == (0, f"textvae {__version__}\n")
    assert {*(command[0] for command in LINES), "fetch"} == set(cli.COMMANDS)
    # Every command is once in a group, in the order of the steps.
    headings = re.findall(r"^([a-z ]+):\n((?:  .*\n)+)", out, re.MULTILINE)
    listed = {title: re.findall(r"^  (\S+)", lines, re.MULTILINE) for title, lines in headings}
    assert list(listed) == [*cli.STEPS, "options"]
    assert {title: list(cli.STEPS[title]) for title in cli.STEPS}.items() <= listed.items()
    for name, summary in cli.COMMANDS.items():
        assert summary in " ".join(cli.build_parser(name).format_help().split()).replace(
            summary[0].upper() + summary[1:], summary
        )


@pytest.mark.parametrize(
    ("command", "heading", "name"),
    [
        ("measure", "of a model, on minimal pairs", "syntax"),
        ("render", "Figures", "figure1"),
    ],
)
def test_subcommands_are_listed_in_groups(command, heading, name, capsys):
    status, out, _ = run([command, "--help"], capsys)
    assert status == 0
    assert f"textvae {command} [-h]" in out
    assert re.search(rf"^{heading}:\n(  .*\n)*  {name} ", out, re.MULTILINE)
    assert out.index(f"{heading}:") < out.index("options:")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        *(("", "COMMAND"), ("trian", "'train'"), ("train --C three", "--C")),
        *(("train --decoder x", "--decoder"), ("table1", "`textvae render table1`")),
        ("train --corpus a --name b --C 1 --output c", "--seed"),
        ("evaluate --model m", "`textvae measure`"),
        ("grammar --tra 2 --output x", "--tra 2"),
    ],
)
def test_wrong_arguments_are_status_2(words, part, capsys):
    status, _, line = run(words.split(), capsys)
    assert status == 2
    assert part in line


def test_full_disk_is_one_line_and_a_rerun_completes(tmp_path, capsys):
    sizes = ["grammar", "--train", "2", "--valid", "2", "--test", "2", "--output"]
    assert run([*sizes, tmp_path / "expected"], capsys)[0] == 0
    with small_disk(tmp_path / "disk", 0.25) as disk:
        filling = fill(disk, 5 * 4096)
        status, _, line = run([*sizes, disk / "corpus"], capsys)
        assert status == 1
        assert line.startswith(f"textvae grammar: {disk}/corpus/train.txt: No space left on device")
        filling.unlink()
        assert run([*sizes, disk / "corpus"], capsys)[0] == 0
        for path in (tmp_path / "expected").iterdir():
            assert (disk / "corpus" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    ("words", "full", "status", "lines"),
    [
        (["--help"], "stdout", 1, 1),
        (["measure", "--help"], "stdout", 1, 1),
        (["provenance"], "stdout", 1, 1),
        (["gather"], "stderr", 2, 0),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_output_is_one_line_and_full_errors_keep_the_status(
    words, full, status, lines, unbuffered
):
    with open("/dev/full", "w") as disk:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {full: disk}
        environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
        command = [sys.executable, "-m", "textvae", *words]
        done = subprocess.run(command, env=environment, text=True, check=False, **streams)
    assert done.returncode == status
    printed = (done.stderr or done.stdout).splitlines()
    assert len(printed) == lines
    assert all("standard output: No space left on device" in line for line in printed)
    assert not any("--output" in line for line in printed)


def fail_with(monkeypatch, error):
    """Run the command `score` with an implementation that raises an error."""

    def fail(_):
        raise error

    module = SimpleNamespace(score_arguments=lambda _: None, run_score=fail)
    monkeypatch.setitem(sys.modules, "textvae.commands.score", module)
    return cli.main(["score"])


CPU_ALLOCATOR = (
    "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes. Error code 12"
    " (Cannot allocate memory)"
)
OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})  # as in torch


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (MemoryError("Unable to allocate 3. GiB for an array with shape (9, 9)"), "mem_mb"),
        (OSError(12, "Cannot allocate memory"), "mem_mb"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. " + CPU_ALLOCATOR), "mem_mb"),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."), "cells_per_gpu"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `c`"), "cells_per_gpu"),
    ],
)
def test_lack_of_memory_is_one_line(monkeypatch, capsys, error, setting):
    assert fail_with(monkeypatch, error) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("textvae score: ")
    assert setting in line
    assert "`batch`" in line


def test_bug_keeps_its_traceback_and_interrupt_is_status_130(monkeypatch):
    for error in (RuntimeError("the code is wrong"), ValueError("memory")):
        with pytest.raises(type(error), match=str(error)):
            fail_with(monkeypatch, error)
    assert fail_with(monkeypatch, KeyboardInterrupt()) == 130


def test_commands_without_settings_import_no_pydantic():
    names = ("fetch", "grammar", "split", "common-dictionary", "kneser-ney", "codes", "gather")
    program = (
        "import sys; from textvae.cli import build_parser;"
        f" print([name for name in {names} if build_parser(name) and 'pydantic' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("gather m.json --output m.json", "--output: m.json is also given as "),
        ("gather m.json --output a --bootstrap-output a", "a is also given as "),
        ("sample --model m --output a --report ./a", "a is also given as "),
        ("render table1 --caption x --measurements m.csv --csv m.csv", "--csv: m.csv is also "),
        (
            "measure syntax --model m --pairs m.csv --scores m.csv --output new.json",
            "--scores: m.csv is also given as pairs",
        ),
        (
            "measure reconstruction --model m --text m.csv --pairs m.csv",
            "--pairs: m.csv is also given as text",
        ),
        ("--costs m.csv self-bleu m.csv", "--costs: m.csv is there and is not a record of costs"),
        ("measure slope --model . --text m.csv --output config.json", "--output: config.json is "),
        ("sample --model m --output m.csv/a", "m.csv: is a file, expected a folder for a"),
        ("sample --model m --output new --report .", ".: is a folder, expected the name"),
    ],
)
def test_file_is_not_written_twice_or_over_an_input(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    for name in ("m.json", "m.csv", "config.json"):
        (tmp_path / name).write_text("mine")
    assert cli.main(words.split()) == 1
    assert message in capsys.readouterr().err
    assert {path.read_text() for path in tmp_path.iterdir()} == {"mine"}


def test_wrong_argument_of_several_lines_is_one_line(capsys):
    with pytest.raises(SystemExit):
        cli.main(["grammar", "--train", "3", "--output", "g", "a\nb"])
    assert capsys.readouterr().err.splitlines()[-1].endswith("unrecognized arguments: a\\nb")
