"""The trainer's inner steps and optimisers."""

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, RMSprop

from textvae.training.cell import CellTrainer
from textvae.training.trainer import make_state
from tiny import tiny_task


def test_inner_batches_depend_on_seed_step_and_inner_step(tmp_path):
    one, other = (CellTrainer(tiny_task(tmp_path / "corpus")) for _ in range(2))
    words = [one.further_batch(inner).words.tolist() for inner in (1, 2)]
    assert words[0] != words[1]
    noise = torch.randn(3)
    torch.manual_seed(7)
    assert other.further_batch(2).words.tolist() == words[1]
    assert torch.equal(torch.randn(3), noise)
    other.step = 1
    batch = other.further_batch(1)
    assert batch.words.tolist() not in words
    assert len(batch) == 16
    assert not torch.equal(torch.randn(3), noise)


@pytest.mark.parametrize("kind", [Adam, RMSprop, Adagrad, SGD])
def test_state_created_in_advance_changes_no_step(kind):
    def trained(in_advance):
        torch.manual_seed(1)
        layer = nn.Linear(3, 2)
        optimiser = kind(layer.parameters(), lr=0.1)
        if in_advance:
            make_state(optimiser)
            assert [group["lr"] for group in optimiser.param_groups] == [0.1]
            assert all(weight.grad is None for weight in layer.parameters())
        for _ in range(3):
            layer(torch.randn(4, 3)).square().sum().backward()
            optimiser.step()
            optimiser.zero_grad()
        state = optimiser.state_dict()["state"].values()
        kept = [value for each in state for value in each.values() if value is not None]
        return [*layer.parameters(), *kept]

    for one, other in zip(trained(False), trained(True), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
