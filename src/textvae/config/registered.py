"""Registered names and settings that the configuration accepts, without importing torch."""

from collections.abc import Mapping
from typing import Any

from textvae.registry import FORMATS, MEASUREMENTS, OBJECTIVES, POSTERIORS, STRATEGIES
from textvae.settings import Spec

# Settings of measurements that are not keys of `evaluation`: self-BLEU's number of sentences is
# under `generation`.
_ELSEWHERE = {"description": ("self_bleu_sentences",)}
# Priors that are fitted to the codes, and objectives without other terms than D and the rate.
_FITTED = ("gaussian-mixture", "real-nvp")
_OF_THE_RATE = ("elbo", "rate-target")


def formats() -> tuple[str, ...]:
    """Return the names of the raw text formats."""
    return FORMATS.names()


def measurements() -> dict[str, tuple[str, tuple[Spec, ...]]]:
    """Return name -> (summary, settings under `evaluation`) of every measurement."""
    return {
        name: (
            known.summary,
            tuple(one for one in known.specs if one.name not in _ELSEWHERE.get(name, ())),
        )
        for name, known in MEASUREMENTS.declared().items()
    }


def uses_C(settings: Mapping[str, Any]) -> bool:
    """Return whether a model depends on C: its objective aims at C, or its posterior does.

    Both may name a setting that follows from C if it is null, as the fact `C_setting`.
    """
    return objective_uses_C(settings) or posterior_uses_C(settings)


def objective_uses_C(settings: Mapping[str, Any]) -> bool:
    """Return whether an objective aims at C, and not at the value of a setting."""
    facts = OBJECTIVES.declared()[settings["objective"]].facts
    return bool(facts.get("uses_C", True)) and given_instead_of_C(settings) is None


def given_instead_of_C(settings: Mapping[str, Any]) -> str | None:
    """Return the setting of an objective that replaces C, with its value; None if none does."""
    name = OBJECTIVES.declared()[settings["objective"]].facts.get("C_setting")
    value = settings.get(name)
    return None if value is None else f"{name} {value:g}"


def posterior_uses_C(settings: Mapping[str, Any]) -> bool:
    """Return whether the rate of a posterior follows from C."""
    known = POSTERIORS.declared().get(settings.get("posterior"))
    fixed = None if known is None else known.facts.get("C_setting")
    return fixed is not None and settings.get(fixed) is None


def fixed_rate_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why C has no effect on the rate of a model, as a message; None if it has.

    A posterior whose rate is that of a setting, whatever is trained, has the fact `fixed_rate`.
    """
    posterior = settings["posterior"]
    facts = POSTERIORS.declared()[posterior].facts
    if not facts.get("fixed_rate"):
        return None
    # A posterior may have one rate, which no setting gives.
    name = facts.get("C_setting")
    value = settings.get(name)
    what = f"the rate that {name} {value:g} gives" if value is not None else "one rate"
    return (
        f"posterior {posterior} has {what} throughout a training, whatever C is; expected another"
        " posterior"
    )


def weight_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why a weight of the rate has no effect, as a message; None if it has one.

    A fixed rate has no gradient.
    """
    posterior, objective = settings["posterior"], settings["objective"]
    if not POSTERIORS.declared()[posterior].facts.get("fixed_rate"):
        return None
    without = f"has no effect, because the rate of the posterior {posterior} is fixed"
    # With |R - C| a control may inherit the beta of the model that it is compared with.
    if objective == "elbo" and settings["beta"] != 1:
        return f"beta {settings['beta']:g} {without}, expected 1"
    # InfoVAE moves the codes of vMF as well; a constant posterior has none to move.
    allowed = ("elbo", "rate-target", *(() if posterior == "constant" else ("infovae",)))
    if OBJECTIVES.declared()[objective].of_package and objective not in allowed:
        return f"objective {objective} {without}, expected elbo"
    return None


def rise_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why a rise of the objective's terms has no effect, as a message; None if it has one.

    With a pretraining the decoder starts again, whatever rises then.
    """
    if settings.get("pretraining") != 0 or settings["objective"] not in _OF_THE_RATE:
        return None
    if settings.get("bag_weight") or settings["prior"] in _FITTED:
        return None
    posterior, why = settings["posterior"], None
    if settings["beta"] == 0:
        why = "beta 0, which the rate has at first"
    elif POSTERIORS.declared()[posterior].facts.get("fixed_rate"):
        why = f"the posterior {posterior}, whose rate is fixed"
    return why and (
        f"strategy {settings['strategy']} with pretraining 0 has no effect with {why}; expected"
        " pretraining above 0"
    )


def given_rate_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why an objective cannot aim at C, if a posterior has another rate; None if it can."""
    facts = POSTERIORS.declared()[settings["posterior"]].facts
    name = facts.get("C_setting")
    given = facts.get("fixed_rate") and (name is None or settings.get(name) is not None)
    if not (given and objective_uses_C(settings)):
        return None
    fault = f"objective {settings['objective']} aims at C, but {fixed_rate_fault(settings)}"
    return fault if name is None else f"{fault}, or {name} left out"


def strategy_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why C cannot be searched for with a strategy, as a message; None if it can.

    A strategy that gives the rate no weight at first has the fact `rate_free_at_first`.
    """
    strategy = settings["strategy"]
    if not STRATEGIES.declared()[strategy].facts.get("rate_free_at_first"):
        return None
    return (
        f"strategy {strategy} gives the rate no weight at first, while C is searched for; expected"
        " another strategy"
    )
