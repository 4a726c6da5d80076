"""Steps and learning rates, by hand."""

import pytest

from textvae.training.config import TrainingSettings
from textvae.training.schedule import Schedule


def test_steps():
    schedule = Schedule(TrainingSettings(epochs=10, batch=128), sentences=192_000)
    assert schedule.steps_per_epoch == 1500
    assert schedule.steps == 15_000
    assert Schedule(TrainingSettings(batch=128), sentences=129).steps_per_epoch == 2


def test_the_learning_rate_is_constant_by_default():
    schedule = Schedule(TrainingSettings(), sentences=1000)
    assert {schedule.learning_rate(step) for step in range(schedule.steps)} == {8.5e-4}


def test_the_learning_rate_falls_over_the_last_part():
    schedule = Schedule(
        TrainingSettings(epochs=1, batch=1, learning_rate=1.0, decay=0.5), sentences=100
    )
    assert schedule.learning_rate(0) == schedule.learning_rate(50) == 1
    assert schedule.learning_rate(75) == 0.5
    assert schedule.learning_rate(99) == pytest.approx(1 / 50)
