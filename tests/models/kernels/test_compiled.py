"""Compilation of the C kernels, when they are used, and the precision `auto` on each device."""

import os
import tempfile

import pytest
import torch

from compilers import program, without_compiler
from textvae.models.kernels import compiled
from textvae.models.kernels.compiled import build
from textvae.models.kernels.precision import multiplies_bfloat16, recurrences_in
from tiny import CPU

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@pytest.mark.parametrize(
    ("name", "quoted"), [("no-such-compiler -O3", "no-such-compiler"), ("'", "quotation")]
)
def test_missing_compiler_is_named(name, quoted, monkeypatch):
    monkeypatch.setenv("CC", name)
    assert quoted in build([]).why_not


def test_failure_of_the_compiler_is_quoted(tmp_path, monkeypatch):
    failing = program(tmp_path / "cc", "echo 'lstm.c: sorry, unimplemented' >&2; exit 1")
    monkeypatch.setenv("CC", str(failing))
    assert build([]).why_not == f"{failing}: lstm.c: sorry, unimplemented"
    silent = program(tmp_path / "cc", "exit 3")
    assert build([]).why_not == f"{silent}: ended with status 3"
    # Its output is not a library.
    program(tmp_path / "cc", 'while [ "$1" != -o ]; do shift; done; echo nothing > "$2"')
    assert "kernels.so" in build([]).why_not
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert str(tmp_path / "gone") in build([]).why_not


@without_compiler
@pytest.mark.parametrize("flags", [None, " ", f"{os.environ.get('CC') or 'cc'} -DIGNORED=1"])
def test_words_after_the_compiler_are_its_arguments(flags, monkeypatch):
    if flags:
        monkeypatch.setenv("CC", flags)
    assert build([]).loaded is not None


@without_compiler
@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=PRECISIONS)
def test_kernels_are_used_only_where_requested_and_possible(precision):
    assert compiled.why_not(precision, CPU) is None
    assert "float64" in compiled.why_not(torch.float64, CPU)
    assert compiled.why_not(torch.float64, torch.device("cuda")) is None
    assert not compiled.in_use(precision, CPU)
    with compiled.compiled():
        assert compiled.in_use(precision, CPU)
        with compiled.compiled():
            pass
        assert compiled.in_use(precision, CPU)
        assert compiled.kernel("add", torch.float64, CPU) is None
        assert compiled.kernel("add", precision, torch.device("meta")) is None
        # Kernels run in one thread; torch uses all.
        torch.set_num_threads(2)
        try:
            assert not compiled.in_use(precision, CPU)
        finally:
            torch.set_num_threads(1)
    assert not compiled.in_use(precision, CPU)
    assert compiled.kernel("add", precision, CPU) is None


@without_compiler
@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=PRECISIONS)
@pytest.mark.parametrize("transposed", [False, True])
def test_products_are_added_to_sums(precision, transposed):
    products = torch.randn(3, 37).to(precision)
    products = products.t() if transposed else products
    sums = torch.randn(products.shape)
    expected = sums + products.float()
    with compiled.compiled():
        compiled.add(sums, products)
    torch.testing.assert_close(sums, expected, rtol=0, atol=0)


@without_compiler
def test_array_that_is_not_contiguous_is_refused():
    with compiled.compiled():
        kernel = compiled.kernel("add", torch.float32, CPU)
    with pytest.raises(ValueError, match="add"):
        kernel(6, torch.zeros(2, 3), torch.zeros(3, 2).t())


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True, "avx512_bf16": True}, torch.bfloat16),
        *(({"amx_bf16": True}, torch.bfloat16), ({"bf16": True}, torch.bfloat16)),
        ({}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
    ],
)
def test_cpus_with_instructions_for_it_multiply_bfloat16(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert multiplies_bfloat16(CPU) is (expected is torch.bfloat16)


def test_gpus_multiply_bfloat16_since_ampere(monkeypatch):
    for capability, expected in (((8, 0), True), ((9, 0), True), ((7, 5), False)):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, x=capability: x)
        assert multiplies_bfloat16(torch.device("cuda")) is expected


@pytest.mark.parametrize("name", PRECISIONS)
def test_recurrences_on_a_gpu_are_in_tf32_in_bfloat16_trainings(monkeypatch, name):
    flags = torch.backends.cudnn
    monkeypatch.setattr(flags, "allow_tf32", False)
    with recurrences_in(PRECISIONS[name], torch.device("cuda")):
        assert flags.allow_tf32 == (name == "bfloat16")
    with recurrences_in(torch.bfloat16, CPU):
        assert not flags.allow_tf32
    assert not flags.allow_tf32
