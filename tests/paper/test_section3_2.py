"""Section 3.2 from measurements: the KL of the aggregated posterior, its bias, and the paper's."""

import csv
import io

from textvae.cells import Cell
from textvae.paper.exhibits.section3_2 import METRICS, section3_2, section3_2_csv
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.rows import rows_of


def cell(values: dict, corpus="yelp", model="gru", C=100.0, seed=1, sentences=10000):
    return [
        Measured(Cell(corpus, model, C, seed), "any", "test", sentences, metric, value)
        for metric, value in values.items()
    ]


def gaussian(KL: float, R: float = 100.0) -> dict:
    """64 dimensions and 10,000 sentences: a bias of 64 * 67 / 40,000."""
    return {"moment_matched_kl": KL, "moment_matched_kl_bias": 0.1072, "rate_nats": R}


def texts(table) -> list[list[str]]:
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def test_a_line_for_each_corpus_and_c_in_the_papers_order():
    measured = [
        *cell(gaussian(8.25), C=100.0),
        *cell(gaussian(0.13, R=5.04), C=5.0),
        *cell(gaussian(5.5), corpus="yahoo"),
    ]
    assert texts(section3_2(rows_of(measured), "Caption")) == [
        ["Yahoo", "100", "100.0", "5.50", "0.11", "10000", "5"],
        ["Yelp", "5", "5.0", "0.13", "0.11", "10000", "0"],
        ["", "100", "100.0", "8.25", "0.11", "10000", "8"],
    ]


def test_several_seeds_are_a_mean_and_a_deviation():
    """8 and 9 deviate by 0.71 from 8.5; the bias and N do not depend on the seed."""
    measured = cell(gaussian(8)) + cell(gaussian(9), seed=2)
    table = section3_2(rows_of(measured), "Caption")
    mean, deviation = texts(table)
    assert mean == ["Yelp", "100", "100.0", "8.50", "0.11", "10000", "8"]
    assert deviation == ["", "", "±0.0", "±0.71", "", "", ""]
    assert "Means over 2 seeds, with the standard deviation over seeds below." in table.notes


def test_n_is_that_of_the_codes():
    """R may be of other sentences than the KL."""
    measured = cell(gaussian(8), sentences=500) + cell({"distortion_nats": 300.0})
    [line] = texts(section3_2(rows_of(measured), "Caption"))
    assert line[5] == "500"


def test_what_is_missing_is_a_dash():
    """Not measured, or not defined (too few sentences), or a cell that the paper has not."""
    measured = [
        *cell({"rate_nats": 5.0}, C=5.0),
        *cell(gaussian(8) | {"moment_matched_kl": None}, C=100.0),
        *cell(gaussian(4), C=50.0),
    ]
    assert texts(section3_2(rows_of(measured), "Caption")) == [
        ["Yelp", "5", "5.0", "–", "–", "–", "0"],
        ["", "50", "100.0", "4.00", "0.11", "10000", "–"],
        ["", "100", "100.0", "–", "0.11", "10000", "8"],
    ]


def test_csv_has_ours_beside_the_papers():
    rows = rows_of(cell(gaussian(8.25) | {"logdetcov": -7.0}))
    records = {r["metric"]: r for r in csv.DictReader(io.StringIO(section3_2_csv(rows)))}
    assert list(records) == [*METRICS, "logdetcov"]
    assert records["moment_matched_kl"] == {
        "corpus": "yelp",
        "model": "gru",
        "C": "100",
        "metric": "moment_matched_kl",
        "ours": "8.25",
        "seeds": "1",
        "standard_deviation": "",
        "sentences": "10000",
        "paper": "8",
        "difference": "0.25",
    }
    assert records["rate_nats"]["paper"] == ""


def test_the_papers_four_numbers():
    """Yelp: 0, Yahoo: 0 at C = 5; Yelp: 8, Yahoo: 5 at C = 100; all of the GRU."""
    figures = published("section3_2")
    assert {(f.corpus, f.C): f.value for f in figures} == {
        ("yelp", 5): 0,
        ("yahoo", 5): 0,
        ("yelp", 100): 8,
        ("yahoo", 100): 5,
    }
    for figure in figures:
        assert (figure.model, figure.metric) == ("gru", "moment_matched_kl")
        assert figure.value == float(figure.printed)
        assert (figure.unit, figure.table) == ("nats", "section3_2")
