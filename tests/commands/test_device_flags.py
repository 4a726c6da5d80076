"""--device: which commands claim a GPU, and who lets go of it again."""

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
    """The locks that are held on a machine with one GPU, which torch knows how to use."""
    monkeypatch.setenv("PATH", str(nvidia_smi(tmp_path / "bin", 1)), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # Put back as it was: a claim sets both.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    yield lambda: list(tmp_path.glob("textvae-gpus-*/*"))
    if gpus._own is not None:
        gpus._own.release()


@pytest.mark.parametrize("name", ["cuda", "auto"])
def test_a_gpu_that_is_to_be_found_is_claimed(name, locks):
    assert select("--device", name) == torch.device("cuda")
    assert len(locks()) == 1


@pytest.mark.parametrize("name", ["cpu", "cuda:1"])
def test_the_cpu_and_a_gpu_that_is_named_are_not(name, locks):
    assert select("--device", name) == torch.device(name)
    assert locks() == []


def test_a_torch_that_knows_no_cuda_lets_go_of_it(locks, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert select("--device", "auto") == torch.device("cpu")
    assert locks() == []
    assert "torch finds no CUDA here: computing on the CPU\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--cells-per-gpu", "0"), "--cells-per-gpu: 0 is not a number of at least 1"),
        (("--threads", "0"), "--threads: 0 is not a number from 1 to 1024"),
        (("--device", "auto:1"), "--device: 'auto:1' is not cpu, cuda, cuda:N or auto"),
    ],
)
def test_wrong_flags_are_refused_before_anything_is_waited_for(flags, message, locks):
    with pytest.raises(InputError) as error:
        select("--device", "auto", *flags)
    assert str(error.value) == message
    assert locks() == []


def test_where_nobody_tells_the_gpus_apart_a_line_says_so(locks, monkeypatch, capsys):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(gpus, "listed", lambda: None)
    assert select("--device", "cuda") == torch.device("cuda")
    assert locks() == []
    assert (
        "nvidia-smi reports no GPU: several processes may use the same one\n"
        in capsys.readouterr().err
    )
