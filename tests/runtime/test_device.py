"""Selection of the device and the number of threads."""

import pytest
import torch

from textvae.errors import InputError
from textvae.runtime.device import select_device, use_threads


@pytest.mark.parametrize(
    ("name", "gpus", "expected"),
    [
        ("cpu", 1, "cpu"),
        ("auto", 0, "cpu"),
        ("auto", 1, "cuda"),
        ("cuda", 1, "cuda"),
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
    use_threads(1)
    use_threads(1024)
    assert counts == [1, 1024]
    for threads in (0, -1, 1025, 2**63):
        with pytest.raises(InputError, match=f"^--threads: {threads} "):
            use_threads(threads)
