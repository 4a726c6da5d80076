"""The ramp of C by hand, and the bounds of the settings."""

import pytest

from textvae.errors import InputError
from textvae.settings import check
from textvae.training.recipe import Recipe, target


def test_C_rises_over_two_epochs_and_stays():
    recipe = Recipe(ramp_epochs=2)
    assert target(recipe, 100, C=15, step=0) == 0
    assert target(recipe, 100, C=15, step=50) == pytest.approx(15 / 4)
    assert target(recipe, 100, C=15, step=199) < 15
    assert target(recipe, 100, C=15, step=200) == 15
    assert target(recipe, 100, C=15, step=900) == 15


def test_without_a_ramp_C_is_there_from_the_start():
    assert target(Recipe(ramp_epochs=0), 100, C=15, step=0) == 15


def test_C_of_zero_is_zero_throughout():
    assert {target(Recipe(), 8, C=0, step=step) for step in range(80)} == {0}


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
        ({"objective": 1}, "--objective: 1 is not one of rate-target, elbo"),
        ({"objective": "vae"}, "--objective: vae is not one of rate-target, elbo"),
    ],
)
def test_settings_out_of_bounds_are_named(change, message):
    with pytest.raises(InputError, match=message):
        check(Recipe(**change))
