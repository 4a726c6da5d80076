"""Controls against posterior collapse: their order, the table's lines and notes, and the CSV."""

import json
from dataclasses import replace

import pytest
from reading import measure, records, texts

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import ModelConfig
from textvae.paper.exhibit import Inputs
from textvae.paper.exhibits.collapse import collapse, collapse_csv, join, render
from textvae.paper.measurements import to_csv
from textvae.paper.rows import rows_of

ELBO = ModelConfig("lstm", "lstm", "elbo", 1.0)
LSTM = ModelConfig("lstm", "lstm", "rate-target", 1.0)
HALF = ModelConfig("lstm", "lstm", "rate-target", 0.5)
GRU = ModelConfig("gru", "gru", "rate-target", 1.0)
CNN = ModelConfig("lstm", "cnn", "rate-target", 1.0)

LIVE = {"distortion_nats": 52.94, "rate_nats": 15.1, "mutual_information_nats": 8.4}
LIVE |= {"mutual_information_upper_nats": 9.1, "iw_nll_nats": 60.04}
LIVE |= {"active_units": 29, "slope": 0.523, "slope_standard_error": 0.012}
DEAD = {"distortion_nats": 62.0, "rate_nats": 0.004, "mutual_information_nats": 0.001}
DEAD |= {"mutual_information_upper_nats": 0.002, "iw_nll_nats": 61.96}
DEAD |= {"active_units": 0, "slope": None, "slope_standard_error": None}


def controls(*cells):
    """Return the controls of cells given as (corpus/model/C/seed, config, values)."""
    measured, configs = [], {}
    for name, config, values in cells:
        cell = Cell.parse(f"{name}/seed1" if "seed" not in name else name)
        measured += measure(values, *(cell.corpus, cell.model, cell.C, cell.seed))
        configs[cell] = config
    return join(rows_of(measured), configs)


def notes(*cells) -> tuple[str, ...]:
    return collapse(controls(*cells), "Caption").notes


def test_every_cell_needs_one_config_that_all_seeds_share():
    first, second = Cell("cbt", "lstm", 15, 1), Cell("cbt", "lstm", 15, 2)
    rows = rows_of(measure(LIVE, C=15.0))
    both = rows_of(measure(LIVE, C=15.0) + measure(LIVE, C=15.0, seed=2))
    [control] = join(both, {first: LSTM, second: LSTM})
    assert (control.row.seeds, control.config) == ((1, 2), LSTM)
    for case, configs, named in (
        (rows, {}, "cbt/lstm/C15/seed1"),
        (rows, {first: LSTM, second: LSTM}, "cbt/lstm/C15/seed2"),
        (both, {first: LSTM, second: HALF}, "cbt/lstm/C15: "),
    ):
        with pytest.raises(InputError, match=f"^{named}"):
            join(case, configs)


def test_order_of_controls():
    """By corpus; lstm, gru, cnn, others; the ELBO, then rising C, then rising beta."""
    cells = [
        ("cbt/other/C15", ModelConfig("bow", "bow", "rate-target", 1.0)),
        *(("cbt/a-cnn/C15", CNN), ("cbt/z-lstm/C15", LSTM), ("cbt/gru/C15", GRU)),
        *(
            ("cbt/lstm-b10/C15", replace(LSTM, beta=10.0)),
            ("cbt/lstm-b2/C15", replace(LSTM, beta=2.0)),
        ),
        *(("cbt/elbo/C15", ELBO), ("cbt/z-lstm/C100", LSTM), ("cbt/z-lstm/C0", LSTM)),
        *(("cbt/z-lstm/C3", LSTM), ("abc/gru/C15", GRU)),
    ]
    rows = [control.row for control in controls(*((*cell, LIVE) for cell in cells))]
    assert [f"{row.corpus} {row.model} {row.C:g}" for row in rows] == [
        *("cbt elbo 15", "cbt z-lstm 0", "cbt z-lstm 3", "cbt z-lstm 15"),
        *("cbt lstm-b2 15", "cbt lstm-b10 15", "cbt z-lstm 100"),
        *("cbt gru 15", "cbt a-cnn 15", "cbt other 15", "abc gru 15"),
    ]


def test_title_names_models_with_the_same_settings():
    """lstm and lstm-wide at C = 3 have the same settings; every other row is unique."""
    names = ("cbt/lstm/C3", "cbt/lstm-wide/C3", "cbt/lstm/C15", "yelp/lstm-wide/C3")
    found = controls(*((name, LSTM, LIVE) for name in names), ("cbt/cnn/C3", CNN, LIVE))
    assert [control.title for control in found] == [
        *("LSTM-LSTM (lstm)", "LSTM-LSTM (lstm-wide)", "LSTM-LSTM", "LSTM-CNN", "LSTM-LSTM")
    ]


def test_title_names_parts_that_are_not_the_papers():
    mixture, aggressive = replace(LSTM, prior="vamp"), replace(LSTM, strategy="aggressive")
    configs = {"lstm": LSTM, "mixture": mixture, "aggressive": aggressive}
    found = controls(*((f"cbt/{name}/C20", each, LIVE) for name, each in configs.items()))
    titles = {control.row.model: control.title for control in found}
    assert titles == {
        "lstm": "LSTM-LSTM",
        "mixture": "LSTM-LSTM, vamp",
        "aggressive": "LSTM-LSTM, aggressive",
    }


def test_target_is_kept_within_a_nat_and_a_collapsed_code_has_no_active_unit():
    for rate, kept in ((14, True), (16, True), (13.99, False), (16.01, False)):
        [control] = controls(("cbt/lstm/C15", LSTM, {"rate_nats": rate}))
        assert (control.target, control.kept_target()) == (15, {1: kept})
    for config, rate, target in ((LSTM, None, 15), (ELBO, 15, None)):
        [control] = controls(("cbt/lstm/C15", config, {"rate_nats": rate}))
        assert (control.target, control.kept_target()) == (target, {})
    for units, collapsed in ((0, {1: True}), (1, {1: False}), (None, {})):
        values = {"rate_nats": 15.0, "active_units": units}
        [control] = controls(("cbt/lstm/C15", LSTM, values))
        assert control.collapsed() == collapsed


def test_lines_of_the_table():
    """The slope of a collapsed code is null; the last mutual information was not measured."""
    unmeasured = {k: v for k, v in LIVE.items() if "mutual" not in k}
    cells = [("cbt/lstm/C15", LSTM, LIVE), ("cbt/half/C15", HALF, LIVE | {"rate_nats": 17.0})]
    cells += [("cbt/lstm/C0", LSTM, DEAD), ("cbt/elbo/C7", ELBO, DEAD)]
    cells += [("cbt/cnn/C15", CNN, LIVE), ("yelp/lstm/C15", LSTM, unmeasured)]
    table = collapse(controls(*cells), "Caption")
    dead = ["62.0", "0.0", "0.0/0.0", "0.0/0.0", "62.0", "0", "–"]
    live = ["52.9", "15.1", "8.4/9.1", "6.0/6.7", "60.0", "29", "0.52"]
    half = ["52.9", "17.0*", "8.4/9.1", "7.9/8.6", "60.0", "29", "0.52"]
    assert texts(table) == [
        ["CBT", "LSTM-LSTM", "ELBO", "1", "", *dead],
        ["", "", "|R − C|", "1", "0", *dead],
        ["", "", "|R − C|", "0.5", "15", *half],
        ["", "", "|R − C|", "1", "15", *live],
        ["", "LSTM-CNN", "|R − C|", "1", "15", *live],
        ["Yelp", "LSTM-LSTM", "|R − C|", "1", "15", *live[:2], "–/–", "–/–", *live[4:]],
    ]
    assert [len(block) for block in table.blocks] == [5, 1]


def test_seeds_give_means_with_deviations_below():
    """15.1 and 16.7: a mean of 15.9 is within a nat of 15, and 16.7 is not."""
    other = LIVE | {"rate_nats": 16.7, "active_units": 30}
    cells = [("cbt/lstm/C15/seed1", LSTM, LIVE), ("cbt/lstm/C15/seed2", LSTM, other)]
    table = collapse(controls(*cells), "Caption")
    mean, deviation = texts(table)
    assert mean[6:11] == ["15.9*", "8.4/9.1", "6.8/7.5", "60.0", "29.5"]
    assert deviation[4:8] == ["", "±0.0", "±1.1", "±0.0/±0.0"]
    assert deviation[8:11] == ["±1.1/±1.1", "±0.0", "±0.7"]
    assert any(note.startswith("Means over 2 seeds") for note in table.notes)
    [note] = [note for note in table.notes if note.startswith("* |R")]
    assert "1 of the 2 cells" in note
    assert ": CBT LSTM-LSTM seed 2, C = 15" in note


def test_note_lists_cells_off_their_target_with_slope():
    cells = [("cbt/half/C15", HALF, LIVE | {"rate_nats": 17.04, "slope": 0.487})]
    cells += [("cbt/lstm/C15", LSTM, LIVE), ("cbt/lstm/C3", LSTM, DEAD)]
    cells += [("cbt/elbo/C0", ELBO, LIVE)]
    [note] = [note for note in notes(*cells) if note.startswith("* |R")]
    assert "2 of the 3 cells" in note
    assert (
        ": CBT LSTM-LSTM, C = 3, β = 1: R = 0.0, −dD/dR unknown; "
        "CBT LSTM-LSTM, C = 15, β = 0.5: R = 17.0, −dD/dR = 0.49 ± 0.01. "
    ) in note
    kept = notes(("cbt/lstm/C15", LSTM, LIVE), ("cbt/elbo/C0", ELBO, DEAD))
    assert any("all of the 1 cells with a target" in note for note in kept)


def test_note_lists_collapsed_cells_by_objective():
    cells = [("cbt/lstm/C0", LSTM, DEAD), ("cbt/elbo/C0", ELBO, DEAD)]
    cells += [("yelp/elbo/C0/seed1", ELBO, LIVE), ("yelp/elbo/C0/seed2", ELBO, DEAD)]
    some = notes(*cells, ("cbt/lstm/C15", LSTM, LIVE | {"active_units": 0}))
    [note] = [note for note in some if "4 of the 5 cells" in note]
    assert note.endswith(
        ". ELBO, β = 1: CBT LSTM-LSTM, Yelp LSTM-LSTM seed 2; C = 0, β = 1: CBT LSTM-LSTM; "
        "C = 15, β = 1: CBT LSTM-LSTM."
    )
    none = notes(("cbt/elbo/C0", ELBO, LIVE), ("cbt/lstm/C15", LSTM, LIVE))
    assert any("none of the 2 cells" in note for note in none)
    unmeasured = notes(("cbt/lstm/C15", LSTM, {"distortion_nats": 60.0}))
    assert not any("collapse" in note or "R − C| ≤" in note for note in unmeasured)
    # The C in the name of an ELBO's cell is no target.
    identity = "D + β|R − C| is the ELBO"
    assert any(identity in note for note in some)
    assert not any(identity in note for note in none)


def test_note_on_codes_without_information():
    """I is surely below a third of R in the first and third, active or not."""
    upper = "mutual_information_upper_nats"
    cells = [("cbt/lstm/C15", LSTM, LIVE | {upper: 5.0})]
    cells += [("cbt/lstm/C5", LSTM, LIVE | {upper: 5.04})]
    cells += [("cbt/half/C15", HALF, LIVE | {upper: 0.2, "active_units": 0})]
    cells += [("cbt/elbo/C0", ELBO, DEAD)]
    half, first = [note for note in notes(*cells) if "carries" in note]
    assert half.startswith("CBT LSTM-LSTM, C = 15, β = 0.5: the code carries at most 0.2 of 15.1 ")
    assert first.startswith("CBT LSTM-LSTM, C = 15, β = 1: the code carries at most 5.0 of 15.1 ")


def test_note_tells_other_settings_within_an_architecture(tmp_path):
    """The CNN has more epochs than the other two, of which one has another size."""
    measured, configs = [], []
    for model, decoder, hidden, epochs in (
        ("lstm", "lstm", 512, 2),
        ("lstm-half", "lstm", 8, 2),
        ("cnn", "cnn", 512, 3),
    ):
        cell = {"corpus": "cbt", "model": model, "C": 15.0, "seed": 1}
        measured += measure(LIVE, "cbt", model, 15.0, 1)
        architecture = {"encoder": "lstm", "decoder": decoder, "hidden": hidden, "latent": 4}
        recipe = {"objective": "rate-target", "beta": len(model) / 4, "epochs": epochs}
        content = {"cell": cell, "architecture": architecture, "training": {"recipe": recipe}}
        configs.append(tmp_path / f"{model}.json")
        configs[-1].write_text(json.dumps(content))
    (tmp_path / "m.csv").write_text(to_csv(measured))
    inputs = Inputs("collapse", "A", measurements=(tmp_path / "m.csv",), configs=tuple(configs))
    (table,) = render(inputs).tables
    assert [note for note in table.notes if "settings" in note] == [
        "Not all LSTM-LSTM models on CBT have the same settings beside their methods, so that their"
        " differences are not of methods alone: hidden 512 (8 of lstm-half)."
    ]


def test_csv():
    """Half of the second row's seeds keep their C; an unmeasured value is blank."""
    other = LIVE | {"distortion_nats": 53.94, "rate_nats": 13.9}
    cells = [("cbt/lstm/C15/seed1", LSTM, LIVE), ("cbt/lstm/C15/seed2", LSTM, other)]
    cells += [("cbt/elbo/C0", ELBO, DEAD), ("cbt/lstm/C20", LSTM, {"distortion_nats": 60.0})]
    text = collapse_csv(controls(*cells))
    assert text.splitlines()[:2] == [
        "corpus,model,C,architecture,objective,beta,seeds,distortion_nats,distortion_sd,"
        "rate_nats,rate_sd,mutual_information_nats,mutual_information_sd,"
        "mutual_information_upper_nats,mutual_information_upper_sd,aggregate_kl_lower_nats,"
        "aggregate_kl_lower_sd,aggregate_kl_upper_nats,aggregate_kl_upper_sd,iw_nll_nats,"
        "iw_nll_sd,active_units,active_units_sd,slope,slope_sd,mutual_information_he2019_nats,"
        "mutual_information_he2019_sd,slope_standard_error,rate_on_target,no_active_units",
        "cbt,elbo,0,LSTM-LSTM,elbo,1,1,62,,0.004,,0.001,,0.002,,0.002,,0.003,,61.96,,0,,,,,,,,true",
    ]
    _, lstm, unmeasured = records(text)
    assert (lstm["seeds"], lstm["distortion_nats"], lstm["slope_sd"]) == ("2", "53.44", "0")
    assert float(lstm["distortion_sd"]) == 0.5**0.5
    assert (lstm["slope"], lstm["slope_standard_error"]) == ("0.523", "0.012")
    assert (lstm["rate_on_target"], lstm["no_active_units"]) == ("false", "false")
    assert {unmeasured[key] for key in ("rate_on_target", "no_active_units", "rate_nats")} == {""}
