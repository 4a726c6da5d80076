"""The objective by hand (eqn. 2)."""

import torch

from textvae.training.objective import OBJECTIVES

RATES = torch.tensor([1.0, 3.0, 8.0])  # mean 4


def objective(name, C, beta=1.0):
    return OBJECTIVES[name](torch.tensor(50.0), RATES, C, beta).item()


def test_a_rate_off_its_target_costs_on_either_side():
    assert objective("rate-target", C=4) == 50
    assert objective("rate-target", C=1) == 53
    assert objective("rate-target", C=10) == 56
    assert objective("rate-target", C=10, beta=0.5) == 53


def test_the_target_is_of_the_mean_not_of_each_sentence():
    # Sentence by sentence, |1 - 4|, |3 - 4| and |8 - 4| would cost 8 / 3.
    assert objective("rate-target", C=4) == 50


def test_C_of_zero_is_the_elbo():
    assert objective("rate-target", C=0) == objective("elbo", C=123) == 54
    assert objective("elbo", C=0, beta=2) == 58
