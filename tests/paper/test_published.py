"""The paper's own numbers: as printed, and as its authors correct them."""

import re
from collections import Counter

import pytest

from textvae.paper.published import CORPORA, corrected, published
from textvae.paper.table1 import METRICS

FIGURES = published("table1")
PRINTED = {(f.corpus, f.C, f.metric): f for f in FIGURES}
TABLE_3 = {(f.corpus, f.C, f.decoding, f.metric): f for f in published("table3")}
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
