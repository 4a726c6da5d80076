"""What a folder of results has from other configurations, or models, than those of its last run."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from textvae.config.queries import cells, choice_runs, groups_across_C
from textvae.config.removal import without_nulls
from textvae.config.strict_yaml import load
from textvae.errors import InputError, warn
from textvae.io import matching
from textvae.natural_order import natural
from textvae.paper.exhibit import exhibits, exhibits_of
from textvae.paper.json_values import cell_of, digits_of, read_object
from textvae.paper.trainings import Origin
from textvae.registry import MEASUREMENTS

_CONFIGURATION = "run/configuration.yaml"
_SUFFIXES = (".bootstrap.csv", ".tex", ".csv", ".html", ".pdf", ".svg", ".png")
# Parts of the path of a file -> how many of them name what it belongs to.
_DEPTH = {
    "corpora": 2,
    "models": 5,
    "synthetic": 5,
    "choices": 5,
    "language-models": 4,
    "fce": 5,
}
# Folders with measurements of cells, and with results of models.
_OF_CELLS = ("models", "synthetic")
_OF_MODELS = ("models/", "synthetic/", "fce/")
# So many are named in the warning.
_MAX_NAMES = 8


def leftovers(results: Path, names: Iterable[str]) -> set[str]:
    """Return the files that belong to nothing in the configuration of a run, or to another model.

    Warnings name them. names: paths below the results. Files of the user's own, with names that no
    exhibit, cell, corpus or choice of C can have, are none of them.
    """
    names = list(names)
    unknown = _of_other_configurations(results, names)
    if unknown:
        warn(
            f"{results}: left out {_shown(set(unknown.values()))}, which {_CONFIGURATION} does not"
            " have: they are of another configuration"
        )
    trained_again = _of_other_trainings(results, [name for name in names if name not in unknown])
    if trained_again:
        warn(
            f"{results}: left out {_shown(trained_again)}, which are of another training than the"
            " config.json of their model: their weights differ"
        )
    return {*unknown, *trained_again}


def read_origin(path: Path) -> Origin:
    """Read the cell and the training of a model's config.json, or of a result of a model."""

    def origin(content: dict[str, Any]) -> Origin:
        return Origin(cell_of(content.get("cell")), digits_of(content, "weights"), path)

    return read_object(path, "a model", origin)


def _of_other_configurations(results: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the files that the configuration of a run does not have, each with what it is of."""
    configuration = load(results / _CONFIGURATION)
    if not isinstance(configuration, dict) or not configuration.get("experiments"):
        return {}
    configuration = without_nulls(configuration)
    known, parts = _known(configuration), _known_parts(configuration)
    found: dict[str, str] = {}
    for name in names:
        owner, part = _owner(name), _part(name)
        if owner and owner not in known:
            found[name] = owner
        elif parts and part and part not in parts:
            found[name] = part
    return found


def _of_other_trainings(results: Path, names: Iterable[str]) -> list[str]:
    """Return the results of models that have been trained again since."""
    models = map(read_origin, matching(results, "models/**/config.json"))
    weights = {one.cell: one.weights for one in models if one.weights}
    found = []
    for name in names:
        # The weights in a config.json are its own.
        if name.startswith(_OF_MODELS) and name.endswith(".json") and "/config." not in name:
            one = _read_if_valid(results / name)
            if one and one.weights and weights.get(one.cell, one.weights) != one.weights:
                found.append(name)
    return found


def _read_if_valid(path: Path) -> Origin | None:
    try:
        return read_origin(path)
    except InputError:
        return None


def _shown(owners: Iterable[str]) -> str:
    ordered = sorted(owners, key=natural)
    more = len(ordered) - _MAX_NAMES
    return ", ".join(ordered[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _known(configuration: Mapping[str, Any]) -> set[str]:
    """Return what a configuration has, each as `_owner` returns it."""
    experiments = configuration["experiments"]
    known = {one.name for one in exhibits().values() if one.scope == "run"}
    for name in experiments:
        known.add(f"measurements/{name}")
        known.update(one.stem(name) for one in exhibits_of(name))
        for cell in cells(configuration, name):
            known.update((f"models/{cell}", f"synthetic/{cell}", f"corpora/{cell.corpus}"))
            known.add(f"language-models/{cell.corpus}/{cell.model}/seed{cell.seed}")
        for corpus, model, seed, levels in groups_across_C(configuration, name):
            known.add(f"fce/{corpus}/{model}/C{levels}/seed{seed}")
        for corpus, model, seed, choice in choice_runs(configuration, name):
            known.add(f"choices/{corpus}/{model}/seed{seed}/{choice}")
    return known


def _known_parts(configuration: Mapping[str, Any]) -> set[str]:
    """Return what a configuration has of its cells, each as `_part` returns it.

    Empty if it has no number of copies, as workflows record it.
    """
    copies = configuration.get("generation", {}).get("copies")
    known: set[str] = set()
    if not isinstance(copies, int):
        return known
    for name, entry in configuration["experiments"].items():
        measured, decodings = entry.get("measurements", ()), entry.get("decodings", ())
        numbered = [f"copy{nth}" for nth in range(1, copies + 1)]
        texts: list[str] = []
        for cell in cells(configuration, name):
            known.add(f"synthetic/{cell}/homotopy/{name}")
            known.update(f"{kind}/{cell}/{one}" for kind in _OF_CELLS for one in measured)
            known.update(f"models/{cell}/{one}/{entry.get('pairs')}" for one in measured)
            texts += [f"synthetic/{cell}/{one}/{copy}" for one in decodings for copy in numbered]
        for corpus, model, seed, levels in groups_across_C(configuration, name):
            for decoding in decodings:
                folder = f"fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}"
                known.add(folder)
                texts += [f"{folder}/C{C}/{copy}" for C in levels.split("-") for copy in numbered]
        known.update(texts, (f"{text}/{one}" for text in texts for one in measured))
    return known


def _part(name: str) -> str | None:
    """Return the measurement, homotopy or synthetic text that a file is of; None if of none."""
    parts = PurePosixPath(name).with_suffix("").parts
    inner, measured = parts[5:], MEASUREMENTS.declared()
    if parts[0] not in ("models", "synthetic", "fce") or not inner:
        return None
    if parts[0] != "fce" and (inner[0] in measured or (inner[0] == "homotopy" and inner[1:])):
        return "/".join(parts)
    if parts[0] == "fce" and inner[1:2] in (("dictionary",), ("real",)):
        return "/".join(parts[:6])
    depth = {"synthetic": 7, "fce": 8}.get(parts[0], 0)
    if len(parts) <= depth or not re.fullmatch("copy[0-9]+", parts[depth - 1]):
        return None
    return "/".join(parts if parts[-1] in measured else parts[:depth])


def _owner(name: str) -> str | None:
    """Return the exhibit, experiment, cell, corpus or choice that a file is of; None if of none."""
    parts = PurePosixPath(name).parts
    if parts[:2] == ("costs", "train"):
        # The costs of a training, without their suffix, are where its model is.
        parts = ("models", *PurePosixPath(name).with_suffix("").parts[2:], name)
    if len(parts) > 1 and (depth := _DEPTH.get(parts[0])):
        return "/".join(parts[:depth]) if len(parts) > depth else None
    stem = next((name.removesuffix(one) for one in _SUFFIXES if name.endswith(one)), None)
    if stem is None or (len(parts) > 1 and parts[0] not in ("curves", "measurements")):
        return None
    if len(parts) > 1:
        return stem
    own = [one.name for one in exhibits().values() if one.scope == "own"]
    return stem if any(stem == one or stem.startswith(f"{one}-") for one in own) else None
