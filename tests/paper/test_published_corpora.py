"""The sizes of the paper's corpora (section 3), as printed."""

import pytest

from textvae.paper.published import CORPORA, TABLES, corrected, published

SIZES = published("corpora")
METRICS = ("train_sentences", "valid_sentences", "test_sentences", "vocabulary_size")


def test_they_are_whole_and_of_no_model():
    assert [(f.corpus, f.metric) for f in SIZES] == [
        (corpus, metric)
        for corpus in ("yelp", "yahoo", "cbt", "wiki", "webtext")
        for metric in METRICS
    ]
    assert {(f.model, f.C, f.decoding) for f in SIZES} == {("", None, "")}
    assert corrected(SIZES) == SIZES


@pytest.mark.parametrize("figure", SIZES, ids=lambda f: f"{f.corpus}-{f.metric}")
def test_they_are_as_printed(figure):
    """192k is 192,000 and 2m two millions."""
    times = {"k": 1000, "m": 1_000_000}[figure.printed[-1]]
    assert figure.value == int(figure.printed[:-1]) * times
    assert figure.row == CORPORA[figure.corpus]
    assert figure.unit == ("words" if figure.metric == "vocabulary_size" else "sentences")


def test_a_few_by_eye():
    found = {(f.corpus, f.metric): f.printed for f in SIZES}
    assert found["cbt", "train_sentences"] == "192k"
    assert found["wiki", "valid_sentences"] == "270k"
    assert found["webtext", "test_sentences"] == "24k"
    assert found["yelp", "vocabulary_size"] == "20k"


def test_every_table_with_numbers_is_listed():
    assert {table: len(published(table)) for table in TABLES} == {
        "corpora": 20,
        "table1": 189,
        "section3_2": 4,
        "table3": 126,
        "table4": 94,
    }
