"""Draws follow from seed and step alone."""

import numpy as np
import torch

from textvae.training.schedule import epoch_order, seed_step


def test_an_epoch_sees_every_sentence_once_in_an_order_of_its_own():
    orders = [epoch_order(1000, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    for order in orders:
        assert sorted(order) == list(range(1000))
    assert len({tuple(order) for order in orders}) == 4
    np.testing.assert_array_equal(orders[0], epoch_order(1000, 1, 0))


def test_a_step_draws_the_same_noise_whatever_came_before():
    def noise(seed, step):
        seed_step(seed, step)
        return tuple(torch.randn(3).tolist())

    first = noise(1, 7)
    torch.randn(100)
    assert noise(1, 7) == first
    assert len({first, noise(1, 8), noise(2, 7), noise(7, 1)}) == 4
