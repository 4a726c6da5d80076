"""The steps by which the paper's corpora came to look as they do in its Table 2."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.normalisation import normalise
from textvae.registry import STEPS


def words(sentence: str, *steps: str) -> str:
    return " ".join(normalise(sentence, steps).split())


@pytest.mark.parametrize(
    ("raw", "in_table_2"),
    [
        ("`` That it 's a great deal ? ''", "that it s a great deal ?"),
        ("But I do n't .", "but i do n t ."),
        ("Come -- look on my mind , said he", "come - look on my mind , said he"),
        ("it will get him to Mrs. Matilda", "it will get him to mrs. matilda"),
    ],
)
def test_cbt_comes_to_read_as_in_table_2(raw: str, in_table_2: str) -> None:
    assert words(raw, "lowercase", "drop-quotes", "single-dash") == in_table_2


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("lowercase", "The King <unk> ÉTÉ", "the king <unk> été"),
        ("drop-quotes", "« o'clock » “x” ‘y’ \" `` z ''", "o clock x y z"),
        ("single-dash", "a -- b --- c – d—e well-known - f", "a - b - c - d - e well-known - f"),
        ("drop-brackets", "( a ) [b] {c} <unk>", "a b c <unk>"),
        ("plain-punctuation", "“a” – ‘b’…", "\"a\" -- 'b'..."),
        ("tokenise", "It's <unk>.", "It 's <unk> ."),
    ],
)
def test_each_step_does_one_thing(step: str, before: str, after: str) -> None:
    assert words(before, step) == after


def test_every_step_is_tested_above_and_says_what_it_does() -> None:
    assert set(STEPS.names()) == {
        "lowercase",
        "drop-quotes",
        "single-dash",
        "drop-brackets",
        "plain-punctuation",
        "tokenise",
    }
    assert all(step.summary != step.name for step in STEPS.declared().values())


def test_steps_are_taken_in_their_order() -> None:
    # A dash that is typographic is no `--` before the second step made it one.
    assert words("a ― b", "single-dash", "plain-punctuation") == "a - b"
    assert words("DON'T", "tokenise", "drop-quotes") == "DO N T"
    assert words("DON'T", "drop-quotes", "tokenise") == "DON T"


def test_no_step_leaves_a_sentence_as_it_is() -> None:
    assert normalise("A `b' -- c", ()) == "A `b' -- c"


@settings(deadline=None)
@given(st.text(), st.sampled_from(sorted(STEPS.names())))
def test_a_step_taken_twice_is_a_step_taken_once(text: str, step: str) -> None:
    if step == "lowercase":
        text = text.encode("ascii", "ignore").decode()  # Unicode's own lower-casing is not
    if step == "tokenise":
        return  # `can't've` loses one clitic a time, as its rule says
    once = words(text, step)
    assert words(once, step) == once
