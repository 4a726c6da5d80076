"""Bounds, the statistic of a claim, and claims of extensions."""

import csv
import os
import subprocess
import sys

import pytest
from made_up import claim, evidence, levels

from textvae.paper.claims.claim import above, at_least, at_most, below, catalogue
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
    numbers.series()[0].at(100, "rate_nats")  # before the claim is asked
    first, second = ({MeasurementKey("cbt", "lstm", C, "", "rate_nats")} for C in (3, 15))
    expected = {"none": (7, set()), "first": (1, first), "same": (2, first), "second": (4, second)}
    found = reads.statistics(numbers)
    assert {name: (one.value, set(one.keys)) for name, one in found.items()} == expected

    twice = claim(bound=above(0))(lambda numbers: [("here", 1.0), ("here", -1.0)])
    with pytest.raises(ValueError, match=r" here "):
        twice.statistics(evidence({}))


EXTENSION = """
from textvae.paper.claims.claim import above
from textvae.registry import CLAIMS

@CLAIMS.register(
    "rates-are-positive",
    summary="Every rate is positive.",
    section="3.1",
    statistic="R, nats",
    bound=above(0),
)
def rates_are_positive(evidence):
    for series in evidence.series():
        for C, rate in series.over_C("rate_nats").items():
            yield series.location(C), rate
"""
RUN = """
from textvae.errors import InputError
from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import decide_as_printed
from textvae.paper.claims.samples import printed
from textvae.paper.exhibits.claims import claims_csv
try:
    print(claims_csv([(decide_as_printed(claim, printed()),) * 2 for claim in catalogue()]))
except InputError as error:
    print(error)
"""


@pytest.fixture
def run_with(tmp_path):
    """Run code with a text as an extension; return its path and the output."""

    def run(text):
        path = tmp_path / "positive.py"
        path.write_text(text)
        variables = {"TEXTVAE_EXTENSIONS": str(path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        ended = subprocess.run(
            [sys.executable, "-c", RUN], env=os.environ | variables, capture_output=True, text=True
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return path, ended.stdout

    return run


@pytest.mark.parametrize(("section", "following"), [("3.1", "footnote 3"), ("9", None)])
def test_claim_of_an_extension_is_last_of_its_section(run_with, section, following):
    """Sections without claims of the package are last."""
    _, text = run_with(EXTENSION.replace('"3.1"', f'"{section}"'))
    records = list(csv.DictReader(text.splitlines()))
    assert len(records) == len(catalogue()) + 1
    sections = [record["section"] for record in records]
    found = records[sections.index(following) - 1 if following else -1]
    assert (found["claim"], found["says"]) == ("rates-are-positive", "Every rate is positive.")
    assert (found["bound"], found["verdict"], found["value"]) == ("> 0", "holds", "3")
    assert found["place"] == "cbt, lstm, C = 3"


def test_claim_without_a_bound_is_refused(run_with):
    path, message = run_with(EXTENSION.replace("    bound=above(0),\n", ""))
    assert message.startswith(f"{path}: ")
    assert ("'rates-are-positive'" in message, "bound=" in message) == (True, True)
