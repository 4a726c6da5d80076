"""Choices of C in a configuration: what cannot end well is refused in planning."""

from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from textvae.config.checks import check
from textvae.config.queries import choice_runs
from textvae.config.warnings import warnings
from textvae.errors import InputError

CONFIG = Path(__file__).parents[2] / "config"
CONSTANT = {"base": "lstm-small", "posterior": "constant"}
SMALL_CORPUS = {"grammar": {"train": 40000, "valid": 100, "test": 2000, "seed": 1}}


def configuration(**sections):
    config = yaml.safe_load((CONFIG / "config.yaml").read_text()) | {"corpora": {}, "pairs": {}}
    config |= {"experiments": {}}
    update_config(config, yaml.safe_load((CONFIG / "automatic-C-demo.yaml").read_text()))
    update_config(config, sections)
    return config


def experiment(**changes):
    return {"experiments": {"automatic-C": changes}}


@pytest.mark.parametrize(
    ("sections", "start", "named"),
    [
        ({"models": {"lstm-small": {"objective": "mdr"}}}, "experiments.automatic-C.models", "mdr"),
        ({"overrides": {"grammar/lstm-small/C2/seed1": {"epochs": 2}}}, "overrides.", "choices"),
        # e^5 = 148.4
        ({"corpora": {"grammar": SMALL_CORPUS}}, "experiments.automatic-C.choices", "149"),
        (
            {"models": {"lstm-small": {"latent": 20}}},
            "experiments.automatic-C.choices",
            "latent 20",
        ),
        ({"models": {"lstm-small": {"beta": 0}}}, "experiments.automatic-C.choices", "beta 0"),
        (
            {"models": {"c": CONSTANT}} | experiment(models=["c"]),
            "experiments.automatic-C.choices",
            "posterior constant",
        ),
        ({"choices": {"sweep": {"levels": 3}}}, "choices.sweep", "--levels"),
        (
            {"models": {"s": {"base": "lstm-small", "objective": "sweep", "batch": 1000}}}
            | experiment(models=["s"], C=[2], choices=["fce"]),
            "models.s",
            "40 steps, expected at least 51",
        ),
    ],
)
def test_choices_that_cannot_end_well_are_refused(sections, start, named):
    with pytest.raises(InputError) as error:
        check(configuration(**sections), {})
    assert str(error.value).startswith(start)
    assert named in str(error.value)


def test_choices_are_made_in_every_group_of_cells():
    config = configuration(**experiment(choices=["fce"], plus=[{"seeds": [4]}]))
    check(config, {})
    seeds = [seed for *_, seed, _ in choice_runs(config, "automatic-C")]
    assert seeds == [1, 2, 3, 4]


def test_noise_that_raises_distortion_in_training_is_warned_of():
    """Where D is compared with a target; not by information."""
    noisy = {"base": "lstm-small", "decoder": "lstm-word-dropout", "word_dropout": 0.5}
    lines = warnings(configuration(models={"noisy": noisy}, **experiment(models=["noisy"])))
    (line,) = [line for line in lines if "in training" in line]
    assert line.startswith("choices.distortion for noisy: target_distortion is compared with D")
    assert not [line for line in warnings(configuration()) if "in training" in line]
