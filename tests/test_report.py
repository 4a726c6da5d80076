"""The form of a measurement on the disk."""

import json
import math

import numpy as np

from textvae.cells import Cell
from textvae.io import write_json
from textvae.measurements.report import report
from textvae.paper.measurements import read_measurement
from textvae.settings import Settings as Base

CELL = Cell("cbt", "lstm", 15.0, 1)


class Settings(Base):
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


class NoSettings(Base):
    """Of a measurement that can be made in one way only."""


def test_a_path_that_is_no_text_is_spelt(tmp_path):
    """The name of a file may have any bytes in it."""
    content = report(CELL, "posterior", "a\udcff\n.txt", 300, Settings(), {"active_units": 8}, {})
    assert content["split"] == r"a\udcff\n.txt"
    write_json(tmp_path / "posterior.json", content)
    assert read_measurement(tmp_path / "posterior.json")[0].split == r"a\udcff\n.txt"


def told_of_text(values, **notes):
    whose = {"decoding": "nucleus0.9", "copy": 2}
    return report(CELL, "fce", "test", 12, NoSettings(), values, notes, **whose)


def test_of_generated_text_it_says_how_it_was_decoded_and_which_copy_it_is(tmp_path):
    content = told_of_text({"fce_nats": 80.5})
    assert content == {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1},
        "decoding": "nucleus0.9",
        "copy": 2,
        "measurement": "fce",
        "split": "test",
        "sentences": 12,
        "settings": {},
        "values": {"fce_nats": 80.5},
        "notes": {},
    }
    write_json(tmp_path / "fce.json", content)
    (row,) = read_measurement(tmp_path / "fce.json")
    assert (row.cell, row.decoding, row.copy) == (CELL, "nucleus0.9", 2)
    assert (row.metric, row.value) == ("fce_nats", 80.5)


def test_of_the_model_itself_there_is_neither_decoding_nor_copy():
    assert not {"decoding", "copy"} & set(told({"active_units": 8}))


def test_a_reason_that_is_known_is_given():
    content = told_of_text({"kn5_fce_nats": None, "excess": math.nan}, kn5_fce_nats="not built")
    assert content["values"] == {"kn5_fce_nats": None, "excess": None}
    assert content["notes"] == {
        "kn5_fce_nats": "not built",
        "excess": "not defined on these sentences",
    }


def test_replicates_stand_beside_the_values_rounded():
    replicates = {"fce_nats": np.array([80.51234567, 80.4]), "kn5_fce_nats": np.array([1.0, 2.0])}
    values = {"fce_nats": 80.5, "kn5_fce_nats": None, "bootstrap": replicates}
    content = told_of_text(values)
    assert content["values"] == {"fce_nats": 80.5, "kn5_fce_nats": None}
    # What is null has none.
    assert content["bootstrap"] == {"fce_nats": [80.5123, 80.4]}
    assert "bootstrap" not in told_of_text({"fce_nats": 80.5, "bootstrap": {}})
