"""What a training costs: seconds and steps, and how they compare with a plain training."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import read_cells
from textvae.paper.training_costs import TrainingCost, read_training_costs, relative_costs

RECORD = '{"step": 5, "epoch": 0.5}\n{"step": 10, "epoch": 1.0}\n{"step": 10, "split": "valid"}\n'
AGGRESSIVE = '{"step": 10, "encoder_steps": 40, "decoder_steps": 10}\n'


@pytest.fixture
def trained(tmp_path):
    """A function that writes a training with its cost, and returns the cell."""

    def write(model, record=RECORD, cpu=None, C=3.0, objective="rate-target", **parts):
        sizes = {"hidden": 8, "latent": 4}
        own = {name: value for name, value in parts.items() if name != "epochs"}
        architecture = {"encoder": "lstm", "decoder": "lstm"} | sizes | own
        recipe = {"objective": objective, "beta": 1.0, "epochs": parts.get("epochs", 1)}
        cell = Cell("cbt", model, C, 1)
        folder = tmp_path / "models" / str(cell)
        folder.mkdir(parents=True)
        config = {"cell": cell.as_dict(), "architecture": architecture}
        config["training"] = {"recipe": recipe}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "training.jsonl").write_text(record)
        if cpu is not None:
            costs = tmp_path / "costs" / f"{cell}.tsv"
            costs.parent.mkdir(parents=True)
            costs.write_text(f"seconds\tcpu_seconds\tmemory_mib\n9.5\t{cpu}\t100\n")
        return cell

    return write


def costs_of(folder):
    records = sorted(folder.rglob("training.jsonl"))
    costs = read_training_costs(records, [folder / "costs"])
    cells = read_cells(path.with_name("config.json") for path in records)
    return costs, relative_costs(cells, costs)


def test_cost_is_relative_to_the_mean_of_plain_trainings(trained, tmp_path):
    """|R - C| and the ELBO take 20 and 30 seconds: 50 are twice their mean."""
    trained("lstm", cpu=20)
    trained("elbo", cpu=30, objective="elbo")
    dear = trained("aggressive", AGGRESSIVE, cpu=50, objective="mdr")
    # Neither of other sizes, nor of twice the epochs, nor with other parts.
    other = trained("wide", cpu=99, hidden=16)
    trained("longer", cpu=99, epochs=2)
    trained("constant", cpu=99, posterior="constant")
    skip = trained("skip", cpu=75, decoder="lstm-skip")
    unknown = trained("unknown", objective="mdr")
    costs, relative = costs_of(tmp_path)
    assert costs[dear] == TrainingCost(50, 40, 10)
    assert costs[unknown] == TrainingCost(None, 10, 10)
    assert relative[dear] == TrainingCost(2, 4, 1)
    assert relative[skip] == TrainingCost(3, 1, 1)
    assert relative[unknown] == TrainingCost(None, 1, 1)
    assert relative[other] == TrainingCost(1, 1, 1)


def test_training_without_a_plain_one_of_its_sizes_has_no_relative_cost(trained, tmp_path):
    cell = trained("mdr", cpu=20, objective="mdr")
    longer = trained("cnn", cpu=99, decoder="cnn", epochs=2)
    costs, relative = costs_of(tmp_path)
    assert (costs[cell].cpu_seconds, relative.keys()) == (20, {longer})


def test_cost_that_cannot_be_read_is_named(trained, tmp_path):
    cell = trained("lstm", cpu="many")
    with pytest.raises(InputError, match=rf"{cell}\.tsv: "):
        costs_of(tmp_path)
    (tmp_path / "costs" / f"{cell}.tsv").write_text("")
    assert costs_of(tmp_path)[0][cell] == TrainingCost(None, 10, 10)
    record = tmp_path / "models" / str(cell) / "training.jsonl"
    record.write_text('{"epoch": 1.0}\n')
    assert costs_of(tmp_path)[0][cell] == TrainingCost(None, None, None)
    record.write_text('{"step": 1}\n{"')
    with pytest.raises(InputError, match=r"training\.jsonl: line 2: "):
        costs_of(tmp_path)
    with pytest.raises(InputError, match=r"training\.jsonl: not a folder"):
        read_training_costs([], [record])
