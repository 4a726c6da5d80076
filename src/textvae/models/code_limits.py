"""Limits of posteriors and priors: settings and C that they cannot meet, alone or together.

Functions as `textvae.models.limits` describes them. Does not import torch.
"""

from collections.abc import Mapping
from typing import Any

# Nats in one dimension. A deviation of exp(-20) is far above the smallest float32.
_MAX_DELTA = 20.0

# Objectives that need the rate of each dimension, and of each sentence.
_BY_DIMENSION = ("free-bits-dimension", "free-bits-sentence-dimension")
_BY_SENTENCE = ("free-bits-sentence",)

# Objectives that want the rate to be C, not at least C.
_MEETS_C = ("rate-target", "pi-control", "mdr", "soft-free-bits")
# Those that act only where the rate is below C, or below a floor of their own.
_RAISES = (*_BY_DIMENSION, *_BY_SENTENCE, "free-bits-batch", "mdr")

_SPHERE, _SPHERICAL = "uniform-sphere", "von-mises-fisher"


def constant(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a learnt prior, to which the rate of the fixed posterior is not C."""
    if settings["prior"] == "standard-normal":
        return None
    return (
        f"has the rate C to N(0, I) alone, expected prior: standard-normal, got {settings['prior']}"
    )


def delta(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a rate that float32 cannot represent in a dimension, and one above C."""
    given, latent = settings.get("delta_rate"), settings["latent"]
    value = C / latent if given is None else given
    if value <= _MAX_DELTA:
        return _floor_above(settings, f"delta_rate {value:g}", value * latent, C)
    if given is not None:
        return f"delta_rate {given:g}, expected at most {_MAX_DELTA:g} nats in a dimension"
    return (
        f"C = {C:g} is {value:.3g} nats in each of {latent} dimensions, expected at most"
        f" {_MAX_DELTA:g}: C up to {_MAX_DELTA * latent:g}"
    )


def batch_norm(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse batches of one sentence, which have no variance, and a rate above C."""
    if settings.get("batch") == 1:
        return "batch 1 has no variance over its sentences, expected more"
    given, latent = settings.get("batch_norm_gamma"), settings["latent"]
    gamma = (2 * C / latent) ** 0.5 if given is None else given
    return _floor_above(settings, f"batch_norm_gamma {gamma:g}", latent * gamma**2 / 2, C)


def _floor_above(settings: Mapping[str, Any], what: str, floor: float, C: float) -> str | None:
    """Refuse a floor of the rate above a C that the objective aims at, by more than a nat.

    So is one above every C of a search, and one that leaves the objective nothing to raise.
    """
    if settings["prior"] != "standard-normal":
        return None
    # Of objectives that search for a C.
    most = settings.get("max_rate")
    if most is not None and floor >= most:
        return (
            f"{what} keeps the rate at {floor:.3g} nats or more, expected less than max_rate"
            f" {most:g}, the largest C of the search"
        )
    objective, given = settings.get("objective"), settings.get("free_nats")
    wanted = C if given is None else given
    if objective in _MEETS_C and floor > C + 1:
        return f"{what} keeps the rate at {floor:.3g} nats or more, expected at most C = {C:g}"
    # Up to rounding.
    if objective in _RAISES and C > 0 and floor >= (1 - 1e-6) * wanted:
        return (
            f"{what} keeps the rate at {floor:.3g} nats or more, so that the objective {objective},"
            f" which raises it to {wanted:g}, has no effect; expected another, such as elbo"
        )
    return None


def von_mises_fisher(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse another prior than that of the sphere, and a concentration beyond float32."""
    if settings["prior"] != _SPHERE:
        return f"has codes on the unit sphere, expected prior: {_SPHERE}, got {settings['prior']}"
    return _few_dimensions(settings) or _concentration(settings, C) or _by_dimension(settings)


def _concentration(settings: Mapping[str, Any], C: float) -> str | None:
    if settings.get("vmf_concentration") is not None:
        return None
    from textvae.models.sphere import MAX_CONCENTRATION, rate

    latent = settings["latent"]
    most = rate(latent, MAX_CONCENTRATION)
    if most >= C:
        return None
    return (
        f"C = {C:g} needs a concentration above {MAX_CONCENTRATION:g} in {latent} dimensions,"
        f" expected C of at most {int(most)}"
    )


def uniform_sphere(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a posterior that is not on the sphere."""
    if settings["posterior"] == _SPHERICAL:
        return None
    return f"is on the unit sphere, expected posterior: {_SPHERICAL}, got {settings['posterior']}"


def vamp(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a posterior that depends on more than the features of a pseudo-input."""
    lacking = {"batch-norm": "batch", "semi-amortised": "words"}
    if (name := settings["posterior"]) in lacking:
        return f"pseudo-inputs have no {lacking[name]}, expected another posterior than {name}"
    return _closed_form(settings)


def real_nvp(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a code without two halves."""
    return _few_dimensions(settings) or _closed_form(settings)


def gaussian_mixture(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse objectives that need a closed form of the rate."""
    return _closed_form(settings)


def _closed_form(settings: Mapping[str, Any]) -> str | None:
    """Refuse objectives that need more than an estimate of a sentence's rate from one code."""
    objective = settings.get("objective")
    if objective in _BY_SENTENCE:
        return f"its rate of a sentence has no closed form, which the objective {objective} needs"
    return _by_dimension(settings)


def _by_dimension(settings: Mapping[str, Any]) -> str | None:
    objective = settings.get("objective")
    if objective not in _BY_DIMENSION:
        return None
    return f"its rate has no closed form by dimension, which the objective {objective} needs"


def _few_dimensions(settings: Mapping[str, Any]) -> str | None:
    latent = settings["latent"]
    return f"latent {latent}, expected at least 2 dimensions" if latent < 2 else None
