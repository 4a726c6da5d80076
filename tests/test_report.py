"""The JSON of a measurement, and that gathering reads it."""

import json
import math

import numpy as np

from textvae.cells import Cell
from textvae.io import write_json
from textvae.measurements.report import report
from textvae.paper.gathering import read_measurement
from textvae.settings import Settings

CELL = Cell("cbt", "lstm", 15.0, 1)
UNDEFINED = "not defined on these sentences"


class Draws(Settings):
    draws: int = 5


def written(values, split="test", notes=None, **subject):
    return report(CELL, "posterior", split, 300, Draws(), values, notes or {}, **subject)


def test_report_has_cell_subject_settings_and_values(tmp_path):
    values = {"fce_nats": 80.5, "active_units": 8}
    expected = {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1},
        "measurement": "posterior",
        "split": "test",
        "sentences": 300,
        "settings": {"draws": 5},
        "values": values,
        "notes": {},
    }
    assert written(values) == expected
    content = written(values, decoding="nucleus0.9", copy=2)
    assert content == expected | {"decoding": "nucleus0.9", "copy": 2}
    write_json(tmp_path / "posterior.json", content)
    rows = read_measurement(tmp_path / "posterior.json")
    assert {row.metric: row.value for row in rows} == values
    assert {(row.cell, row.decoding, row.copy) for row in rows} == {(CELL, "nucleus0.9", 2)}
    assert {(row.split, row.sentences) for row in rows} == {("test", 300)}
    # An unprintable file name is escaped.
    write_json(tmp_path / "own.json", written(values, "a\udcff\n.txt"))
    assert read_measurement(tmp_path / "own.json")[0].split == r"a\udcff\n.txt"


def test_undefined_values_are_null_with_a_note(tmp_path):
    values = {"a": math.nan, "b": None, "c": math.inf, "d": -math.inf, "e": 0.0, "f": None}
    content = written(values, notes={"blank_lines": "2 left out", "f": "not built"})
    assert content["values"] == {**dict.fromkeys("abcdf"), "e": 0.0}
    undefined = dict.fromkeys("abcd", UNDEFINED)
    assert content["notes"] == {"blank_lines": "2 left out", "f": "not built", **undefined}
    json.dumps(content, allow_nan=False)
    write_json(tmp_path / "posterior.json", content)
    read = {row.metric: row.value for row in read_measurement(tmp_path / "posterior.json")}
    assert read == content["values"]


def test_replicates_are_rounded_and_left_out_for_null_values():
    replicates = {"fce_nats": np.array([80.51234567, 80.4]), "kn5_fce_nats": np.array([1.0, 2.0])}
    content = written({"fce_nats": 80.5, "kn5_fce_nats": None, "bootstrap": replicates})
    assert content["values"] == {"fce_nats": 80.5, "kn5_fce_nats": None}
    assert content["bootstrap"] == {"fce_nats": [80.5123, 80.4]}
    assert "bootstrap" not in written({"fce_nats": 80.5, "bootstrap": {}})
