"""--device: which commands claim a GPU, and when they release it."""

import argparse

import pytest
import torch

from pretended_gpus import nvidia_smi
from textvae.commands import options
from textvae.errors import InputError
from textvae.runtime import gpus


def select(*argv):
    parser = argparse.ArgumentParser()
    options.add_device_flags(parser)
    return options.device_of(parser.parse_args(argv))


@pytest.fixture(autouse=True)
def locks(tmp_path, monkeypatch):
    """Return the locks held on a machine with one GPU, which torch can use."""
    monkeypatch.setenv("PATH", str(nvidia_smi(tmp_path / "bin", 1)), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # Restored after the test, because a claim sets both.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    yield lambda: list(tmp_path.glob("textvae-gpus-*/*"))
    if (claimed := gpus.claim(1)) is not None:
        claimed.release()


@pytest.mark.parametrize(
    ("name", "available", "device", "claimed"),
    [
        *(("cuda", True, "cuda", 1), ("auto", True, "cuda", 1), ("cpu", True, "cpu", 0)),
        ("cuda:1", True, "cuda:1", 0),
        # Claimed and released again.
        ("auto", False, "cpu", 0),
    ],
)
def test_gpu_is_claimed_unless_it_is_named(
    locks, monkeypatch, capsys, name, available, device, claimed
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert select("--device", name) == torch.device(device)
    assert len(locks()) == claimed
    assert ("CUDA" in capsys.readouterr().err) == (not available)


@pytest.mark.parametrize(
    "flags", [("--cells-per-gpu", "0"), ("--threads", "0"), ("--device", "auto:1")]
)
def test_invalid_flags_are_refused_before_a_claim(flags, locks):
    flag, value = flags
    with pytest.raises(InputError, match=f"^{flag}: .*{value}"):
        select("--device", "auto", *flags)
    assert locks() == []


def test_gpu_without_nvidia_smi_is_used_with_a_warning(locks, monkeypatch, capsys):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(gpus, "list_gpus", lambda: None)
    assert select("--device", "cuda") == torch.device("cuda")
    assert locks() == []
    assert "nvidia-smi" in capsys.readouterr().err
