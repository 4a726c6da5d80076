"""The bounds of a training's settings."""

import pytest

from textvae.errors import InputError
from textvae.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.0}, "--learning-rate: 0.0 is not a number above 0"),
        ({"epochs": 0}, "--epochs: 0 is not a number of at least 1"),
        ({"decay": 1.5}, "--decay: 1.5 is not a number from 0 to 1"),
        ({"beta": float("nan")}, "--beta: nan is not a number of at least 0"),
        ({"beta": 1e40}, "--beta: 1e\\+40 is not a number of at most 1e\\+30"),
        ({"beta": 10**400}, "--beta: 1000"),
        ({"beta": "1"}, "--beta: '1' is not a number of at least 0"),
        ({"beta": True}, "--beta: True is not a number of at least 0"),
        ({"epochs": 1.0}, "--epochs: 1.0 is not a number of at least 1"),
        ({"epochs": None}, "--epochs: None is not a number of at least 1"),
        ({"batch": 2**32}, "--batch: 4294967296 is not a number of at most 4294967295"),
        ({"objective": 1}, "--objective: 1 is not one of elbo, rate-target"),
        ({"objective": "vae"}, "--objective: vae is not one of elbo, rate-target"),
    ],
)
def test_settings_out_of_bounds_are_named(change, message):
    with pytest.raises(InputError, match=message):
        TrainingConfig(**change)
