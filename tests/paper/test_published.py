"""The paper's own numbers: as printed, and as its authors correct them."""

import pytest

from textvae.paper.published import CORPORA, corrected, published
from textvae.paper.table1 import METRICS

FIGURES = published("table1")
PRINTED = {(f.corpus, f.C, f.metric): f for f in FIGURES}
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
