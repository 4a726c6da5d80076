"""The rules that split WebText into sentences and words, each by what it does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.normalisation import plain_punctuation, split_sentences, tokenise


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Really?! 40 came.", ["Really?!", "40 came."]),
        ('"Go." (He went.) "And?"', ['"Go."', "(He went.)", '"And?"']),
        ("Wait... what is it", ["Wait... what is it"]),
        ("Wait... What is it", ["Wait...", "What is it"]),
        ("Mr. Smith met J. R. Jones of the U.S. Army.", None),
        ("at 5.1 or v. 2 of it", None),
        ("no period\nnext line\n\n  \nlast", ["no period", "next line", "last"]),
        ("", []),
        (" \n ", []),
        (" two   spaces. Here\tone.", ["two spaces.", "Here one."]),
        ("Été. Être.", ["Été.", "Être."]),
    ],
)
def test_sentences(text: str, sentences: list[str] | None) -> None:
    assert list(split_sentences(text)) == ([text] if sentences is None else sentences)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world!", "Hello , world !"),
        ("I don't; she's, they'll, CAN'T", "I do n't ; she 's , they 'll , CA N'T"),
        ("the dogs' rock'n'roll o'clock", "the dogs ' rock'n'roll o'clock"),
        ("a 54-year-old at 5:28 for $1,000.50", "a 54-year-old at 5:28 for $ 1,000.50"),
        ("Mr. Smith of the U.S. etc.", "Mr. Smith of the U.S. etc."),
        ("the end.", "the end ."),
        ("see https://a.org/b?c=d, or www.e.org.", "see https://a.org/b?c=d , or www.e.org ."),
        ("what...?? -- yes", "what ... ?? -- yes"),
        ("“Curly” ‘quotes’ – and…", "\" Curly \" ' quotes ' -- and ..."),
        ("soft\u00adhyphen \u200bno width", "softhyphen no width"),
        ("an <unk> word < b >", "an <unk> word < b >"),
        ("naïve 東京", "naïve 東京"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert tokenise(text) == words


@settings(deadline=None)
@given(st.text())
def test_words_lose_nothing_but_space(text: str) -> None:
    """The words, joined, are the text without white space: no rule drops or invents anything."""
    assert tokenise(text).replace(" ", "") == "".join(plain_punctuation(text).split())


@settings(deadline=None)
@given(st.text())
def test_sentences_lose_nothing_but_space(text: str) -> None:
    sentences = list(split_sentences(text))
    assert " ".join(sentences).split() == text.split()
    assert all(sentences)


@settings(deadline=None)
@given(st.text())
def test_plain_punctuation_once_is_enough(text: str) -> None:
    assert plain_punctuation(plain_punctuation(text)) == plain_punctuation(text)


@pytest.mark.parametrize("unit", ["a", "1.", "'", "http://!", "a-", "-", "(", "?", "www.", ".a"])
def test_a_hostile_line_takes_no_longer_than_it_is_long(unit: str) -> None:
    text = unit * 200_000
    assert len(tokenise(text)) >= len(text)
    assert len(list(split_sentences(text))) == 1
