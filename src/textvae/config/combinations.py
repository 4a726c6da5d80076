"""Refuse settings that are valid alone and make no sense together.

What depends on the size of a text that is not known at planning, is checked by the commands.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from textvae.cells import Cell
from textvae.config.queries import Config, cells, training_settings
from textvae.config.registered import given_rate_fault, rise_fault, weight_fault
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.pcfg import length_bounds
from textvae.errors import InputError
from textvae.models.limits import part_fault
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.settings import resolve

# Settings of parts that are another method at 0.
_EFFECTIVE = (
    *("svi_steps", "word_dropout", "bag_weight", "aggressive_share", "free_nats"),
    *("delta_rate", "batch_norm_gamma", "vmf_concentration"),
)
# Strategies that train the encoder in a way of their own.
_OF_THE_ENCODER = ("aggressive", "pretrained-encoder")


def refuse(config: Config) -> None:
    """Raise InputError at the first combination that makes no sense in a planned cell."""
    for cell, settings in planned_settings(config, config["experiments"]).items():
        corpus = config["corpora"][cell.corpus]
        if fault := (
            training_fault(settings, cell.C)
            or void_fault(settings)
            or objective_fault(settings, cell.C)
            or job_fault(settings, split_size(corpus, "train"), split_size(corpus, "valid"))
            or part_fault(settings, cell.C, longest(corpus))
        ):
            raise InputError(f"{where_of(config, cell)}: {fault}")


def refuse_by_extensions(config: Config) -> None:
    """Raise InputError at the first planned cell whose objective or strategy refuses its settings.

    Those of extensions, too: their files are imported, and may import torch.
    """
    for cell, settings in planned_settings(config, config["experiments"]).items():
        corpus = config["corpora"][cell.corpus]
        sizes = split_size(corpus, "train"), split_size(corpus, "valid")
        fault = objective_fault(settings, cell.C, of_extensions=True)
        if fault := fault or job_fault(settings, *sizes, of_extensions=True):
            raise InputError(f"{where_of(config, cell)}: {fault}")


def training_fault(settings: Mapping[str, Any], C: float) -> str | None:
    """Return why the settings of a training make no sense together; None if they do."""
    ramp, epochs = settings.get("ramp_epochs"), settings["epochs"]
    if ramp is not None and ramp > epochs and C > 0:
        return (
            f"ramp_epochs {ramp:g} is more than epochs {epochs}, so that C would only rise to"
            f" {C * epochs / ramp:.3g} of {C:g}; expected at most {epochs}"
        )
    return None


def void_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why a chosen part has no effect, as a message; None if it has one.

    Trainings in Python may have such settings, as the limit of a method.
    """
    for name in _EFFECTIVE:
        if settings.get(name) == 0:
            return f"{name} 0 leaves its method without effect, expected more than 0"
    if settings.get("pretraining") == settings.get("pretraining_rise") == 0:
        return "pretraining 0 and pretraining_rise 0 have no effect, expected more than 0"
    if (settings.get("infovae_alpha"), settings.get("infovae_lambda")) == (0, 1):
        return "infovae_alpha 0 and infovae_lambda 1 are the ELBO, expected another of them"
    if settings.get("mixture_components") == 1:
        return "mixture_components 1 is N(0, I) after standardisation, expected more"
    # With lstm-skip the output layer reads z, too.
    if (settings["decoder"], settings.get("code_input")) == ("lstm-code-input", "each-word"):
        return "code_input each-word is the decoder lstm, expected it or another code_input"
    strategy = settings.get("strategy")
    if strategy in _OF_THE_ENCODER and settings.get("posterior") == "constant":
        return f"strategy {strategy} trains an encoder, which the posterior constant does not read"
    return rise_fault(settings) or given_rate_fault(settings) or weight_fault(settings)


def objective_fault(
    settings: Mapping[str, Any], C: float, of_extensions: bool = False
) -> str | None:
    """Return why objective or strategy of a training cannot be used with C; None if they can.

    of_extensions: whether those of extensions are checked, too, which imports their files.
    """
    for registry in (OBJECTIVES, STRATEGIES):
        name = settings[registry.kind]
        if not (of_extensions or registry.declared()[name].of_package):
            continue
        chosen = registry[name]
        if reason := chosen.check(resolve(chosen.Settings, settings), C):
            return f"{name}: {reason}"
    return None


def job_fault(
    settings: Mapping[str, Any],
    sentences: int | None,
    valid: int | None,
    of_extensions: bool = False,
) -> str | None:
    """Return why the objective of a training cannot be used in it; None if it can.

    sentences, valid: those of the training and validation split, at most; None if unknown.
    """
    name = settings["objective"]
    if not (of_extensions or OBJECTIVES.declared()[name].of_package):
        return None
    steps = None if sentences is None else steps_of(settings, sentences)
    chosen = OBJECTIVES[name]
    fault = chosen.check_job(resolve(chosen.Settings, settings), settings, steps, valid)
    return fault and f"{name}: {fault}"


def steps_of(settings: Mapping[str, Any], sentences: int) -> int:
    """Return the number of steps of a training on `sentences` sentences."""
    return settings["epochs"] * -(-sentences // settings["batch"])


def split_size(corpus: Mapping[str, Any], split: str) -> int | None:
    """Return an upper bound on the sentences of a split, None if it is not known."""
    known = [corpus.get(f"{split}_size"), corpus.get("grammar", {}).get(split)]
    return min((size for size in known if size is not None), default=None)


def planned_settings(config: Config, experiments: Iterable[str]) -> dict[Cell, dict[str, Any]]:
    """Return the settings of each cell of the experiments."""
    every = dict.fromkeys(cell for name in experiments for cell in cells(config, name))
    return {cell: training_settings(config, cell) for cell in every}


def where_of(config: Config, cell: Cell) -> str:
    """Return the key of a cell's settings, with which messages begin."""
    for text in config.get("overrides", {}):
        if Cell.parse(text) == cell:
            return f"overrides.{text}"
    return f"models.{cell.model}"


def longest(corpus: Mapping[str, Any]) -> int | None:
    """Return the most words that a sentence of a corpus may have, None if it is not known."""
    return _longest_of_grammar() if "grammar" in corpus else corpus.get("longest")


@cache
def _longest_of_grammar() -> int:
    return length_bounds(english_like())[1]
