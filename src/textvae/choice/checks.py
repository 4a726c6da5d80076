"""Searches that cannot end well are refused before anything is trained. Does not import torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from textvae.choice.settings import LEAST, ChoiceSettings
from textvae.config.combinations import (
    job_fault,
    objective_fault,
    steps_of,
    training_fault,
    void_fault,
)
from textvae.config.registered import fixed_rate_fault, strategy_fault, uses_C
from textvae.models.limits import part_fault

# Way -> the objective that its search has. By fce all trainings have the paper's.
_OBJECTIVES = {
    "distortion": "auto-distortion",
    "information": "auto-information",
    "sweep": "sweep",
    "fce": "rate-target",
}
PAPERS = "rate-target"
# Fewest steps of a training of which fce takes a ninth and a third.
MIN_STEPS = 9
# Validation sentences of which a number of one seed says little, as in the claims.
FEW = 20


def objective_settings(settings: ChoiceSettings) -> dict[str, Any]:
    """Return the settings of the objective of a search, without a D* that it has yet to find."""
    ways = {
        "distortion": ("target_distortion", "max_rate"),
        "information": ("target_information", "target_units", "max_rate"),
        "sweep": ("min_slope", "knee", "max_rate"),
        "fce": (),
    }
    own = {name: getattr(settings, name) for name in ways[settings.by]}
    return {"objective": _OBJECTIVES[settings.by]} | own


def search_fault(
    settings: ChoiceSettings,
    trained: Mapping[str, Any],
    sentences: int | None,
    valid: int | None,
    longest: int | None,
) -> str | None:
    """Return why C cannot be chosen so for a model, as a message; None if it can.

    trained: all settings of the model and its training with the paper's objective. sentences,
    valid: those of the training and validation split, at most; longest: words of the longest
    sentence; None if unknown.
    """
    if trained["beta"] == 0:
        return "beta 0 gives the rate no weight, and C no effect, expected more than 0"
    # By fce each training has one C, from which such a rate may follow.
    given = not uses_C({**trained, "objective": "elbo"})
    if settings.by == "fce" and given and (reason := fixed_rate_fault(trained)):
        return reason
    if settings.by == "fce" and (reason := strategy_fault(trained) or _too_few(trained, sentences)):
        return reason
    search = {**trained, **objective_settings(settings)}
    start = 0.0
    if settings.by == "fce":
        start = LEAST
    elif settings.by == "distortion" and settings.target_distortion is None:
        # In place of a D* that is known after two trainings.
        search["target_distortion"] = 0.0
    return (
        training_fault(trained, settings.max_rate)
        or void_fault(trained)
        or objective_fault(search, start, of_extensions=True)
        or job_fault(search, sentences, valid, of_extensions=True)
        or part_fault(search, start, longest)
        # By fce there is a training at each C, up to this one.
        or (part_fault(search, settings.max_rate, longest) if settings.by == "fce" else None)
    )


def text_warnings(settings: ChoiceSettings, sentences: int, valid: int) -> Iterator[str]:
    """Yield a line for each way in which a text is short for a choice.

    sentences, valid: those of the training and validation split.
    """
    if settings.sentences is not None and settings.sentences > sentences:
        yield (
            f"--sentences {settings.sentences} is more than the {sentences} of the training split,"
            " as many as these are generated"
        )
    if valid < FEW:
        yield (
            f"only {valid} validation sentence{'' if valid == 1 else 's'}, of which"
            f" D, I and units are measured; expected at least {FEW}"
        )


def _too_few(trained: Mapping[str, Any], sentences: int | None) -> str | None:
    """Return why a training has too few steps for the rungs of fce; None if it has enough."""
    if sentences is None:
        return None
    steps = steps_of(trained, sentences)
    if steps >= MIN_STEPS:
        return None
    return (
        f"{steps} step{'' if steps == 1 else 's'}, expected at least {MIN_STEPS} to train a ninth"
        " of them: more epochs or a smaller batch"
    )
