"""The trainer's inner loops and optimisers."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, RMSprop

from textvae.training.cell import CellTrainer
from textvae.training.schedule import further_sentences
from textvae.training.trainer import make_state
from tiny import tiny_task


def words(batch):
    return batch.words.tolist()


def test_further_batches_follow_from_seed_step_and_inner_step(tmp_path):
    one, other = (CellTrainer(tiny_task(tmp_path / "corpus")) for _ in range(2))
    drawn = [words(one.further_batch(inner)) for inner in (1, 2)]
    assert drawn[0] != drawn[1]
    noise = torch.randn(3)
    # In another process, after other draws.
    torch.manual_seed(7)
    assert words(other.further_batch(2)) == drawn[1]
    assert torch.equal(torch.randn(3), noise)
    other.step = 1
    assert words(other.further_batch(1)) not in drawn
    assert len(other.further_batch(1)) == 16


def test_further_sentences_are_any_of_them():
    seen = np.zeros(100)
    for step in range(200):
        drawn = further_sentences(100, 16, 1, step, 1)
        assert len(set(drawn)) == 16
        np.add.at(seen, drawn, 1)
    # 32 expected of each, with a standard deviation of 5.2.
    assert 32 - 5 * 5.2 < seen.min() <= seen.max() < 32 + 5 * 5.2


@pytest.mark.parametrize("kind", [Adam, RMSprop, Adagrad, SGD])
def test_a_state_made_ahead_changes_no_step(kind):
    def trained(ahead):
        torch.manual_seed(1)
        layer = nn.Linear(3, 2)
        optimiser = kind(layer.parameters(), lr=0.1)
        if ahead:
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


def test_a_minimised_loss_leaves_no_gradient_behind(tmp_path):
    trainer = CellTrainer(tiny_task(tmp_path / "corpus"))
    trainer.minimise(trainer.losses(trainer.further_batch(1))["loss"])
    assert all(weight.grad is None for weight in trainer.model.parameters())
