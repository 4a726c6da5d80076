"""How far ours may be from the paper's numbers: each has one tolerance, with a reason."""

import re

import pytest

from textvae.paper.published import TABLES, published
from textvae.paper.verdicts import tolerance_of, tolerances

FIGURES = [figure for table in TABLES for figure in published(table)]


def test_every_printed_number_has_exactly_one():
    for figure in FIGURES:
        assert sum(one.fits(figure) for one in tolerances()) == 1, figure


def test_every_tolerance_is_of_some_number_and_has_a_reason():
    for one in tolerances():
        assert any(one.fits(figure) for figure in FIGURES)
        assert one.reason
        assert one.absolute > 0 or one.relative > 0


@pytest.mark.parametrize(
    ("table", "metric", "tolerance"),
    [
        ("table1", "distortion_nats", 3.1),  # 5% of 62 nats
        ("table1", "rate_nats", 1),
        ("table1", "active_units", 3),
        ("table4", "distortion_nats", 5.15),  # 5% of 103 nats
        ("table3", "vocabulary_size", 33.5),  # a tenth of 335 words
        ("table1", "bleu2_bucket1", 1),  # a point, as a tenth of 7.49 is less
        ("corpora", "train_sentences", 5000),
    ],
)
def test_the_first_number_of_a_metric(table, metric, tolerance):
    figure = next(one for one in published(table) if one.metric == metric)
    assert tolerance_of(figure).of(figure.value) == pytest.approx(tolerance)


def test_a_relative_tolerance_is_of_the_size_of_a_number():
    figure = next(one for one in FIGURES if one.metric == "logdetcov" and one.printed == "-43.82")
    assert tolerance_of(figure).of(figure.value) == pytest.approx(0.2 * 43.82)


def test_none_is_less_than_the_rounding_of_the_printed_number():
    for figure in FIGURES:
        if figure.printed in ("1m", "2m"):  # nobody could tell 1m from 1.4m
            continue
        last = 1.0
        if decimals := re.match(r"-?\d*\.(\d+)", figure.printed):
            last = 10.0 ** -len(decimals[1])
        scale = 1000 if figure.printed.endswith("k") else 1
        if figure.metric == "distortion_nats" and figure.table == "table1":
            scale = 100
        assert tolerance_of(figure).of(figure.value) >= scale * last / 2, figure
