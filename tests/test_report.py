"""The form of a measurement on the disk."""

import json
import math
from dataclasses import dataclass

from textvae.cells import Cell
from textvae.report import report
from textvae.files import write_json
from textvae.paper.measurements import read_measurement

CELL = Cell("cbt", "lstm", 15.0, 1)


@dataclass(frozen=True)
class Settings:
    draws: int = 5


def told(values, **notes):
    return report(CELL, "posterior", "test", 300, Settings(), values, notes)


def test_whose_of_what_how_and_the_numbers():
    assert told({"active_units": 8, "logdetcov": -0.5}) == {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1},
        "measurement": "posterior",
        "split": "test",
        "sentences": 300,
        "settings": {"draws": 5},
        "values": {"active_units": 8, "logdetcov": -0.5},
        "notes": {},
    }


def test_what_is_no_number_is_null_and_says_so():
    values = {"a": math.nan, "b": None, "c": math.inf, "d": -math.inf, "e": 0.0}
    content = told(values, blank_lines="2 left out")
    assert content["values"] == {"a": None, "b": None, "c": None, "d": None, "e": 0.0}
    why = "not defined on these sentences"
    assert content["notes"] == {"blank_lines": "2 left out", **dict.fromkeys("abcd", why)}
    json.dumps(content, allow_nan=False)


def test_gathering_reads_it(tmp_path):
    write_json(tmp_path / "posterior.json", told({"logdetcov": math.nan, "active_units": 8}))
    rows = read_measurement(tmp_path / "posterior.json")
    assert {row.metric: row.value for row in rows} == {"logdetcov": None, "active_units": 8}
    assert {(row.cell, row.split, row.sentences) for row in rows} == {(CELL, "test", 300)}
