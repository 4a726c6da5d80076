"""Rows joined with what their cells are."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import ModelConfig
from textvae.paper.exhibits.collapse import join, read_configs
from textvae.paper.measurements import Measured
from textvae.paper.rows import rows_of

LSTM = ModelConfig("lstm", "lstm", "rate-target", 1.0)
GRU = ModelConfig("gru", "gru", "rate-target", 1.0)
CNN = ModelConfig("lstm", "cnn", "rate-target", 1.0)


def joined(configs: dict[Cell, ModelConfig], metrics: dict | None = None):
    measured = [
        Measured(cell, "any", "test", 100, metric, value)
        for cell in configs
        for metric, value in (metrics or {"rate_nats": cell.C}).items()
    ]
    return join(rows_of(measured), configs)


def write(path, **cell):
    """A configuration of cbt/cnn/C15/seed1, or of a cell that differs from it."""
    content = {
        "cell": {"corpus": "cbt", "model": "cnn", "C": 15.0, "seed": 1} | cell,
        "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
        "training": {"recipe": {"objective": "rate-target", "beta": 1.0, "epochs": 10}},
    }
    path.write_text(json.dumps(content))
    return path


def test_configurations_are_told_by_their_cells(tmp_path):
    paths = [write(tmp_path / "1.json"), write(tmp_path / "2.json", seed=2)]
    assert read_configs(paths) == {Cell("cbt", "cnn", 15, seed): CNN for seed in (1, 2)}


def test_two_configurations_of_a_cell(tmp_path):
    paths = [write(tmp_path / "0.json"), write(tmp_path / "1.json")]
    with pytest.raises(InputError, match=r"1\.json: describes cbt/cnn/C15/seed1, which another"):
        read_configs(paths)


def test_a_cell_without_a_configuration_and_a_configuration_without_a_cell():
    one, other = Cell("cbt", "lstm", 15, 1), Cell("cbt", "lstm", 15, 2)
    [row] = rows_of([Measured(one, "any", "test", 100, "rate_nats", 15.0)])
    with pytest.raises(InputError, match=r"^cbt/lstm/C15/seed1: is measured, but its config\.json"):
        join([row], {})
    with pytest.raises(InputError, match=r"^cbt/lstm/C15/seed2: its config\.json is given, but"):
        join([row], {one: LSTM, other: LSTM})


def test_seeds_of_a_row_are_of_one_configuration():
    cells = [Cell("cbt", "lstm", 15, seed) for seed in (1, 2)]
    [control] = joined(dict.fromkeys(cells, LSTM))
    assert (control.row.seeds, control.config) == ((1, 2), LSTM)
    with pytest.raises(InputError, match=r"^cbt/lstm/C15: its seeds differ in encoder, decoder,"):
        joined({cells[0]: LSTM, cells[1]: ModelConfig("lstm", "lstm", "rate-target", 2.0)})


def test_order():
    """By corpus; lstm, gru, cnn, others; the ELBO, C = 0, then rising C and beta."""
    kinds = {
        "other": ModelConfig("bow", "bow", "rate-target", 1.0),
        "a-cnn": CNN,
        "z-lstm": LSTM,
        "gru": GRU,
        "lstm-b10": ModelConfig("lstm", "lstm", "rate-target", 10.0),
        "lstm-b2": ModelConfig("lstm", "lstm", "rate-target", 2.0),
        "elbo": ModelConfig("lstm", "lstm", "elbo", 1.0),
    }
    cells = {Cell("cbt", model, 15, 1): kind for model, kind in kinds.items()}
    cells |= {Cell("cbt", "z-lstm", C, 1): LSTM for C in (100, 0, 3)}
    cells |= {Cell("abc", "gru", 15, 1): GRU}
    assert [(c.row.corpus, c.row.model, c.row.C) for c in joined(cells)] == [
        ("cbt", "elbo", 15),
        ("cbt", "z-lstm", 0),
        ("cbt", "z-lstm", 3),
        ("cbt", "z-lstm", 15),
        ("cbt", "lstm-b2", 15),
        ("cbt", "lstm-b10", 15),
        ("cbt", "z-lstm", 100),
        ("cbt", "gru", 15),
        ("cbt", "a-cnn", 15),
        ("cbt", "other", 15),
        ("abc", "gru", 15),
    ]


def test_titles_tell_models_of_like_settings_apart():
    """lstm and lstm-wide at C = 3 are told by the same words; elsewhere each is alone."""
    cells = {
        Cell("cbt", "lstm", 3, 1): LSTM,
        Cell("cbt", "lstm-wide", 3, 1): LSTM,
        Cell("cbt", "lstm", 15, 1): LSTM,
        Cell("yelp", "lstm-wide", 3, 1): LSTM,
        Cell("cbt", "cnn", 3, 1): CNN,
    }
    assert [control.title for control in joined(cells)] == [
        "LSTM-LSTM (lstm)",
        "LSTM-LSTM (lstm-wide)",
        "LSTM-LSTM",
        "LSTM-CNN",
        "LSTM-LSTM",
    ]


def test_the_elbo_has_no_target():
    [elbo] = joined({Cell("cbt", "elbo", 15, 1): ModelConfig("lstm", "lstm", "elbo", 1.0)})
    [other] = joined({Cell("cbt", "lstm", 15, 1): LSTM})
    assert (elbo.target, elbo.kept_target()) == (None, {})
    assert (other.target, other.kept_target()) == (15, {1: True})


@pytest.mark.parametrize(
    ("rate", "kept"), [(14, True), (16, True), (13.99, False), (16.01, False), (None, None)]
)
def test_a_target_is_kept_within_a_nat(rate, kept):
    [control] = joined({Cell("cbt", "lstm", 15, 1): LSTM}, {"rate_nats": rate})
    assert control.kept_target() == ({} if kept is None else {1: kept})


@pytest.mark.parametrize(("units", "gone"), [(0, True), (1, False), (None, None)])
def test_a_code_has_collapsed_where_no_unit_is_active(units, gone):
    """Whatever its rate: widths of posteriors can keep R at C without a word of the sentence."""
    metrics = {"rate_nats": 15.0, "active_units": units}
    [control] = joined({Cell("cbt", "lstm", 15, 1): LSTM}, metrics)
    assert control.collapsed() == ({} if gone is None else {1: gone})
