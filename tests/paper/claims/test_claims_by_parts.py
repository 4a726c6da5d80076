"""The paper's claims on models with other posteriors, priors and trainings."""

import csv
import io
from dataclasses import replace

import pytest
import yaml
from made_up import LSTM

from textvae.cells import Cell
from textvae.config.queries import model_settings
from textvae.io import write_json
from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import FAILS, HOLDS, decide
from textvae.paper.claims.samples import samples_of, specs_of
from textvae.paper.descriptions import PAPERS_PARTS, Parts, read_cells
from textvae.paper.exhibits.claims import by_parts_tables, claims_csv
from textvae.paper.measurements import Measured
from workflow_copy import ROOT

FALLS = next(claim for claim in catalogue() if claim.name == "distortion-falls")
MIXTURE = Parts(prior="gaussian-mixture")
DROPOUT = Parts(decoder="lstm-word-dropout")
OWN = Parts(encoder="transformer")
SPECS = {
    "lstm": LSTM,
    "mixture": replace(LSTM, prior="gaussian-mixture"),
    "dropout": replace(LSTM, decoder="lstm-word-dropout"),
    "gru": replace(LSTM, decoder="gru"),
    # Of an extension.
    "own": replace(LSTM, encoder="transformer"),
    "constant": replace(LSTM, posterior="constant"),
    "flow-elbo": replace(LSTM, posterior="real-nvp", objective="elbo"),
}
# D at C = 3 and 15, of two seeds.
D = {"lstm": (40, 39), "gru": (40, 39), "mixture": (39, 41), "constant": (42, 42)}
D |= {"flow-elbo": (41, 41), "dropout": (39, 41), "own": (39, 42)}


@pytest.fixture
def samples():
    cells = {
        Cell("cbt", model, C, seed): value + seed / 10
        for model, values in D.items()
        for C, value in zip((3, 15), values, strict=True)
        for seed in (1, 2)
    }
    rows = [
        Measured(cell, "any", "test", 2000, "distortion_nats", value)
        for cell, value in cells.items()
    ]
    return samples_of(rows, [], {cell: SPECS[cell.model] for cell in cells}, {})


def test_verdicts_are_of_models_with_the_parts(samples):
    """D falls by 1 nat in the paper's model and rises by 2 with a mixture, in both seeds."""
    own, other = decide(FALLS, samples), decide(FALLS, samples.of_parts(MIXTURE))
    assert (own.verdict, own.value, own.locations) == (HOLDS, pytest.approx(-1), 2)
    assert (other.verdict, other.value, other.locations) == (FAILS, pytest.approx(2), 1)


def test_other_parts_are_of_the_papers_objective_without_controls(samples):
    assert samples.other_parts() == [MIXTURE, OWN, DROPOUT]
    assert (MIXTURE.title, PAPERS_PARTS.title) == ("prior gaussian-mixture", "")
    assert DROPOUT.title == "decoder lstm-word-dropout"


def test_models_whose_cells_differ_in_their_settings_are_not_uniform():
    """One cell of two is trained for other epochs; what another model has does not matter."""
    cells = {
        Cell("cbt", model, C, 1): replace(LSTM, besides={"beta": f"{epochs} epochs"})
        for model, C, epochs in (("a", 3, 10), ("a", 15, 20), ("b", 3, 10), ("b", 15, 10))
    }
    specs = samples_of([], [], cells, {}).specs
    assert {model: spec.uniform for (_, model), spec in specs.items()} == {"a": False, "b": True}


def test_the_papers_models_are_compared(tmp_path):
    """The CNN has a learning rate of its own; the wider LSTM differs in its width alone."""
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    paths = []
    for model in ("lstm", "gru", "cnn", "lstm-wide", "lstm-beta2"):
        settings = model_settings(config, model)
        content = {
            "cell": {"corpus": "cbt", "model": model, "C": 3, "seed": 1},
            "architecture": settings,
            "training": {"recipe": settings},
        }
        paths.append(tmp_path / f"{model}.json")
        write_json(paths[-1], content)
    specs = {cell.model: spec for cell, spec in specs_of(read_cells(paths)).items()}
    lstm, wide = specs["lstm"], specs["lstm-wide"]
    assert len({specs[model].besides["architecture"] for model in ("lstm", "gru", "cnn")}) == 1
    assert lstm.besides["architecture"] != wide.besides["architecture"]
    assert wide.differs_in("hidden", lstm)
    assert specs["lstm-beta2"].differs_in("beta", lstm)
    assert not wide.differs_in("beta", lstm)


def test_table_sets_the_verdicts_side_by_side(samples):
    own, other = decide(FALLS, samples), decide(FALLS, samples.of_parts(MIXTURE))
    unmeasured = decide(catalogue()[0], samples)
    pairs, by_parts = [(unmeasured, unmeasured), (own, own)], {MIXTURE: [unmeasured, other]}
    (table,) = by_parts_tables(pairs, by_parts)
    ((line,),) = table.blocks
    assert [column.html for column in table.columns[3:]] == [
        "the paper's",
        "prior gaussian-mixture",
    ]
    assert [cell[0] for cell in line.cells][3:] == [
        "✓ holds: −1 [−1, −1], 2 of 2 places, 2 seeds",
        "✗ does not hold: 2 [2, 2], 0 of 1 places, 2 seeds",
    ]
    assert dict(line.tones) == {3: "good", 4: "bad"}
    _, record = csv.DictReader(io.StringIO(claims_csv(pairs, by_parts)))
    assert record["verdict"] == HOLDS
    assert record["prior gaussian-mixture: verdict"] == FAILS
    assert float(record["prior gaussian-mixture: value"]) == pytest.approx(2)
    assert record["prior gaussian-mixture: basis"] == other.basis
    # A claim on the frontier compares all methods: no column of parts has a decision on it.
    _, record = csv.DictReader(io.StringIO(claims_csv(pairs, {MIXTURE: [unmeasured, None]})))
    assert {record[f"prior gaussian-mixture: {name}"] for name in ("verdict", "value")} == {""}
    assert not by_parts_tables(pairs, {MIXTURE: [unmeasured, None]})


def test_note_tells_columns_of_other_cells(samples):
    own, other = decide(FALLS, samples), decide(FALLS, samples.of_parts(MIXTURE))
    assert samples.places(PAPERS_PARTS) == samples.places(MIXTURE) == "cbt (C = 3, 15; 2 seeds)"
    assert samples.places(Parts(prior="vamp")) == ""
    places = {PAPERS_PARTS: "cbt (C = 3, 15)", MIXTURE: "wiki (C = 3)"}
    (table,) = by_parts_tables([(own, own)], {MIXTURE: [other]}, places)
    assert "the paper's: cbt (C = 3, 15); prior gaussian-mixture: wiki (C = 3)." in table.notes[-1]
    (table,) = by_parts_tables([(own, own)], {MIXTURE: [other]}, dict.fromkeys(places, "cbt"))
    assert len(table.notes) == 1


def test_table_is_left_out_without_other_parts(samples):
    decision = decide(FALLS, samples)
    assert by_parts_tables([(decision, decision)], {}) == []
    unmeasured = decide(FALLS, samples_of([], [], {}, {}))
    assert by_parts_tables([(decision, decision)], {MIXTURE: [unmeasured]}) == []
