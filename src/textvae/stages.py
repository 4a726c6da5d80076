"""Roots of the code that each kind of result stands on: steps of the workflow, registered things.

`textvae.provenance` follows their imports. A step names the modules that its command calls; what a
registered thing does stands in the module that registers it.
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
    MEASUREMENTS,
    PARTS,
    POSTERIORS,
    PRIORS,
    Declaration,
    Registry,
)

# A model as it is read from its folder and put on a device (which sets the products of a GPU).
_MODEL = ("textvae.models.saved", "textvae.runtime.device")
_GENERATION = (
    "textvae.generation.codes",
    "textvae.generation.synthesis",
    "textvae.models.inference",
)
_TEXT = ("textvae.corpora.encoded", "textvae.fce.dictionary")

# Step -> roots, without the registered things that it uses.
STEPS: dict[str, tuple[str, ...]] = {
    "grammar": ("textvae.corpora.grammar.corpus",),
    "split": ("textvae.corpora.preparation",),
    # With formats and normalisation steps.
    "prepare": ("textvae.corpora.preparation",),
    "pairs": (
        "textvae.corpora.formats",
        "textvae.corpora.grammar.minimal_pairs",
        "textvae.corpora.minimal_pairs",
        "textvae.corpora.syneval",
    ),
    "train": ("textvae.training.cell", "textvae.runtime.device"),
    "codes": ("textvae.corpora.encoded", "textvae.generation.codes"),
    "sample": (*_GENERATION, *_MODEL),
    "interpolate": (*_GENERATION, *_MODEL),
    "common-dictionary": ("textvae.fce.dictionary",),
    "language-model": ("textvae.fce.training", "textvae.runtime.device", *_TEXT),
    "kneser-ney": ("textvae.fce.kneser_ney", *_TEXT),
    "measure": ("textvae.measurements.report", *_MODEL),
    # Of synthetic text, and of models of such text.
    "measure-text": ("textvae.generation.generated", "textvae.measurements.report", *_TEXT),
    "gather": ("textvae.paper.measurements",),
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
}

# The parts that a trained model is made of. Its training is decided by all of PARTS.
MODEL_PARTS: tuple[Registry, ...] = (ENCODERS, DECODERS, POSTERIORS, PRIORS)
# Kind -> registered things that an exhibit may use (its fact `uses`).
USABLE: Mapping[str, Registry] = {CLAIMS.kind: CLAIMS}


def part_modules(settings: Mapping[str, Any], parts: Iterable[Registry]) -> tuple[str, ...]:
    """Return the modules of the registered parts that a model's settings select."""
    return tuple(part.declared()[settings[part.kind]].module for part in parts)


def training_roots(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the roots of the training of a cell whose settings, all of them, are given."""
    return STEPS["train"] + part_modules(settings, PARTS)


def results() -> dict[str, tuple[str, ...]]:
    """Return name -> roots of every step, and of every registered thing as `measurement posterior`.

    A training or measurement of a cell stands on its model's parts as well.
    """
    registered = {
        f"{registry.kind} {name}": _roots(one)
        for registry in (MEASUREMENTS, EXHIBITS, *PARTS)
        for name, one in registry.declared().items()
    }
    return STEPS | registered


def named(name: str) -> dict[str, tuple[str, ...]]:
    """Return the results of `results` that a name stands for, or itself with its roots.

    name: a step, a registered thing with or without its kind, a dotted module or a Python file.
    InputError if it is none of these.
    """
    if "." in name:
        return {name: (name,)}
    known = results()
    found = {each: roots for each, roots in known.items() if name in (each, each.split(" ")[-1])}
    if not found:
        from textvae.config.messages import one_of

        names = [each.split(" ")[-1] for each in known]
        expected = one_of(names, name)
        raise InputError(f"got {name!r:.80}, expected a module, a Python file or {expected}")
    return found


def roots_of(name: str) -> tuple[str, ...]:
    """Return the roots of all that a name stands for; InputError as for `named`."""
    if name in STEPS or "." in name:
        return STEPS.get(name, (name,))
    return tuple(root for roots in named(name).values() for root in roots)


def _modules(declared: Iterable[Declaration]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.module for one in declared))


def _roots(declared: Declaration) -> tuple[str, ...]:
    """Return the roots of a registered thing: its module, and what serves all of its kind."""
    roots = (declared.module,)
    if declared.kind == MEASUREMENTS.kind:
        # What a text is measured by needs no model.
        return roots + STEPS["measure-text" if declared.facts.get("of") == "text" else "measure"]
    if declared.kind == EXHIBITS.kind:
        drawn = not {"pdf", "svg", "png"}.isdisjoint(declared.facts.get("forms", ()))
        used = [USABLE[kind].declared().values() for kind in declared.facts.get("uses", ())]
        return roots + STEPS["figure" if drawn else "table"] + _modules(chain(*used))
    return roots


def shown(root: str) -> str:
    """Return a root as a text names it: a file outside the package by its name alone."""
    return Path(root).name if root.endswith(".py") else root
