"""Decodings by their names: their order and what the tables call them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.paper.decodings import heading, sort_key, title

# The paper's (section 3.3): greedy, top-5 and top-15, nucleus sampling with p = 0.5 and 0.9.
IN_ORDER = ["", "greedy", "top5", "top15", "nucleus0.5", "nucleus0.9", "sample", "beam4"]


def test_none_greedy_top_k_by_k_nucleus_by_p_others_by_name():
    """Top-5 is before top-15, which names as texts would have the other way round."""
    assert sorted(random.Random(0).sample(IN_ORDER, len(IN_ORDER)), key=sort_key) == IN_ORDER


def test_the_temperature_is_1_unless_it_is_told():
    names = ["nucleus0.95-t0.1", "nucleus0.9-t1.5", "nucleus0.9", "nucleus0.9-t0.7"]
    assert sorted(names, key=sort_key) == names[::-1]


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
        ("topmost", "topmost", "topmost"),
        ("nucleus0.9.1", "nucleus0.9.1", "nucleus0.9.1"),
    ],
)
def test_titles(name, shown, above):
    assert (title(name), heading(name)) == (shown, above)


@given(st.lists(st.text()))
def test_any_names_have_an_order(names):
    assert len(sorted(names, key=sort_key)) == len(names)
