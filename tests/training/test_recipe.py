"""The schedules of C and of the learning rate, by hand."""

import pytest

from textvae.errors import InputError
from textvae.settings import check
from textvae.training.recipe import Recipe, Schedule


def test_steps():
    schedule = Schedule(Recipe(epochs=10, batch=128), sentences=192_000)
    assert schedule.steps_per_epoch == 1500
    assert schedule.steps == 15_000
    assert Schedule(Recipe(batch=128), sentences=129).steps_per_epoch == 2


def test_C_rises_over_two_epochs_and_stays():
    schedule = Schedule(Recipe(batch=10, ramp_epochs=2), sentences=1000)
    assert schedule.target(15, step=0) == 0
    assert schedule.target(15, step=50) == pytest.approx(15 / 4)
    assert schedule.target(15, step=199) < 15
    assert schedule.target(15, step=200) == 15
    assert schedule.target(15, step=900) == 15


def test_without_a_ramp_C_is_there_from_the_start():
    assert Schedule(Recipe(ramp_epochs=0), sentences=1000).target(15, step=0) == 15


def test_C_of_zero_is_zero_throughout():
    schedule = Schedule(Recipe(), sentences=1000)
    assert {schedule.target(0, step) for step in range(schedule.steps)} == {0}


def test_the_learning_rate_is_constant_by_default():
    schedule = Schedule(Recipe(), sentences=1000)
    assert {schedule.learning_rate(step) for step in range(schedule.steps)} == {8.5e-4}


def test_the_learning_rate_falls_over_the_last_part():
    schedule = Schedule(Recipe(epochs=1, batch=1, learning_rate=1.0, decay=0.5), sentences=100)
    assert schedule.learning_rate(0) == schedule.learning_rate(50) == 1
    assert schedule.learning_rate(75) == 0.5
    assert schedule.learning_rate(99) == pytest.approx(1 / 50)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.0}, "--learning-rate: 0.0 is not a number above 0"),
        ({"epochs": 0}, "--epochs: 0 is not a number of at least 1"),
        ({"decay": 1.5}, "--decay: 1.5 is not a number from 0 to 1"),
        ({"beta": float("nan")}, "--beta: nan is not a number of at least 0"),
        ({"objective": "vae"}, "--objective: vae is not one of rate-target, elbo"),
    ],
)
def test_settings_out_of_bounds_are_named(change, message):
    with pytest.raises(InputError, match=message):
        check(Recipe(**change))
