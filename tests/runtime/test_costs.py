"""The costs that a command records: known memory and CPU time, its own and of a child process."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from textvae import cli
from textvae.errors import InputError
from textvae.runtime.costs import Costs, read

# A command that holds 200 MiB and works for 0.3 s, as does its child process with 150 MiB.
PROGRAM = """
import subprocess, sys, time
from types import SimpleNamespace

from textvae import cli
from textvae.runtime.costs import counting_children, record

CHILD = "import time; held = bytes([1]) * (150 << 20)\\nwhile time.process_time() < 0.3: pass"

def work(_):
    held = bytes([1]) * (200 << 20)
    with counting_children():
        subprocess.run([sys.executable, "-S", "-c", CHILD], check=True)
    del held
    end = time.process_time() + 0.3
    while time.process_time() < end: pass
    ENDING

sys.modules["textvae.commands.score"] = SimpleNamespace(
    score_arguments=lambda _: None, run_score=work
)
sys.exit(cli.main(["--costs", sys.argv[1], "score"]))
"""
# Holds 300 MiB, and becomes another program.
STARTER = """
import os, sys
held = bytes([1]) * (300 << 20)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
# As a training that has written its last checkpoint, and waits for the end.
KILL = "record(); import os; os.kill(os.getpid(), 9)"


@pytest.mark.parametrize(("ending", "status"), [("pass", 0), (KILL, -signal.SIGKILL)])
def test_costs_include_those_of_child_processes(tmp_path, ending, status):
    program = ["-c", PROGRAM.replace("ENDING", ending), str(tmp_path / "new/costs.tsv")]
    command = [sys.executable, "-c", STARTER, *program]
    assert subprocess.run(command, check=False).returncode == status
    found = read(tmp_path / "new/costs.tsv")
    # The interpreters themselves take 25 MiB and a little time. The machine may be busy.
    assert 350 <= found.memory_mib < 400
    assert 0.6 <= found.cpu_seconds < 3
    assert 0.6 <= found.seconds < 60


@pytest.mark.parametrize(
    "error", [InputError("x"), SystemExit(143), KeyboardInterrupt(), MemoryError(), ValueError()]
)
def test_costs_of_a_command_that_fails_are_recorded(tmp_path, monkeypatch, error):
    def fail(_):
        raise error

    module = SimpleNamespace(score_arguments=lambda _: None, run_score=fail)
    monkeypatch.setitem(sys.modules, "textvae.commands.score", module)
    with suppress(SystemExit, ValueError):
        assert cli.main(["--costs", str(tmp_path / "costs.tsv"), "score"]) in (1, 130)
    assert read(tmp_path / "costs.tsv").memory_mib > 10


def test_flag_is_optional_and_precedes_the_command(tmp_path, capsys):
    codes = ("codes", "--lines", "3", "--latent", "2", "--output", str(tmp_path / "codes.npy"))
    for flag in ((), ("--costs", str(tmp_path / "a")), (f"--costs={tmp_path / 'b'}",)):
        assert cli.main([*flag, *codes]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"codes.npy", "a", "b"}
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--costs"])
    assert stopped.value.code == 2
    assert "--costs" in capsys.readouterr().err


def test_costs_that_cannot_be_written_are_a_warning(tmp_path, capsys):
    output = tmp_path / "codes.npy"
    words = ["codes", "--lines", "3", "--latent", "2", "--output", str(output)]
    assert cli.main(["--costs", str(tmp_path), *words]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: --costs: not recorded: {tmp_path}: ")
    assert output.exists()


def test_earlier_runs_are_added_and_the_larger_peak_stays():
    earlier, later = Costs(60.5, 50.25, 900.0), Costs(30.25, 20.5, 800.0)
    assert later.after(earlier) == Costs(90.75, 70.75, 900.0)


def test_programs_are_started_where_their_memory_is_counted():
    source = Path(cli.__file__).parent
    for path in source.rglob("*.py"):
        if "subprocess." in (text := path.read_text()):
            assert "with counting_children():" in text, path
