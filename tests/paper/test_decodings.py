"""Order and titles of decoding strategies."""

import random

import pytest

from textvae.paper.decodings import heading, sort_key, title

IN_ORDER = [
    *("", "greedy", "top5", "top15", "nucleus0.5", "nucleus0.9-t0.7", "nucleus0.9"),
    *("nucleus0.9-t1.5", "nucleus0.95-t0.1", "sample", "Beam4", "beam4"),
]


def test_order_is_greedy_top_k_nucleus_sampling_others():
    """By k, by p and by temperature as numbers; others by name."""
    assert sorted(random.Random(0).sample(IN_ORDER, len(IN_ORDER)), key=sort_key) == IN_ORDER


@pytest.mark.parametrize(
    ("name", "shown", "above"),
    [
        ("greedy", "greedy", "Greedy"),
        ("top15", "top-15", "Top-15"),
        ("top15-t0.7", "top-15 (T = 0.7)", "Top-15 (T = 0.7)"),
        ("nucleus0.9", "NS (p = 0.9)", "NS (p = 0.9)"),
        ("nucleus0.9-t0.7", "NS (p = 0.9, T = 0.7)", "NS (p = 0.9, T = 0.7)"),
        ("sample", "sampling", "Sampling"),
        ("beam4", "beam4", "beam4"),
        ("", "", ""),
    ],
)
def test_titles(name, shown, above):
    assert (title(name), heading(name)) == (shown, above)
