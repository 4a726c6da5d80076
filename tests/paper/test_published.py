"""The numbers that the paper prints, its authors' erratum, and the tolerances of ours."""

import re
from collections import Counter

import pytest

from textvae.paper import information
from textvae.paper.exhibits.table1 import METRICS
from textvae.paper.published import CORPORA, TABLES, corrected, published
from textvae.paper.syntactic_rows import ROWS
from textvae.paper.verdicts import tolerance_of, tolerances

TABLE_1 = published("table1")
ALL = [figure for table in TABLES for figure in published(table)]
BY_KEY = {(f.table, f.corpus, f.C, f.decoding, f.metric): f for f in ALL if f.model != "gru"}
PRINTED = {(f.corpus, f.C, f.metric): f for f in TABLE_1}


def test_tables_are_complete():
    count = {table: len(published(table)) for table in TABLES}
    assert count == {"corpora": 20, "table1": 189, "section3_2": 4, "table3": 126, "table4": 94}
    assert [(f.corpus, f.metric) for f in published("corpora")] == [
        (corpus, metric)
        for corpus in ("yelp", "yahoo", "cbt", "wiki", "webtext")
        for metric in ("train_sentences", "valid_sentences", "test_sentences", "vocabulary_size")
    ]
    three = ("cbt", "wiki", "webtext")
    metrics = [metric for metric in METRICS if metric not in information.METRICS]
    assert list(PRINTED) == [
        (corpus, C, metric) for corpus in three for C in (3, 15, 100) for metric in metrics
    ]
    # In Table 3 six numbers at each C, and three of the test set.
    assert Counter((f.corpus, f.C, f.decoding) for f in published("table3")) == {
        (corpus, C, decoding): 3 if C is None else 6
        for corpus in three
        for C in (3, 15, 100, None)
        for decoding in ("greedy", "nucleus0.9")
    }
    # Barred values are printed for C = 100 only; D and R are in the caption.
    pairs = [(3, "p1"), (3, "p2"), *((100, p) for p in ("p1", "p2", "p1_bar", "p2_bar"))]
    assert [(f.C, f.metric) for f in published("table4")] == [
        *((C, f"{row}.{p}") for row in ROWS for C, p in pairs),
        *((C, metric) for C in (3, 100) for metric in ("distortion_nats", "rate_nats")),
    ]
    keys = [(f.table, f.corpus, f.model, f.C, f.decoding, f.metric) for f in ALL]
    assert len(set(keys)) == len(keys)
    for figure in ALL:
        model = {"corpora": "", "section3_2": "gru"}.get(figure.table, "lstm")
        assert (figure.model, bool(figure.decoding)) == (model, figure.table == "table3")


@pytest.mark.parametrize("table", TABLES)
def test_value_is_as_printed_but_for_the_unit(table):
    """D of Table 1 is printed divided by 100; 9.8k is 9800; 86.6(0.4) is two numbers."""
    for figure in published(table):
        mean, unit, deviation = re.fullmatch(
            r"(-?[0-9]*\.?[0-9]+)([km]?)(?:\(([0-9.]+)\))?", figure.printed
        ).groups()
        number = deviation if figure.metric == "fce_standard_deviation" else mean
        scale = {"": 1, "k": 1000, "m": 1_000_000}[unit]
        if (table, figure.metric) == ("table1", "distortion_nats"):
            scale = 100
        assert figure.value == pytest.approx(scale * float(number)), figure


def test_numbers_read_by_eye_from_the_page():
    expected = {
        ("corpora", "cbt", None, "", "train_sentences"): "192k",
        ("corpora", "yelp", None, "", "vocabulary_size"): "20k",
        ("table1", "cbt", 100, "", "logdetcov"): "-43.82",
        ("table1", "webtext", 100, "", "rouge4_bucket1"): "78.79",
        ("table3", "wiki", 3, "greedy", "pairwise_bleu4"): "7.6",
        ("table3", "webtext", 100, "nucleus0.9", "vocabulary_size"): "21.9k",
        ("table3", "cbt", None, "nucleus0.9", "test_vocabulary_size"): "6.1k",
        ("table4", "wiki50", 100, "", "agreement.long-vp-coordination.p1_bar"): "0.55",
        ("table4", "wiki50", 100, "", "reflexive.sentential-complement.p2"): "0.00",
        ("table4", "wiki50", 3, "", "npi.relative-clause.p1"): "0.37",
        ("table4", "wiki50", 100, "", "rate_nats"): "101",
    }
    assert {key: BY_KEY[key].printed for key in expected} == expected


def test_columns_of_table_4_have_the_sums_of_the_page():
    """Added by hand: no number slipped into another column."""
    sums = {(3, "p1"): 10.20, (3, "p2"): 10.06, (100, "p1"): 14.63, (100, "p2"): 0.99}
    sums |= {(100, "p1_bar"): 10.26, (100, "p2_bar"): 5.89}
    for (C, metric), total in sums.items():
        column = [BY_KEY["table4", "wiki50", C, "", f"{row}.{metric}"].value for row in ROWS]
        assert sum(column) == pytest.approx(total)


def test_erratum_swaps_only_the_reconstruction_of_wiki_and_webtext():
    after = {(f.corpus, f.C, f.metric): f for f in corrected(TABLE_1)}
    for (corpus, C, metric), figure in after.items():
        swap = {"wiki": "webtext", "webtext": "wiki"}
        reconstruction = metric.startswith(("bleu", "rouge"))
        printed_for = swap.get(corpus, corpus) if reconstruction else corpus
        assert figure.value == PRINTED[printed_for, C, metric].value
        assert figure.row.startswith(CORPORA[printed_for])
    assert corrected(corrected(TABLE_1)) == TABLE_1
    assert corrected(published("corpora")) == published("corpora")
    # Then WIKI, whose D is the lowest at C = 100, has the best BLEU.
    assert max(after[corpus, 100, "bleu2_all"].value for corpus in ("cbt", "wiki", "webtext")) == (
        after["wiki", 100, "bleu2_all"].value
    )


def test_every_number_has_one_tolerance_and_every_tolerance_a_reason():
    for figure in ALL:
        assert sum(one.applies_to(figure) for one in tolerances()) == 1, figure
    for one in tolerances():
        assert any(one.applies_to(figure) for figure in ALL)
        assert one.reason


def test_tolerance_is_the_larger_of_absolute_and_relative():
    expected = {
        ("table1", "cbt", 3, "", "distortion_nats"): 3.1,  # 5% of 62 nats
        ("table1", "cbt", 3, "", "rate_nats"): 1,
        ("table1", "cbt", 3, "", "bleu2_bucket1"): 1,  # points; a tenth of 7.49 is less
        ("table1", "cbt", 100, "", "logdetcov"): 0.2 * 43.82,
        ("table3", "cbt", 3, "greedy", "vocabulary_size"): 33.5,  # a tenth of 335 words
    }
    for key, tolerance in expected.items():
        assert tolerance_of(BY_KEY[key]).at(BY_KEY[key].value) == pytest.approx(tolerance)
