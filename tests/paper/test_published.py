"""The paper's own numbers: as printed, and as its authors correct them."""

import re
from collections import Counter

import pytest

from textvae.paper.exhibits.table1 import METRICS
from textvae.paper.published import CORPORA, corrected, published
from textvae.paper.syntactic_rows import ROWS

FIGURES = published("table1")
PRINTED = {(f.corpus, f.C, f.metric): f for f in FIGURES}
TABLE_3 = {(f.corpus, f.C, f.decoding, f.metric): f for f in published("table3")}
TABLE_4 = {(f.C, f.metric): f for f in published("table4")}
CORRECTED = {(f.corpus, f.C, f.metric): f for f in corrected(FIGURES)}


def test_table_1_is_whole():
    """Three corpora, C = 3, 15, 100, and all the columns, once each, in the paper's order."""
    assert list(PRINTED) == [
        (corpus, C, metric)
        for corpus in ("cbt", "wiki", "webtext")
        for C in (3, 15, 100)
        for metric in METRICS
    ]
    assert len(FIGURES) == 9 * 21
    assert {f.model for f in FIGURES} == {"lstm"}


def test_numbers_are_as_printed_but_for_the_unit():
    """D is printed divided by 100 and kept in nats; every other number is kept as it stands."""
    for figure in FIGURES:
        scale = 100 if figure.metric == "distortion_nats" else 1
        assert figure.value == pytest.approx(scale * float(figure.printed))
        assert figure.row == f"{CORPORA[figure.corpus]} C={figure.C:g}"


def test_a_few_numbers_by_eye():
    found = PRINTED["cbt", 100, "logdetcov"]
    assert (found.printed, found.value, found.column) == ("-43.82", -43.82, "LogDetCov")
    assert PRINTED["wiki", 100, "distortion_nats"].printed == ".17"
    assert PRINTED["wiki", 100, "distortion_nats"].value == 17
    assert PRINTED["wiki", 100, "bleu2_all"].value == 31.84
    assert PRINTED["webtext", 100, "rouge4_bucket1"].value == 78.79


def test_the_erratum_swaps_the_reconstruction_of_wiki_and_webtext_and_nothing_else():
    for (corpus, C, metric), figure in CORRECTED.items():
        swap = {"wiki": "webtext", "webtext": "wiki"}
        reconstruction = metric.startswith(("bleu", "rouge"))
        printed_for = swap.get(corpus, corpus) if reconstruction else corpus
        assert figure.value == PRINTED[printed_for, C, metric].value
        assert figure.row.startswith(CORPORA[printed_for])
    assert CORRECTED["wiki", 100, "bleu2_all"].value == 45.84
    assert CORRECTED["webtext", 100, "bleu2_all"].value == 31.84
    assert CORRECTED["wiki", 100, "distortion_nats"].value == 17


def test_the_erratum_undoes_itself():
    assert corrected(corrected(FIGURES)) == FIGURES


def test_with_the_erratum_a_lower_distortion_goes_with_more_overlap():
    """Why one may believe it: at C = 100 WIKI has the lowest D; it should have the best BLEU."""
    distortion, bleu = (
        {corpus: CORRECTED[corpus, 100, metric].value for corpus in ("cbt", "wiki", "webtext")}
        for metric in ("distortion_nats", "bleu2_all")
    )
    assert sorted(distortion, key=distortion.get) == sorted(bleu, key=bleu.get, reverse=True)


def test_table_3_is_whole():
    """Two decodings of three corpora; six numbers at each C, three of the test set."""
    count = Counter((corpus, C, decoding) for corpus, C, decoding, _ in TABLE_3)
    assert count == {
        (corpus, C, decoding): 3 if C is None else 6
        for corpus in ("cbt", "wiki", "webtext")
        for C in (3, 15, 100, None)
        for decoding in ("greedy", "nucleus0.9")
    }
    assert len(TABLE_3) == len(published("table3"))


def test_table_3_is_as_printed():
    """9.8k is 9800 words; 86.6(0.4) a mean and a standard deviation."""
    for (corpus, C, decoding, metric), figure in TABLE_3.items():
        found = re.fullmatch(r"([0-9.]+)(k?)(?:\(([0-9.]+)\))?", figure.printed)
        number = found[3] if metric == "fce_standard_deviation" else found[1]
        assert figure.value == pytest.approx(float(number) * (1000 if found[2] else 1))
        assert figure.row == CORPORA[corpus] + (" Test" if C is None else f" C={C:g}")
        assert figure.column.startswith("Greedy " if decoding == "greedy" else "NS(p=0.9) ")
        assert metric.startswith("test_") == (C is None)


def test_a_few_numbers_of_table_3_by_eye():
    found = {
        key: (figure.printed, figure.value)
        for key, figure in TABLE_3.items()
        if key[3] in ("vocabulary_size", "fce_nats", "fce_standard_deviation", "pairwise_bleu4")
    }
    assert found["cbt", 3, "greedy", "fce_nats"] == ("86.6(0.4)", 86.6)
    assert found["cbt", 3, "greedy", "fce_standard_deviation"] == ("86.6(0.4)", 0.4)
    assert found["wiki", 3, "greedy", "pairwise_bleu4"] == ("7.6", 7.6)
    assert found["webtext", 100, "nucleus0.9", "vocabulary_size"] == ("21.9k", 21900)
    assert TABLE_3["cbt", None, "nucleus0.9", "test_vocabulary_size"].value == 6100
    assert TABLE_3["wiki", None, "greedy", "test_unk_percent"].value == 32.7


def test_table_1_has_no_decodings():
    assert {figure.decoding for figure in FIGURES} == {""}


def test_table_4_is_whole():
    """Fifteen rows of six numbers, in the paper's order; D and R of both models from the caption.

    Barred values are printed for C = 100 alone.
    """
    printed = [(3, "p1"), (3, "p2"), *((100, p) for p in ("p1", "p2", "p1_bar", "p2_bar"))]
    assert list(TABLE_4) == [
        *((C, f"{row}.{metric}") for row in ROWS for C, metric in printed),
        *((C, metric) for C in (3, 100) for metric in ("distortion_nats", "rate_nats")),
    ]
    assert len(published("table4")) == len(TABLE_4) == 94
    assert {(f.corpus, f.model) for f in published("table4")} == {("wiki50", "lstm")}


def test_table_4_is_as_printed():
    """Shares, with two decimals but for a single 1.0, and nats without any."""
    for (C, metric), figure in TABLE_4.items():
        share = "." in metric
        assert figure.value == float(figure.printed)
        assert figure.unit == ("1" if share else "nats")
        assert not share or 0 <= figure.value <= 1
        assert re.fullmatch(r"[01]\.\d\d|1\.0" if share else r"\d+", figure.printed)
        assert figure.column.startswith(f"C={C:g} ")
        assert figure.column.endswith(" bar") == metric.endswith("_bar")


@pytest.mark.parametrize(
    ("C", "metric", "printed"),
    [
        (3, "agreement.simple.p1", "0.81"),
        (100, "agreement.simple.p1", "1.0"),
        (3, "agreement.short-vp-coordination.p2", "0.73"),
        (100, "agreement.long-vp-coordination.p1_bar", "0.55"),
        (100, "agreement.across-object-relative.p2", "0.11"),
        (100, "agreement.across-object-relative-no-that.p2", "0.09"),
        (100, "agreement.in-object-relative-no-that.p2_bar", "0.46"),
        (100, "reflexive.sentential-complement.p2", "0.00"),
        (3, "reflexive.relative-clause.p2", "0.62"),
        (100, "npi.simple.p2_bar", "0.20"),
        (3, "npi.relative-clause.p1", "0.37"),
        (3, "distortion_nats", "103"),
        (100, "rate_nats", "101"),
    ],
)
def test_a_few_numbers_of_table_4_by_eye(C, metric, printed):
    assert TABLE_4[C, metric].printed == printed


@pytest.mark.parametrize(
    ("C", "metric", "total"),
    [
        *((3, "p1", 10.20), (3, "p2", 10.06), (100, "p1", 14.63), (100, "p2", 0.99)),
        *((100, "p1_bar", 10.26), (100, "p2_bar", 5.89)),
    ],
)
def test_columns_of_table_4_add_up_to_what_they_do_on_the_page(C, metric, total):
    """Added by hand: no number slipped from its place into another column."""
    column = [TABLE_4[C, f"{row}.{metric}"].value for row in ROWS]
    assert sum(column) == pytest.approx(total)
