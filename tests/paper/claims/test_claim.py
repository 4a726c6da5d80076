"""Bounds, statistics, the evidence that claims read, and claims of extensions."""

import os
import subprocess
import sys

import pytest
from made_up import claim, evidence, levels, union

from textvae.paper.claims.claim import above, at_least, at_most, below, catalogue, within
from textvae.paper.claims.evidence import MeasurementKey


@pytest.mark.parametrize(
    ("bound", "inside", "outside", "margin", "text"),
    [
        (below(-0.5), -0.500001, -0.5, 0, "< −0.5"),
        (above(30), 30.1, 30, 0, "> 30"),
        (at_most(1), 1, 1.001, -0.001, "≤ 1"),
        (at_least(0.8), 0.8, 0.79, -0.01, "≥ 0.8"),
        # In floats 0.8 - 0.7 is more than 0.1, and 0.3 - 0.2 is less.
        (at_most(0.1), 0.8 - 0.7, 0.3, -0.2, "≤ 0.1"),
        (at_least(0.1), 0.3 - 0.2, 0, -0.1, "≥ 0.1"),
        (above(0.1), 0.2, 0.8 - 0.7, 0, "> 0.1"),
        (below(0.1), 0, 0.3 - 0.2, 0, "< 0.1"),
        *(
            (within(1), inside, outside, -0.5, "within ±1")
            for inside, outside in ((-1, 1.5), (1, -1.5))
        ),
    ],
)
def test_bound_is_met_on_one_side(bound, inside, outside, margin, text):
    assert (bound.met(inside), bound.met(outside)) == (True, False)
    assert bound.margin(outside) == pytest.approx(margin)
    assert str(bound) == text


def test_statistic_has_the_keys_read_for_each_location():
    """A location without any has those of the one before."""

    @claim(bound=above(0))
    def reads(numbers):
        (series,) = numbers.series()
        yield "none", 7.0
        yield "first", series.at(3, "rate_nats")
        yield "same", 2.0
        yield "second", series.at(15, "rate_nats")

    numbers = evidence(levels("rate_nats")([1, 4, 9]))
    numbers.series()[0].at(100, "rate_nats")  # before the claim
    first, second = ({MeasurementKey("cbt", "lstm", C, "", "rate_nats")} for C in (3, 15))
    expected = {"none": (7, set()), "first": (1, first), "same": (2, first), "second": (4, second)}
    statistics = reads.statistics(numbers)
    assert {name: (one.value, set(one.keys)) for name, one in statistics.items()} == expected

    twice = claim(bound=above(0))(lambda numbers: [("here", 1.0), ("here", -1.0)])
    with pytest.raises(ValueError, match=r" here "):
        twice.statistics(evidence({}))


NUMBERS = union(
    [
        *(levels("rate_nats", 100, 3, 15), levels("fce_nats", 3, 15, decoding="top15")),
        levels("fce_nats", 3, decoding="greedy"),
        levels("fce_nats", 3, model="lstm-beta2", decoding="greedy"),
        levels("rate_nats", 20, model="lstm-beta2"),
        # Neither the ELBO, which has no C, nor C = 0, which aims at collapse.
        *(levels("rate_nats", 20, model="lstm-elbo"), levels("rate_nats", 0, model="gru")),
        *(levels("rate_nats", 0.5, corpus=corpus) for corpus in ("mine", "webtext")),
        # Nor a control with the paper's objective.
        levels("rate_nats", 15, model="lstm-constant"),
    ],
    *([99, 3, 15], [86, 52], [9], [9], [20], [7], [0], [1], [1], [15]),
)


def test_series_are_selected_and_sorted():
    """By objective, beta and decoding; in the order of the paper's corpora and decodings."""

    def titles(several):
        return [series.title for series in several]

    numbers = evidence(NUMBERS)
    assert titles(numbers.series()) == ["cbt, lstm", "webtext, lstm", "mine, lstm"]
    assert titles(numbers.series("greedy")) == ["cbt, lstm, greedy"]
    assert titles(numbers.generated()) == ["cbt, lstm, greedy", "cbt, lstm, top-15"]
    assert titles(numbers.other_betas()) == ["cbt, lstm-beta2"]
    assert titles(numbers.methods())[:5] == [
        f"cbt, {model}" for model in ("gru", "lstm", "lstm-beta2", "lstm-constant", "lstm-elbo")
    ]


def test_steps_and_span_follow_rising_C():
    numbers = evidence(NUMBERS)
    series, short, _ = numbers.series()
    steps = [(step.location, step.change) for step in series.steps("rate_nats")]
    assert steps == [("cbt, lstm, C = 3 → 15", 12), ("cbt, lstm, C = 15 → 100", 84)]
    span = series.span("rate_nats")
    assert (span.location, span.change) == ("cbt, lstm, C = 3 → 100", 96)
    assert short.span("rate_nats") is None
    assert list(short.steps("rate_nats")) == list(series.steps("active_units")) == []
    assert series.location(2.5) == "cbt, lstm, C = 2.5"
    assert (series.sizes["vocabulary_size"], numbers.series()[2].sizes) == (12000, {})


def test_keys_are_recorded_when_they_are_read():
    numbers = evidence(NUMBERS)
    series = numbers.series()[0]
    key = MeasurementKey("cbt", "lstm", 3, "", "rate_nats")
    series.levels("rate_nats")
    assert series.at(3, "rate_nats") == 3
    assert (numbers.consumed_keys(), numbers.consumed_keys()) == ({key}, set())
    steps = series.steps("rate_nats")
    for C in ((3, 15), (15, 100)):
        next(steps)
        assert numbers.consumed_keys() == {
            MeasurementKey("cbt", "lstm", one, "", "rate_nats") for one in C
        }


def test_rows_of_pairs_are_context():
    numbers = evidence(union([levels(f"{row}.p1", 3) for row in "ba"], [1], [1]))
    assert numbers.series()[0].syntactic_rows() == ["a", "b"]
    assert (numbers.context, numbers.consumed_keys()) == ({"a.p1", "b.p1"}, set())


EXTENSION = """
from textvae.paper.claims.claim import above
from textvae.registry import CLAIMS

@CLAIMS.register("rates", summary="Rates.", section="3.1", statistic="R", bound=above(0))
def rates(evidence):
    for series in evidence.series():
        if 3 in series.levels("rate_nats"):
            yield series.title, series.at(3, "rate_nats")
"""
RUN = """
import sys
from textvae.errors import InputError
from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import decide_as_printed
from textvae.paper.claims.printed import printed
try:
    for claim in catalogue():
        decision = decide_as_printed(claim, printed())
        print(claim.section, claim.name, claim.summary, claim.statistic, decision.verdict, sep="|")
except InputError as error:
    sys.exit(str(error))
"""


def run_with(tmp_path, old, new):
    """Decide all claims, with one of an extension in which a text is replaced."""
    path = tmp_path / "rates.py"
    path.write_text(EXTENSION.replace(old, new))
    variables = {"TEXTVAE_EXTENSIONS": str(path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command, env = [sys.executable, "-c", RUN], os.environ | variables
    return subprocess.run(command, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(("section", "following"), [("3.1", "footnote 3"), ("9", None)])
def test_claim_of_an_extension_is_last_of_its_section(tmp_path, section, following):
    """Sections without claims of the package are last."""
    lines = run_with(tmp_path, '"3.1"', f'"{section}"').stdout.splitlines()
    assert len(lines) == len(catalogue()) + 1
    sections = [line.split("|")[0] for line in lines]
    last = sections.index(following) - 1 if following else -1
    assert lines[last] == f"{section}|rates|Rates.|R|holds"


def test_claim_without_a_bound_is_refused(tmp_path):
    message = run_with(tmp_path, ", bound=above(0)", "").stderr
    assert message.startswith(f"{tmp_path / 'rates.py'}: ")
    assert ("'rates'" in message, "bound=" in message) == (True, True)
