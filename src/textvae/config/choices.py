"""Validate the ways of choosing C, and the experiments that compare them with a grid."""

from textvae.cells import Cell
from textvae.choice.checks import PAPERS, search_fault
from textvae.choice.settings import ChoiceSettings
from textvae.config.combinations import longest, split_size
from textvae.config.queries import Config, cells, choice_runs, model_settings
from textvae.errors import InputError
from textvae.settings import resolve


def check_settings(config: Config) -> None:
    """Raise InputError at the first way with a wrong setting."""
    for name, entry in config.get("choices", {}).items():
        try:
            resolve(ChoiceSettings, entry)
        except InputError as error:
            raise InputError(f"choices.{name}: {error}") from None


def check_searches(config: Config, name: str) -> None:
    """Require searches of an experiment that can be compared with its grid, and can find a C."""
    where = f"experiments.{name}"
    if not config["experiments"][name].get("choices"):
        return
    planned = set(cells(config, name))
    for text in config.get("overrides", {}):
        if Cell.parse(text) in planned:
            raise InputError(
                f"overrides.{text}: a cell that {where} compares with choices of C, whose trainings"
                " have no overrides; expected another model instead"
            )
    for corpus, model, _, choice in choice_runs(config, name):
        trained = model_settings(config, model)
        if (objective := trained["objective"]) != PAPERS:
            raise InputError(
                f"{where}.models: {model} has the objective {objective}, expected {PAPERS}, with"
                " which C is chosen"
            )
        entry = config["corpora"][corpus]
        sizes = split_size(entry, "train"), split_size(entry, "valid"), longest(entry)
        settings = resolve(ChoiceSettings, config["choices"][choice])
        if fault := search_fault(settings, trained, *sizes):
            raise InputError(f"{where}.choices: {choice} for {model} on {corpus}: {fault}")
