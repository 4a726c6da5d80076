"""Which precision auto is, by what the hardware multiplies."""

import pytest
import torch

from textvae.models.kernels.precision import multiplies_bfloat16, select_precision
from tiny import CPU

CUDA = torch.device("cuda")


def test_a_name_is_a_precision():
    assert select_precision("float32", CPU) is torch.float32
    assert select_precision("bfloat16", CPU) is torch.bfloat16


@pytest.mark.parametrize("instruction", ["avx512_bf16", "amx_bf16", "bf16"])
def test_auto_is_bfloat16_where_a_cpu_has_instructions_for_it(monkeypatch, instruction):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, instruction: True})
    assert multiplies_bfloat16(CPU)
    assert select_precision("auto", CPU) is torch.bfloat16


@pytest.mark.parametrize("found", [{}, {"avx512_f": True, "avx512_bf16": False}])
def test_auto_is_float32_on_other_cpus(monkeypatch, found):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert select_precision("auto", CPU) is torch.float32


@pytest.mark.parametrize(
    ("capability", "expected"), [((8, 0), True), ((9, 0), True), ((7, 5), False)]
)
def test_a_gpu_has_it_since_ampere(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert multiplies_bfloat16(CUDA) is expected
