"""The process: device, threads, environment, streams, progress and signals."""

import io
import json
import os
import signal
import subprocess
import sys

import pytest
import torch

from textvae.errors import InputError
from textvae.runtime import progress as module
from textvae.runtime.device import select_device, use_threads
from textvae.runtime.environment import DEFAULTS, clean, write_utf8
from textvae.runtime.progress import progress
from textvae.runtime.signals import listening

MEASUREMENTS = """\
corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value
own,lstm,2,1,,,posterior,test,100,logdetcov,-1
own,lstm,2,1,,,rate-distortion,test,100,distortion_nats,50
own,lstm,2,1,,,rate-distortion,test,100,rate_nats,2
"""


def textvae(*arguments, **environment):
    """Run a command with changes of the environment; standard output and error are bytes."""
    command = [sys.executable, "-m", "textvae", *map(str, arguments)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)


def test_variables_that_change_numbers_are_removed():
    environment = {"NVIDIA_TF32_OVERRIDE": "1", "ONEDNN_DEFAULT_FPMATH_MODE": "BF16", "HOME": "/x"}
    clean(environment)
    assert environment.keys() == {"HOME"} | DEFAULTS.keys()
    assert environment["HOME"] == "/x"


@pytest.mark.parametrize(("inherited", "expected"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_products_of_numpy_take_one_thread_unless_told_otherwise(monkeypatch, inherited, expected):
    """With a thread for each core, a measurement beside other cells took 20 times its CPU time."""
    for name in ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    code = """
import textvae.cli as cli, sys
try:
    cli.main(["--version"])
except SystemExit:
    pass
assert "numpy" not in sys.modules
import numpy
from threadpoolctl import threadpool_info
print([one["num_threads"] for one in threadpool_info() if one["internal_api"] == "openblas"])
"""
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, env=os.environ | inherited, capture_output=True, text=True)
    if (threads := json.loads(run.stdout.splitlines()[-1])) == []:
        pytest.skip("NumPy has another BLAS here")
    assert threads == [min(expected, os.cpu_count())], run.stderr


def test_figure_is_drawn_with_the_backend_of_a_notebook(tmp_path):
    (tmp_path / "m.csv").write_text(MEASUREMENTS)
    flags = ("--measurements", tmp_path / "m.csv", "--caption", "x", "--png", tmp_path / "f.png")
    run = textvae("render", "figure1", *flags, MPLBACKEND="module://none.such")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "f.png").stat().st_size > 1000


def test_output_is_utf8_whatever_the_encoding_of_the_shell(tmp_path):
    text, output = tmp_path / "text.txt", tmp_path / "語料"
    text.write_text("".join(f"今天 {number}\n" for number in range(100)), encoding="utf-8")
    run = textvae("split", "--text", text, "--output", output, PYTHONIOENCODING="ascii")
    assert run.returncode == 0, run.stderr
    assert "語料".encode() in run.stdout


@pytest.mark.parametrize(
    ("encoding", "terminal", "written"),
    [("ascii", False, b"\xc3\xa9\n"), ("ascii", True, b"\\xe9\n"), ("latin-1", True, b"\xe9\n")],
)
def test_stream_escapes_only_what_a_terminal_lacks(encoding, terminal, written):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    stream.isatty = lambda: terminal
    write_utf8(stream)
    print("é", file=stream, flush=True)
    assert stream.buffer.getvalue() == written


def test_optimised_python_is_refused_in_one_line(tmp_path):
    run = textvae("measure", "--help", PYTHONOPTIMIZE="2", XDG_CACHE_HOME=str(tmp_path))
    assert (run.returncode, run.stderr.count(b"\n")) == (1, 1)
    assert b"PYTHONOPTIMIZE" in run.stderr


@pytest.mark.parametrize(
    ("name", "gpus", "expected"),
    [
        *(("cpu", 1, "cpu"), ("auto", 0, "cpu"), ("auto", 1, "cuda"), ("cuda", 1, "cuda")),
        ("cuda:1", 2, "cuda:1"),
        *((name, 0, None) for name in ("cuda", "", "gpu", "cuda:x", "cuda:-1", "CPU", "meta")),
        ("cuda:2", 2, None),
    ],
)
def test_device_is_selected_or_refused(monkeypatch, name, gpus, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    if expected is None:
        with pytest.raises(InputError, match=r"^--device: ") as error:
            select_device(name)
        assert name in str(error.value)
    else:
        assert select_device(name) == torch.device(expected)
        assert not torch.backends.cudnn.allow_tf32
        assert not torch.backends.cuda.matmul.allow_tf32


def test_threads_are_set_within_their_bounds(monkeypatch):
    counts = []
    monkeypatch.setattr(torch, "set_num_threads", counts.append)
    for threads in (1, 1024):
        use_threads(threads)
    assert counts == [1, 1024]
    for threads in (0, -1, 1025, 2**63):
        with pytest.raises(InputError, match=f"^--threads: {threads} "):
            use_threads(threads)


@pytest.mark.parametrize(
    ("seconds", "total", "unit", "lines"),
    [
        (10, 4_000_000, "B", []),
        (0, 4_000_000, "B", ["a: 1 of 4 MB", "a: 3 of 4 MB"]),
        (0, None, "B", ["a: 1 MB", "a: 3 MB"]),
        (0, 4_000, "words", ["a: 1,000 of 4,000 words", "a: 3,000 of 4,000 words"]),
    ],
)
def test_lines_at_intervals(monkeypatch, seconds, total, unit, lines):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", seconds)
    log = io.StringIO()
    with progress("a", total, unit, log) as advance:
        advance(1_000 if unit == "words" else 1_000_000)
        advance(2_000 if unit == "words" else 2_000_000)
    assert log.getvalue().splitlines() == lines


def test_signals_are_collected_and_handlers_restored():
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = [signal.getsignal(number) for number in numbers]
    with listening() as heard:
        for number in numbers:
            os.kill(os.getpid(), number)
        assert heard == numbers
        # A second interrupt does not wait for the end of the step.
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in numbers] == before


def test_ignored_hangup_stays_ignored():
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as heard:
            os.kill(os.getpid(), signal.SIGHUP)
            assert heard == []
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
