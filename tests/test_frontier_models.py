"""The model entries of the frontier: every method, for the paper and the demo."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from textvae.config.combinations import objective_fault
from textvae.config.model_entry import inherited, resolved
from textvae.config.queries import cells
from textvae.config.schema import validated
from textvae.models.limits import part_fault
from textvae.registry import DECODERS, OBJECTIVES, POSTERIORS, PRIORS, STRATEGIES

# Objectives that look for C, which the others are given.
CHOOSE_C = {"auto-distortion", "auto-information", "sweep"}
CONFIG = Path(__file__).parents[1] / "config"


def read(name):
    return yaml.safe_load((CONFIG / f"{name}.yaml").read_text())


@pytest.mark.parametrize(("name", "base"), [("frontier", "lstm"), ("frontier-demo", "lstm-small")])
def test_entries_cover_all_methods_with_settings_that_can_be_met(name, base):
    config, frontier = read("config"), read(name)
    update_config(config, frontier)
    validated(config)
    assert all(model.startswith(base) for model in frontier["models"])
    chosen = [resolved(inherited(config["models"], model)) for model in frontier["models"]]
    chosen.append(resolved(inherited(config["models"], base)))
    assert {one["objective"] for one in chosen} == set(OBJECTIVES.names()) - CHOOSE_C
    assert {one["posterior"] for one in chosen} == set(POSTERIORS.names())
    assert {one["prior"] for one in chosen} == set(PRIORS.names())
    assert {one["strategy"] for one in chosen} == set(STRATEGIES.names())
    # The paper's other decoders are in config.yaml.
    assert {one["decoder"] for one in chosen} == {*DECODERS.names()} - {"gru", "cnn"}
    faults = [objective_fault(one, C) for one in chosen for C in (0, 2, 15, 100)]
    faults += [part_fault(one, C, 28) for one in chosen for C in (0, 2, 15, 100)]
    assert set(faults) == {None}


def test_methods_of_the_demo_are_among_those_of_its_frontier():
    demo, all_methods = read("config"), read("frontier-demo")
    update_config(demo, read("demo"))
    entry = demo["experiments"]["frontier"]
    used = {*entry["models"], *(model for more in entry["plus"] for model in more["models"])}
    assert {name: demo["models"][name] for name in used}.items() <= all_methods["models"].items()
    # Trainings that no other experiment of the demo has.
    own = set(cells(demo | {"pairs": {}}, "frontier"))
    shared = {
        cell for name in demo["experiments"] if name != "frontier" for cell in cells(demo, name)
    }
    assert len(own - shared) == 6


@pytest.mark.parametrize("name", ["frontier", "frontier-demo"])
def test_every_entry_is_trained_in_an_experiment(name):
    config, frontier = read("config"), read(name)
    update_config(config, frontier)
    trained = {cell.model for one in frontier["experiments"] for cell in cells(config, one)}
    assert set(frontier["models"]) <= trained
