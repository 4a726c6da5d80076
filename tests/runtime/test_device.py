"""Where a model runs, and what is said where it cannot."""

import pytest
import torch

from textvae.errors import InputError
from textvae.runtime.device import select_device, use_threads


@pytest.fixture(autouse=True)
def _threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def found(monkeypatch, count):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)


def test_the_cpu_and_its_threads():
    assert select_device("cpu") == torch.device("cpu")
    use_threads(2)
    assert torch.get_num_threads() == 2
    use_threads(1)
    assert torch.get_num_threads() == 1


def test_auto_is_cuda_where_there_is_one(monkeypatch):
    found(monkeypatch, 0)
    assert select_device("auto") == torch.device("cpu")
    found(monkeypatch, 1)
    assert select_device("auto") == torch.device("cuda")


def test_one_of_several(monkeypatch):
    found(monkeypatch, 2)
    assert select_device("cuda") == torch.device("cuda")
    assert select_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(InputError, match=r"^--device: there is no cuda:2 here \(2 found\)$"):
        select_device("cuda:2")


def test_none_there(monkeypatch):
    found(monkeypatch, 0)
    with pytest.raises(InputError, match=r"^--device: there is no cuda here \(0 found\)$"):
        select_device("cuda")


@pytest.mark.parametrize("name", ["", "gpu", "cuda:x", "cuda:-1", "CPU", "mps", "meta"])
def test_a_name_of_no_device(name):
    message = f"--device: {name!r} is not cpu, cuda, cuda:N or auto"
    with pytest.raises(InputError) as error:
        select_device(name)
    assert str(error.value) == message


@pytest.mark.parametrize("threads", [0, -1, 1025, 2**63])
def test_threads_that_cannot_be(threads):
    with pytest.raises(InputError, match=f"^--threads: {threads} is not a number from 1 to 1024$"):
        use_threads(threads)
