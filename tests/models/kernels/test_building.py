"""Compilers that are not there or fail cost a training its speed, and never the training."""

import os
import tempfile

import pytest

from compilers import compiler, without_compiler
from textvae.models.kernels.compiled import build


@pytest.mark.parametrize(
    ("asked", "why_not"),
    [
        ("no-such-compiler -O3", "there is no C compiler called no-such-compiler"),
        ("'", "nothing can be compiled: No closing quotation"),
    ],
)
def test_what_is_asked_for_and_is_not_there(asked, why_not, monkeypatch):
    monkeypatch.setenv("CC", asked)
    assert build([]).why_not == why_not


def test_failing_ones(tmp_path, monkeypatch):
    failing = compiler(tmp_path, "echo 'lstm.c: sorry, unimplemented' >&2; exit 1")
    monkeypatch.setenv("CC", str(failing))
    assert build([]).why_not == f"{failing}: lstm.c: sorry, unimplemented"
    silent = compiler(tmp_path, "exit 3")
    assert build([]).why_not == f"{silent}: ended with status 3"
    # What it leaves is no library.
    compiler(tmp_path, 'while [ "$1" != -o ]; do shift; done; echo nothing > "$2"')
    assert build([]).why_not.startswith("nothing can be compiled: ")


def test_no_room_to_compile_in(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setenv("CC", str(compiler(tmp_path, "exit 0")))
    assert "nothing can be compiled: " in build([]).why_not


@without_compiler
@pytest.mark.parametrize("asked", ["", " ", f"{os.environ.get('CC') or 'cc'} -DIGNORED=1"])
def test_words_behind_the_compiler_are_its_arguments(asked, monkeypatch):
    if asked.strip():
        monkeypatch.setenv("CC", asked)
    assert build([]).loaded is not None
