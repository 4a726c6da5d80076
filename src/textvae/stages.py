"""Root modules of the code that results depend on, by workflow step and registered component.

`textvae.provenance` follows their imports. The roots of a step are the modules that its command
calls; the root of a registered component is the module that registers it.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.registry import (
    CLAIMS,
    DECODERS,
    ENCODERS,
    EXHIBITS,
    FORMATS,
    MEASUREMENTS,
    PARTS,
    POSTERIORS,
    PRIORS,
    Declaration,
    Registry,
)
from textvae.registry import STEPS as NORMALISATION

# Loading a model and selecting its device, which sets the precision of a GPU's products.
_MODEL = ("textvae.models.saved", "textvae.runtime.device")
_GENERATION = (
    "textvae.generation.codes",
    "textvae.generation.synthesis",
    "textvae.models.inference",
)
_TEXT = ("textvae.corpora.encoded", "textvae.fce.dictionary")

# Step -> roots, without the registered components that it uses.
STEPS: dict[str, tuple[str, ...]] = {
    "grammar": ("textvae.corpora.grammar.corpus",),
    "split": ("textvae.corpora.splitting",),
    # With formats and normalisation steps.
    "prepare": ("textvae.corpora.preparation",),
    "pairs": (
        "textvae.corpora.formats",
        "textvae.corpora.grammar.minimal_pairs",
        "textvae.corpora.minimal_pairs",
        "textvae.corpora.syneval",
    ),
    "train": ("textvae.training.cell", "textvae.runtime.device"),
    # With the parts of the model. The searches set the objective, and one the posterior.
    "choose-C": (
        "textvae.choice.choose",
        "textvae.models.posteriors.constant",
        "textvae.runtime.device",
        "textvae.training.objectives.auto_distortion",
        "textvae.training.objectives.auto_information",
        "textvae.training.objectives.elbo",
        "textvae.training.objectives.rate_target",
        "textvae.training.objectives.sweep",
    ),
    "codes": ("textvae.corpora.encoded", "textvae.generation.codes"),
    "sample": (*_GENERATION, *_MODEL),
    "interpolate": (*_GENERATION, *_MODEL),
    "common-dictionary": ("textvae.fce.dictionary",),
    "language-model": ("textvae.fce.training", "textvae.runtime.device", *_TEXT),
    "kneser-ney": ("textvae.fce.kneser_ney", *_TEXT),
    "measure": ("textvae.measurements.report", *_MODEL),
    # Measurements of synthetic text, and of language models that are trained on it.
    "measure-text": ("textvae.generation.generated", "textvae.measurements.report", *_TEXT),
    "gather": ("textvae.paper.gathering",),
    "table": (
        "textvae.paper.measurements",
        "textvae.paper.render.html",
        "textvae.paper.render.latex",
        "textvae.paper.rows",
    ),
    "figure": ("textvae.paper.measurements", "textvae.paper.render.figure", "textvae.paper.rows"),
    "document": ("textvae.paper.render.pdf",),
    "costs": ("textvae.paper.render.html", "textvae.paper.render.latex", "textvae.run.costs"),
    "run-information": ("textvae.run.information",),
    "archive": ("textvae.run.contents", "textvae.run.crate", "textvae.run.records"),
}

# The parts of a trained model. Its training depends on all of PARTS.
MODEL_PARTS: tuple[Registry, ...] = (ENCODERS, DECODERS, POSTERIORS, PRIORS)
# Kind -> registry of components that an exhibit may use (its fact `uses`).
USABLE: Mapping[str, Registry] = {CLAIMS.kind: CLAIMS}


def part_modules(settings: Mapping[str, Any], parts: Iterable[Registry]) -> tuple[str, ...]:
    """Return the modules of the registered parts that a model's settings select."""
    return tuple(part.declared()[settings[part.kind]].module for part in parts)


def part_notes(settings: Mapping[str, Any], parts: Iterable[Registry]) -> dict[str, str]:
    """Return metric -> what the selected parts imply for it by construction, their fact `notes`."""
    notes: dict[str, str] = {}
    for part in parts:
        declared = part.declared().get(settings.get(part.kind))
        notes |= {} if declared is None else declared.facts.get("notes", {})
    return notes


def training_roots(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the roots of the training of a cell, given all of its settings."""
    return STEPS["train"] + part_modules(settings, PARTS)


def results() -> dict[str, tuple[str, ...]]:
    """Return name -> roots of every step and registered component (`measurement posterior`, say).

    A training or measurement of a cell also depends on the parts of its model.
    """
    registered = {
        f"{registry.kind} {name}": _roots(one)
        for registry in (MEASUREMENTS, EXHIBITS, CLAIMS, *PARTS, FORMATS, NORMALISATION)
        for name, one in registry.declared().items()
    }
    return STEPS | registered


def named(name: str) -> dict[str, tuple[str, ...]]:
    """Return the entries of `results` for a name, or the name itself as its root.

    name: a step, a registered component with or without its kind, a dotted module or a Python file.
    InputError for any other name.
    """
    if "." in name:
        return {name: (name,)}
    known = results()
    entries = {each: roots for each, roots in known.items() if name in (each, each.split(" ")[-1])}
    if not entries:
        from textvae.config.messages import one_of

        names = [each.split(" ")[-1] for each in known]
        expected = one_of(names, name)
        raise InputError(f"got {name!r:.80}, expected a module, a Python file or {expected}")
    return entries


def roots_of(name: str) -> tuple[str, ...]:
    """Return the roots of all entries for a name; InputError as for `named`."""
    if name in STEPS or "." in name:
        return STEPS.get(name, (name,))
    return tuple(root for roots in named(name).values() for root in roots)


def _modules(declared: Iterable[Declaration]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.module for one in declared))


def _roots(declared: Declaration) -> tuple[str, ...]:
    """Return the roots of a registered component: its module, and those common to its kind."""
    roots = (declared.module,)
    if declared.kind == MEASUREMENTS.kind:
        # Measurements of text need no model.
        return roots + STEPS["measure-text" if declared.facts.get("of") == "text" else "measure"]
    if declared.kind == EXHIBITS.kind:
        drawn = not {"pdf", "svg", "png"}.isdisjoint(declared.facts.get("forms", ()))
        used = [USABLE[kind].declared().values() for kind in declared.facts.get("uses", ())]
        # One with LaTeX has tables, too.
        tables = STEPS["table"] if "tex" in declared.facts.get("forms", ()) or not drawn else ()
        return roots + tables + (STEPS["figure"] if drawn else ()) + _modules(chain(*used))
    return roots


def shown(root: str) -> str:
    """Return a root for display: a file outside the package by its name without folder."""
    return Path(root).name if root.endswith(".py") else root
