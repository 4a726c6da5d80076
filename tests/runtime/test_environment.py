"""Variables and encodings that a command inherits change neither its numbers nor its success."""

import io
import os
import subprocess
import sys

import pytest

from textvae.runtime.environment import clean, write_utf8

MEASUREMENTS = """\
corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value
own,lstm,2,1,,,posterior,test,100,logdetcov,-1
own,lstm,2,1,,,rate-distortion,test,100,distortion_nats,50
own,lstm,2,1,,,rate-distortion,test,100,rate_nats,2
"""


def textvae(*arguments, **environment):
    """Run a command with changes of the environment; standard output and error are bytes."""
    return subprocess.run(
        [sys.executable, "-m", "textvae", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def test_variables_that_change_numbers_are_removed():
    environment = {"NVIDIA_TF32_OVERRIDE": "1", "ONEDNN_DEFAULT_FPMATH_MODE": "BF16", "HOME": "/x"}
    clean(environment)
    assert environment == {"HOME": "/x"}


def test_figure_is_drawn_with_the_backend_of_a_notebook(tmp_path):
    (tmp_path / "m.csv").write_text(MEASUREMENTS)
    flags = ("--measurements", tmp_path / "m.csv", "--caption", "x", "--png", tmp_path / "f.png")
    run = textvae("render", "figure1", *flags, MPLBACKEND="module://none.such")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "f.png").stat().st_size > 1000


def test_output_is_utf8_whatever_the_encoding_of_the_shell(tmp_path):
    train, test = tmp_path / "今天.txt", tmp_path / "test.txt"
    for text in (train, test):
        text.write_text("今天 我 读书 。\n", encoding="utf-8")
    flags = ("--name", "x", "--train", train, "--valid", test, "--test", test)
    output = tmp_path / "語料"
    run = textvae("prepare", *flags, "--output", output, PYTHONIOENCODING="latin-1")
    assert b"Traceback" not in run.stderr
    assert "今天".encode() in run.stdout + run.stderr or run.returncode == 0


@pytest.mark.parametrize(
    ("encoding", "terminal", "written"),
    [
        ("ascii", False, "é\n".encode()),
        ("ascii", True, b"\\xe9\n"),
        ("latin-1", True, "é\n".encode("latin-1")),
    ],
)
def test_stream_escapes_only_what_a_terminal_lacks(encoding, terminal, written):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    stream.isatty = lambda: terminal
    write_utf8(stream)
    print("é", file=stream, flush=True)
    assert stream.buffer.getvalue() == written


def test_optimised_python_is_refused_in_one_line(tmp_path):
    run = textvae("measure", "--help", PYTHONOPTIMIZE="2", XDG_CACHE_HOME=str(tmp_path))
    assert run.returncode == 1
    assert b"PYTHONOPTIMIZE" in run.stderr
    assert run.stderr.count(b"\n") == 1
