"""Numbers as they stand in a table, and text that can neither break nor hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.paper.render.table import decimals, visible


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (62.04, 1, "62.0"),
        (-0.386, 2, "−0.39"),
        (-0.004, 2, "0.00"),
        (64.0, 0, "64"),
        (None, 2, "–"),
    ],
)
def test_decimals(value, places, text):
    assert decimals(value, places) == text


def test_text_comes_on_one_line_and_shows_what_it_holds():
    assert visible("two\nlines\tand\u2028more") == "two lines and more"
    assert visible("\u202egnirts\x07") == "[U+202E]gnirts[U+0007]"
    assert visible("naïve 中文") == "naïve 中文"


def test_of_a_very_long_word_the_beginning_is_shown():
    assert visible(f"a {'w' * 60} {'w' * 61}") == f"a {'w' * 60} {'w' * 59}…"
    assert len(visible("\x07" * 10_000)) == 60


@given(st.text())
def test_visible_text_can_be_written_whatever_it_was(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown
