"""The objectives by hand (eqns. 1 and 2), the ramp of C among them."""

import pytest
import torch

from textvae.models.terms import BatchTerms
from textvae.registry import OBJECTIVES
from textvae.training.config import TrainingSettings
from textvae.training.schedule import Schedule

RATES = torch.tensor([1.0, 3.0, 8.0])  # mean 4
TERMS = BatchTerms(torch.tensor(50.0), RATES, z=None, posterior=None, prior=None)
# 100 steps an epoch.
SCHEDULE = Schedule(TrainingSettings(batch=1), sentences=100)


def objective(name, C, **settings):
    cls = OBJECTIVES[name]
    return cls(cls.Settings(**settings), C, SCHEDULE)


def loss(name, C, **settings):
    """Behind the ramp."""
    return objective(name, C, **settings).loss(TERMS, step=900).item()


def test_a_rate_off_its_target_costs_on_either_side():
    assert loss("rate-target", C=4) == 50
    assert loss("rate-target", C=1) == 53
    assert loss("rate-target", C=10) == 56
    assert loss("rate-target", C=10, beta=0.5) == 53


def test_the_target_is_of_the_mean_not_of_each_sentence():
    # Sentence by sentence, |1 - 4|, |3 - 4| and |8 - 4| would cost 8 / 3.
    assert loss("rate-target", C=4) == 50


def test_C_of_zero_is_the_elbo():
    assert loss("rate-target", C=0) == loss("elbo", C=123) == 54
    assert loss("elbo", C=0, beta=2) == 58


def test_C_rises_over_two_epochs_and_stays():
    ours = objective("rate-target", C=15, ramp_epochs=2)
    assert ours.record(0) == {"C": 0}
    assert ours.target(50) == pytest.approx(15 / 4)
    assert ours.target(199) < 15
    assert ours.target(200) == 15
    assert ours.record(900) == {"C": 15}
    # The rate of 4 is above the first of these targets and below the second.
    assert ours.loss(TERMS, step=0).item() == 54
    assert ours.loss(TERMS, step=200).item() == 61


def test_without_a_ramp_C_is_there_from_the_start():
    assert objective("rate-target", C=15, ramp_epochs=0).target(0) == 15


def test_C_of_zero_is_zero_throughout():
    ours = objective("rate-target", C=0)
    assert {ours.target(step) for step in range(80)} == {0}
