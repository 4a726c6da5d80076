"""Roots of the code that each kind of result stands on: steps of the workflow, registered things.

`textvae.provenance` follows their imports. A step names the modules that its command calls; what a
registered thing does stands in the module that registers it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textvae.registry import _REGISTRIES, DECODERS, ENCODERS, PARTS, POSTERIORS, PRIORS, Registry

# A model as it is read from its folder and put on a device (which sets the products of a GPU).
_MODEL = ("textvae.models.saved", "textvae.runtime.device")
_TEXT = ("textvae.corpora.encoded", "textvae.fce.dictionary")

# Step -> roots, without the registered things that it uses.
STEPS: dict[str, tuple[str, ...]] = {
    "grammar": ("textvae.corpora.grammar.corpus",),
    "split": ("textvae.corpora.preparation",),
    "prepare": ("textvae.corpora.preparation",),
    "pairs": (
        "textvae.corpora.formats",
        "textvae.corpora.grammar.minimal_pairs",
        "textvae.corpora.minimal_pairs",
        "textvae.corpora.syneval",
    ),
    "train": ("textvae.training.cell", "textvae.runtime.device"),
    "codes": ("textvae.corpora.encoded", "textvae.generation.codes"),
    "sample": ("textvae.generation.codes", "textvae.generation.synthesis", *_MODEL),
    "interpolate": ("textvae.generation.codes", "textvae.generation.synthesis", *_MODEL),
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

# What remains of a trained model's parts when it is measured, and all that decides its training.
MODEL_PARTS: tuple[Registry, ...] = (ENCODERS, DECODERS, POSTERIORS, PRIORS)
TRAINING_PARTS = PARTS


def part_modules(settings: Mapping[str, Any], parts: Iterable[Registry]) -> tuple[str, ...]:
    """Return the modules of the registered parts that a model's settings select."""
    declared = ((part.declared(), settings.get(part.kind)) for part in parts)
    return tuple(known[name].module for known, name in declared if name in known)


def roots_of(name: str) -> tuple[str, ...]:
    """Return the roots that a step, a registered thing, a dotted module or a file stands for.

    Empty if it is none of these. A step goes before a registered thing of its name.
    """
    if name in STEPS:
        return STEPS[name]
    if "." in name:
        return (name,)
    for registry in _REGISTRIES.values():
        if name in registry.declared():
            return (registry.declared()[name].module,)
    return ()


def shown(root: str) -> str:
    """Return a root as a text names it: a file outside the package by its name alone."""
    return Path(root).name if root.endswith(".py") else root
