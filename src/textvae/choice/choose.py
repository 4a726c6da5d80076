"""From a corpus to a C: a search, a training at what it finds, and the reason in a paragraph."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from textvae import provenance
from textvae.bootstrap import standard_error
from textvae.choice.checks import objective_settings
from textvae.choice.corrections import correct
from textvae.choice.halving import grid
from textvae.choice.request import check_request
from textvae.choice.search import Search, confirmed
from textvae.choice.settings import LEAST, ChoiceSettings
from textvae.choice.text import FCE
from textvae.fce.settings import LanguageModelSettings
from textvae.io import write_json
from textvae.models.architecture import LanguageModelSizes
from textvae.registry import PARTS
from textvae.schemes import DecodingStrategy
from textvae.settings import resolve
from textvae.stages import STEPS, part_modules
from textvae.training.automatic.controller import Outcome
from textvae.training.automatic.distortion import TOLERANCE
from textvae.training.cell import TrainingJob, probed_step
from textvae.training.log import log_line
from textvae.training.precision import FILE as PRECISION_FILE
from textvae.training.precision import with_recorded_choice

# Standard errors of a gap in D that must be less than it.
_ERRORS = 3
# Per cent of words: a larger share of `<unk>`, which cost little, is reported beside FCE.
_MANY_UNKNOWN = 1.0
# The language models of FCE: small, and trained in seconds.
_LANGUAGE_MODEL = {"epochs": 6, "batch": 32, "learning_rate": 0.01, "precision": "float32"}


def choose(
    settings: ChoiceSettings,
    task: TrainingJob,
    folder: Path,
    checkpoint_minutes: float,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Choose C for the corpus and model of a task; write choice.json and return its content.

    Continues a search in `folder` that was interrupted; with `overwrite` another search there is
    removed. The model at the C that was found is in folder/model, for `fce` in the folder of the
    last rung.
    """
    parts = task.model.model_dump() | task.training.model_dump()
    request = {
        "code": provenance.digest(
            provenance.SOURCE, *STEPS["choose-C"], *part_modules(parts, PARTS)
        ),
        **settings.model_dump(),
        "corpus": task.corpus.fingerprint,
        "model": task.model.model_dump(),
        "training": task.training.model_dump(),
        "seed": task.cell.seed,
    }
    check_request(folder, request, overwrite)
    # One for all trainings: another precision is another training.
    task = with_recorded_choice(task, folder / PRECISION_FILE, lambda: probed_step(task))
    if task.choice is not None:
        log_line("choose-C", str(task.choice))
    search = Search(folder, task, checkpoint_minutes)
    search.resume_costs()
    outcome, cost, model = _search(search, settings)
    if model is None and outcome.status != "infeasible" and (fault := search.fault(outcome.C)):
        reason = (
            f"the search ended at C = {outcome.C:g}, with which no model can be trained: {fault}"
        )
        outcome = replace(outcome, status="infeasible", reason=reason)
    if model is None and outcome.status != "infeasible":
        model = search.confirmation(outcome.C)
        if settings.corrections:
            outcome, model, more = correct(search, outcome, settings.corrections, settings.max_rate)
            cost += more
    result = {**outcome.as_dict(), "cost_in_trainings": round(cost, 2)}
    if outcome.status == "infeasible":
        # Where a search ended is not the C that was asked for.
        result["C"] = None
    result["settings"] = settings.model_dump()
    result["architecture"] = task.model.model_dump()
    result["recipe"] = task.training.model_dump()
    result["corpus_sha256"] = task.corpus.fingerprint
    # The cell's own C is 0.
    result |= {name: value for name, value in task.cell.as_dict().items() if name != "C"}
    if model is not None:
        measured = search.measured(model)
        if settings.by == "fce" or settings.also_measure == "fce":
            fce = _fce(task, settings)
            costs = fce.costs(model, model, f"C = {outcome.C:g}", checkpoint_minutes)
            measured |= {"fce_nats": float(costs.mean()), "fce_error": standard_error(costs)}
            measured["fce_unk_percent"] = fce.unk_percent()
        compared, agrees = confirmed(outcome, measured)
        result |= {"folder": str(model.relative_to(folder)), "measured": measured}
        result |= {"compared": compared, "confirmed": agrees}
    search.keep_costs()
    write_json(folder / "choice.json", result)
    return result


def _search(search: Search, settings: ChoiceSettings) -> tuple[Outcome, float, Path | None]:
    """Return the outcome, its cost in trainings, and a model at its C if the search made one."""
    if settings.by == "fce":
        levels = grid(LEAST, settings.max_rate, settings.levels)
        return search.by_fce(levels, _fce(search.task, settings))
    given, cost = objective_settings(settings), 1.0
    if settings.by == "distortion" and settings.target_distortion is None:
        high, low, error = search.gap()
        cost += 2.0
        if (narrow := narrow_gap(settings, high, low, error)) is not None:
            return narrow, cost - 1.0, None
        given |= {"target_share": settings.target_share, "distortion_without_code": high}
        given |= {"distortion_autoencoder": low}
    return search.by_objective(**given), cost, None


def narrow_gap(settings: ChoiceSettings, high: float, low: float, error: float) -> Outcome | None:
    """Return how a search ends whose gap is lost in errors, or within which every C is right.

    high, low: D without a code and of an autoencoder, nats; error: of their difference.
    """
    target = high - settings.target_share * (high - low)
    needed = max(_ERRORS * error, TOLERANCE * target)
    if high - low > needed:
        return None
    reason = (
        f"an autoencoder has D = {low:.2f} and a language model {high:.2f} nats on validation"
        f" sentences: the gap of {high - low:.2f} nats is not above {needed:.2f}, the larger of"
        f" {_ERRORS} standard errors and {TOLERANCE:.0%} of D*, to take a share of it; a longer"
        " training may open one"
    )
    return Outcome("distortion", "infeasible", 0.0, reason, {"target": target, "tolerance": needed})


def _fce(task: TrainingJob, settings: ChoiceSettings) -> FCE:
    sizes = task.model.model_dump()
    return FCE(
        task.corpus,
        DecodingStrategy.parse(settings.decoding),
        min(settings.sentences, task.corpus.counted("train", "sentences")),
        resolve(LanguageModelSizes, sizes),
        LanguageModelSettings(**_LANGUAGE_MODEL),
        task.cell.seed,
        task.device,
    )


def paragraph(result: dict[str, Any], folder: Path) -> str:
    """Return the choice and its reason in a few sentences."""
    trainings = f"{result['cost_in_trainings']:g} training"
    trainings += "" if result["cost_in_trainings"] == 1 else "s"
    found = "No C" if result["C"] is None else f"C = {result['C']:g} nats"
    text = (
        f"{found}, by {result['by']}, {result['status']}: {result['reason']}."
        f" The search took {trainings}."
    )
    if "folder" not in result:
        return f"{text} No model was trained at a C that it found."
    measured = result["measured"]
    if (unknown := measured.get("fce_unk_percent", 0.0)) >= _MANY_UNKNOWN:
        text += f" Of the words that FCE is of, {unknown:.0f}% are <unk>."
    verdict = "confirmed" if result["confirmed"] else "not confirmed"
    return (
        f"{text} A training at this C, in {folder / result['folder']}, has D = {measured['D']:.2f},"
        f" R = {measured['R']:.2f}, I = {max(0.0, measured['I']):.2f} nats and"
        f" {measured['soft_active_units']:.1f} soft active units on validation sentences;"
        f" {result['compared']}: {verdict}."
    )
