"""The precision of products, and what `auto` selects on each device."""

import pytest
import torch

from textvae.models.kernels.precision import multiplies_bfloat16, select_precision
from tiny import CPU


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True, "avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"bf16": True}, torch.bfloat16),
        ({}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
    ],
)
def test_auto_is_bfloat16_on_cpus_with_instructions_for_it(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert select_precision("auto", CPU) is expected
    assert select_precision("float32", CPU) is torch.float32
    assert select_precision("bfloat16", CPU) is torch.bfloat16


@pytest.mark.parametrize(
    ("capability", "expected"), [((8, 0), True), ((9, 0), True), ((7, 5), False)]
)
def test_gpus_multiply_bfloat16_since_ampere(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert multiplies_bfloat16(torch.device("cuda")) is expected
