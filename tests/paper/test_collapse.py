"""The controls against collapse: the table's lines, what its notes report, and its CSV."""

import csv
import io

from textvae.cells import Cell
from textvae.paper.descriptions import ModelConfig
from textvae.paper.exhibits.collapse import collapse, collapse_csv, join
from textvae.paper.measurements import Measured
from textvae.paper.rows import rows_of

ELBO = ModelConfig("lstm", "lstm", "elbo", 1.0)
KL = ModelConfig("lstm", "lstm", "rate-target", 1.0)
HALF = ModelConfig("lstm", "lstm", "rate-target", 0.5)

LIVE = {
    "distortion_nats": 52.94,
    "rate_nats": 15.1,
    "mutual_information_nats": 8.4,
    "active_units": 29,
    "slope": 0.523,
    "slope_standard_error": 0.012,
}
DEAD = {
    "distortion_nats": 62.0,
    "rate_nats": 0.004,
    "mutual_information_nats": 0.001,
    "active_units": 0,
    "slope": None,
    "slope_standard_error": None,
}


def controls(*cells):
    """From (corpus/model/C/seed, config, values) of each cell."""
    measured = [
        Measured(Cell.parse(name), "any", "test", 100, metric, value)
        for name, _, values in cells
        for metric, value in values.items()
    ]
    return join(rows_of(measured), {Cell.parse(name): config for name, config, _ in cells})


def texts(table) -> list[list[str]]:
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def records(found) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(collapse_csv(found))))


def notes(*cells) -> tuple[str, ...]:
    return collapse(controls(*cells), "Caption").notes


def test_lines():
    """The slope of a collapsed code is null, the mutual information of the last not measured."""
    unmeasured = {k: v for k, v in LIVE.items() if k != "mutual_information_nats"}
    found = controls(
        ("cbt/lstm/C15/seed1", KL, LIVE),
        ("cbt/lstm/C0/seed1", KL, DEAD),
        ("cbt/elbo/C7/seed1", ELBO, DEAD),
        ("cbt/half/C15/seed1", HALF, LIVE | {"rate_nats": 17.0}),
        ("cbt/cnn/C15/seed1", ModelConfig("lstm", "cnn", "rate-target", 1.0), LIVE),
        ("yelp/lstm/C15/seed1", KL, unmeasured),
    )
    table = collapse(found, "Caption")
    assert texts(table) == [
        ["CBT", "LSTM-LSTM", "ELBO", "1", "", "62.0", "0.0", "0.0", "0", "–"],
        ["", "", "|R − C|", "1", "0", "62.0", "0.0", "0.0", "0", "–"],
        ["", "", "|R − C|", "0.5", "15", "52.9", "17.0*", "8.4", "29", "0.52"],
        ["", "", "|R − C|", "1", "15", "52.9", "15.1", "8.4", "29", "0.52"],
        ["", "LSTM-CNN", "|R − C|", "1", "15", "52.9", "15.1", "8.4", "29", "0.52"],
        ["Yelp", "LSTM-LSTM", "|R − C|", "1", "15", "52.9", "15.1", "–", "29", "0.52"],
    ]
    assert [len(block) for block in table.blocks] == [5, 1]
    assert len(table.columns) == 10


def test_several_seeds_are_means_and_deviations_and_one_off_its_c_marks_them():
    """15.1 and 16.7: a mean of 15.9 is within a nat of 15, and 16.7 is not."""
    found = controls(
        ("cbt/lstm/C15/seed1", KL, LIVE),
        ("cbt/lstm/C15/seed2", KL, LIVE | {"rate_nats": 16.7, "active_units": 30}),
    )
    table = collapse(found, "Caption")
    mean, deviation = texts(table)
    assert mean[6:9] == ["15.9*", "8.4", "29.5"]
    assert deviation[4:9] == ["", "±0.0", "±1.1", "±0.0", "±0.7"]
    assert "Means over 2 seeds, with the standard deviation over seeds below." in table.notes
    [note] = [note for note in table.notes if note.startswith("* R ended outside")]
    assert "in 1 of the 2 cells that have a C: CBT LSTM-LSTM seed 2, C = 15" in note


def test_a_cell_off_its_c_is_told_with_slope_and_beta():
    found = notes(
        ("cbt/half/C15/seed1", HALF, LIVE | {"rate_nats": 17.04, "slope": 0.487}),
        ("cbt/lstm/C15/seed1", KL, LIVE),
        ("cbt/lstm/C3/seed1", KL, DEAD),
        ("cbt/elbo/C0/seed1", ELBO, LIVE),
    )
    assert (
        "* R ended outside C − 1 ... C + 1 in 2 of the 3 cells that have a C: CBT LSTM-LSTM, "
        "C = 3, β = 1: R = 0.0, −dD/dR unknown; CBT LSTM-LSTM, C = 15, β = 0.5: R = 17.0, "
        "−dD/dR = 0.49 ± 0.01. Where training has come to rest, −dD/dR of the training split is β "
        "if R > C, −β if R < C, and between the two if R = C."
    ) in found


def test_where_all_kept_their_c_the_note_says_so():
    found = notes(("cbt/lstm/C15/seed1", KL, LIVE), ("cbt/elbo/C0/seed1", ELBO, DEAD))
    assert "R ended from C − 1 to C + 1 in each of the 1 cells that have a C." in found


def test_what_collapsed_is_told_by_objective():
    found = notes(
        ("cbt/lstm/C0/seed1", KL, DEAD),
        ("cbt/elbo/C0/seed1", ELBO, DEAD),
        ("yelp/elbo/C0/seed1", ELBO, LIVE),
        ("yelp/elbo/C0/seed2", ELBO, DEAD),
        ("cbt/lstm/C15/seed1", KL, LIVE | {"active_units": 0}),
    )
    assert (
        "The code collapsed (AU = 0) in 4 of 5 cells. ELBO, β = 1: CBT LSTM-LSTM, Yelp LSTM-LSTM "
        "seed 2; C = 0, β = 1: CBT LSTM-LSTM; C = 15, β = 1: CBT LSTM-LSTM."
    ) in found


def test_that_nothing_collapsed_is_told_too():
    """Also of the ELBO, which is not assumed to."""
    found = notes(("cbt/elbo/C0/seed1", ELBO, LIVE), ("cbt/lstm/C15/seed1", KL, LIVE))
    assert "The code collapsed (AU = 0) in none of 2 cells." in found


def test_of_what_was_not_measured_nothing_is_told():
    found = notes(("cbt/lstm/C15/seed1", KL, {"distortion_nats": 60.0}))
    assert not any("collapsed" in note or "ended" in note for note in found)


def test_c_0_is_said_to_be_the_elbo_where_there_is_one():
    said = "At C = 0 and the same β, D + β|R − C| is the ELBO, because R ≥ 0."
    assert said in notes(("cbt/lstm/C0/seed1", KL, DEAD))
    # The C in the name of an ELBO's cell is no target.
    assert said not in notes(("cbt/elbo/C0/seed1", ELBO, DEAD))


def test_csv():
    found = controls(
        ("cbt/lstm/C15/seed1", KL, LIVE),
        ("cbt/lstm/C15/seed2", KL, LIVE | {"distortion_nats": 53.94, "rate_nats": 13.9}),
        ("cbt/elbo/C0/seed1", ELBO, DEAD),
    )
    elbo, lstm = records(found)
    assert elbo == {
        "corpus": "cbt",
        "model": "elbo",
        "C": "0",
        "architecture": "LSTM-LSTM",
        "objective": "elbo",
        "beta": "1",
        "seeds": "1",
        "distortion_nats": "62",
        "distortion_sd": "",
        "rate_nats": "0.004",
        "rate_sd": "",
        "mutual_information_nats": "0.001",
        "mutual_information_sd": "",
        "active_units": "0",
        "active_units_sd": "",
        "slope": "",
        "slope_sd": "",
        "slope_standard_error": "",
        "rate_on_target": "",
        "collapsed": "true",
    }
    assert (lstm["seeds"], lstm["distortion_nats"]) == ("2", "53.44")
    assert float(lstm["distortion_sd"]) == 0.5**0.5
    assert (lstm["slope"], lstm["slope_sd"]) == ("0.523", "0")
    assert lstm["slope_standard_error"] == "0.012"
    # One of the two seeds is not on it.
    assert (lstm["rate_on_target"], lstm["collapsed"]) == ("false", "false")


def test_csv_of_what_is_not_known_is_blank():
    [record] = records(controls(("cbt/lstm/C15/seed1", KL, {"distortion_nats": 60.0})))
    assert (record["rate_on_target"], record["collapsed"], record["rate_nats"]) == ("", "", "")


def test_a_code_that_says_next_to_nothing_is_told_though_units_are_active():
    """R is kept at 5 and one unit is active, and the sentence is not told by 0.1 nats."""
    silent = LIVE | {"rate_nats": 5.0, "active_units": 1, "mutual_information_nats": 0.1}
    # What N sentences can show is log N: 7 nats out of 100 are not next to nothing.
    saturated = LIVE | {
        "rate_nats": 100.0,
        "mutual_information_nats": 7.0,
        "log_sentences": 7.6,
    }
    cells = [("cbt/lstm/C5/seed1", KL, silent), ("cbt/lstm/C100/seed1", KL, saturated)]
    [note] = [note for note in notes(*cells) if note.startswith("The code has active units")]
    assert note.endswith("allow, in: CBT LSTM-LSTM, C = 5, β = 1.")
    assert not any("active units, but" in note for note in notes(cells[1]))
