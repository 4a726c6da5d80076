"""What a folder of results has from other configurations than that of its last run."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from textvae.config.queries import cells, choice_runs, groups_across_C
from textvae.config.removal import without_nulls
from textvae.config.strict_yaml import load
from textvae.errors import warn
from textvae.natural_order import natural
from textvae.paper.exhibit import exhibits, exhibits_of

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
# So many are named in the warning.
_MAX_NAMES = 8


def leftovers(results: Path, names: Iterable[str]) -> set[str]:
    """Return the files that belong to nothing in the configuration of a run; a warning names them.

    names: paths below the results. Files of the user's own, with names that no exhibit, cell,
    corpus or choice of C can have, are none of them.
    """
    configuration = load(results / _CONFIGURATION)
    if not isinstance(configuration, dict) or not configuration.get("experiments"):
        return set()
    known = _known(without_nulls(configuration))
    found = {name: owner for name in names if (owner := _owner(name)) and owner not in known}
    if found:
        owners = sorted(set(found.values()), key=natural)
        more = len(owners) - _MAX_NAMES
        shown = ", ".join(owners[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
        warn(
            f"{results}: left out {shown}, which {_CONFIGURATION} does not have: they are of"
            " another configuration"
        )
    return set(found)


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
