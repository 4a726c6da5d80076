"""Objectives, steps, learning rates, random streams and optimisers of a training, by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, RMSprop

from textvae.models.terms import BatchTerms
from textvae.registry import OBJECTIVES
from textvae.training.cell import CellTrainer
from textvae.training.config import TrainingSettings
from textvae.training.schedule import Schedule, epoch_order, further_sentences, seed_step
from textvae.training.trainer import make_state
from tiny import tiny_task

# Mean rate 4.
TERMS = BatchTerms(torch.tensor(50.0), torch.tensor([1.0, 3.0, 8.0]), None, None, None)
# 100 steps an epoch.
SCHEDULE = Schedule(TrainingSettings(batch=1), sentences=100)


def objective(name, C, **settings):
    cls = OBJECTIVES[name]
    return cls(cls.Settings(**settings), C, SCHEDULE)


@pytest.mark.parametrize(
    ("name", "C", "beta", "expected"),
    [
        # Sentence by sentence, |1 - 4|, |3 - 4| and |8 - 4| would cost 8 / 3.
        *(("rate-target", 4, 1, 50), ("rate-target", 1, 1, 53), ("rate-target", 10, 1, 56)),
        # Rates are never negative: at C = 0 the objective is the ELBO.
        *(("rate-target", 10, 0.5, 53), ("rate-target", 0, 1, 54)),
        *(("elbo", 123, 1, 54), ("elbo", 0, 2, 58), ("elbo", 0, 0, 50)),
    ],
)
def test_losses_by_hand(name, C, beta, expected):
    """Equations 1 and 2 of the paper, after the ramp of C."""
    assert objective(name, C, beta=beta).loss(TERMS, step=900).item() == expected


def test_C_rises_linearly_over_the_ramp():
    ours = objective("rate-target", C=15, ramp_epochs=2)
    targets = [ours.target(step) for step in (0, 50, 199, 200, 900)]
    assert targets == pytest.approx([0, 15 / 4, 15 * 199 / 200, 15, 15])
    assert [ours.record(step) for step in (0, 900)] == [{"C": 0}, {"C": 15}]
    assert [ours.loss(TERMS, step).item() for step in (0, 200)] == [54, 61]
    assert objective("rate-target", C=15, ramp_epochs=0).target(0) == 15
    assert {objective("rate-target", C=0).target(step) for step in range(80)} == {0}


def test_steps_of_an_epoch_include_a_smaller_batch():
    schedule = Schedule(TrainingSettings(epochs=10, batch=128), sentences=192_000)
    assert (schedule.steps_per_epoch, schedule.steps) == (1500, 15_000)
    assert Schedule(TrainingSettings(batch=128), sentences=129).steps_per_epoch == 2


def test_learning_rate_falls_to_zero_over_the_last_share():
    constant = Schedule(TrainingSettings(), sentences=1000)
    assert {constant.learning_rate(step) for step in range(constant.steps)} == {8.5e-4}
    settings = TrainingSettings(epochs=1, batch=1, learning_rate=1.0, decay=0.5)
    falling = Schedule(settings, sentences=100)
    rates = [falling.learning_rate(step) for step in (0, 50, 51, 75, 99)]
    assert rates == pytest.approx([1, 1, 0.98, 0.5, 0.02])


def test_every_epoch_is_a_new_permutation():
    orders = [epoch_order(1000, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(1000)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    np.testing.assert_array_equal(orders[0], epoch_order(1000, 1, 0))


def test_noise_depends_on_seed_and_step_alone():
    def noise(seed, step):
        seed_step(seed, step)
        return tuple(torch.randn(3).tolist())

    first = noise(1, 7)
    assert noise(1, 7) == first
    assert len({first, noise(1, 8), noise(2, 7), noise(7, 1)}) == 4


def test_sentences_of_inner_steps_are_uniform_and_distinct():
    counts = np.zeros(100)
    for step in range(200):
        drawn = further_sentences(100, 16, 1, step, 1)
        assert len(set(drawn)) == 16
        np.add.at(counts, drawn, 1)
    # Expected 32 times each, with a standard deviation of 5.2.
    assert 32 - 5 * 5.2 < counts.min() <= counts.max() < 32 + 5 * 5.2


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
    def trained(prepare):
        torch.manual_seed(1)
        layer = nn.Linear(3, 2)
        optimiser = kind(layer.parameters(), lr=0.1)
        prepare(optimiser)
        assert [group["lr"] for group in optimiser.param_groups] == [0.1]
        assert all(weight.grad is None for weight in layer.parameters())
        for _ in range(3):
            layer(torch.randn(4, 3)).square().sum().backward()
            optimiser.step()
            optimiser.zero_grad()
        state = optimiser.state_dict()["state"].values()
        kept = [value for each in state for value in each.values() if value is not None]
        return [*layer.parameters(), *kept]

    for one, other in zip(trained(id), trained(make_state), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
