"""The command line: what is wrong is one line on stderr, and the exit status says so."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from small_disk import fill, read_only, small_disk
from textvae import __version__, cli


def test_every_command_has_a_module_with_arguments():
    for name in cli.COMMANDS:
        cli.build_parser(name)


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"textvae {__version__}\n"


def test_help_lists_the_commands_and_imports_none(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsys.readouterr().out
    assert set(cli.COMMANDS) <= set(out.split())


def test_a_wrong_input_is_one_line_and_status_1(tmp_path, capsys):
    status = cli.main(["score", "--reference", str(tmp_path / "gone"), "--hypothesis", "gone"])
    assert status == 1
    assert capsys.readouterr().err == f"textvae score: {tmp_path}/gone: no such file\n"


def test_what_the_system_refuses_is_one_line_too(tmp_path, capsys):
    (tmp_path / "file").touch()
    arguments = ["--train", "2", "--valid", "2", "--test", "2", "--seed", "1"]
    status = cli.main(["grammar", *arguments, "--output", str(tmp_path / "file" / "below")])
    assert status == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("textvae grammar: ")
    assert "Not a directory" in line


@pytest.mark.parametrize("arguments", [[], ["trian"], ["train", "--C", "three"]])
def test_wrong_arguments_are_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def grammar(folder):
    """A command that writes eight files, the last of them JSON, and needs no torch for it."""
    sizes = ["--train", "2", "--valid", "2", "--test", "2", "--seed", "1"]
    return cli.main(["grammar", *sizes, "--output", str(folder)])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("pages", "file"), [(0, "words.txt"), (5, "train.txt"), (11, "grammar.json")]
)
def test_a_full_disk_is_one_line_and_with_room_the_rerun_gives_the_same(
    tmp_path, capsys, pages, file
):
    assert grammar(tmp_path / "expected") == 0
    capsys.readouterr()
    with small_disk(tmp_path / "disk", 0.25) as disk:
        filling = fill(disk, pages * 4096)
        assert grammar(disk / "corpus") == 1
        advice = "free disk space and run this again: finished work is kept"
        expected = f"{disk}/corpus/{file}: No space left on device; {advice}"
        assert capsys.readouterr().err == f"textvae grammar: {expected}\n"
        filling.unlink()
        assert grammar(disk / "corpus") == 0
        assert contents(disk / "corpus") == contents(tmp_path / "expected")


def test_a_read_only_folder_is_one_line(tmp_path, capsys):
    with read_only(tmp_path / "results") as results:
        assert grammar(results) == 1
        advice = "choose a writable folder, and run this again"
        expected = f"textvae grammar: {results}/words.txt: Read-only file system; {advice}\n"
        assert capsys.readouterr().err == expected


def failing_with(monkeypatch, error):
    """Have the command `score` raise an error."""

    def run(_):
        raise error

    module = SimpleNamespace(score_arguments=lambda _: None, run_score=run)
    monkeypatch.setitem(sys.modules, "textvae.commands.score", module)
    return cli.main(["score"])


OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})  # as torch calls its own
AcceleratorError = type("AcceleratorError", (RuntimeError,), {})
MEMORY = (
    "memory ran out; ask for more (on a cluster, `mem_mb` of the rule in the profile), or, where a"
    " model is trained, give its entry a smaller `batch`"
)
GPU = (
    "the memory of the GPU ran out; take a GPU with more, put fewer cells on it (`cells_per_gpu`),"
    " or give the model's entry a smaller `batch`"
)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), MEMORY),
        (MemoryError("Unable to allocate 3. GiB for an array with shape (9, 9)"), MEMORY),
        (OSError(12, "Cannot allocate memory"), MEMORY),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate"
                " memory: you tried to allocate 9 bytes. Error code 12 (Cannot allocate memory)"
            ),
            MEMORY,
        ),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."), GPU),
        (AcceleratorError("CUDA error: out of memory\nSearch for `cudaErrorMemory'"), GPU),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublas`"), GPU),
    ],
)
def test_memory_that_ran_out_is_one_line(monkeypatch, capsys, error, said):
    assert failing_with(monkeypatch, error) == 1
    assert capsys.readouterr().err == f"textvae score: {said}\n"


@pytest.mark.parametrize("error", [RuntimeError("the code is wrong"), ValueError("memory")])
def test_a_fault_of_ours_keeps_its_traceback(monkeypatch, error):
    with pytest.raises(type(error), match=str(error)):
        failing_with(monkeypatch, error)


@pytest.mark.parametrize(
    "command", ["fetch", "grammar", "split", "common-dictionary", "kneser-ney", "codes", "gather"]
)
def test_a_command_without_settings_imports_no_pydantic(command: str) -> None:
    asked = (
        "import sys; from textvae.cli import build_parser;"
        f" build_parser({command!r}); print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
