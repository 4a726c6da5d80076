"""The settings in which models of one exhibit, or cells of one model, differ unexpectedly."""

from collections import Counter
from collections.abc import Container, Iterable
from typing import Any

from textvae.cells import Cell, format_C
from textvae.natural_order import natural
from textvae.paper.descriptions import PAPERS_DECODERS, TrainedCell
from textvae.registry import PARTS

# So many models are named for a setting, and so many cells in a note.
_MAX_NAMES = 3
_MAX_CELLS = 12


def unlike(cells: Iterable[TrainedCell], which: str = "models") -> list[str]:
    """Return a note with the settings in which models differ, if there are any.

    which: what they are called there. The names of parts and their own settings are those of a
    method, but not the paper's encoders and decoders.
    """
    # Setting -> model and value -> the C of its cells.
    found: dict[str, dict[tuple[str, Any], list[float]]] = {}
    for one in cells:
        for name, value in _shared(one).items():
            of_models = found.setdefault(name, {})
            of_models.setdefault((one.cell.model, value), []).append(one.cell.C)
    texts = []
    for name, of_models in found.items():
        (usual, _), *others = Counter(value for _, value in of_models).most_common()
        if not others:
            continue
        shown = Counter(model for model, _ in of_models)
        unusual = sorted((each for each in of_models if each[1] != usual), key=_natural)
        listed = [
            f"{value} of {_where(model, of_models[model, value] if shown[model] > 1 else ())}"
            for model, value in unusual[:_MAX_NAMES]
        ]
        more = len(unusual) - len(listed)
        texts.append(
            f"{name} {usual} ({', '.join(listed)}{f' and {more} more' if more > 0 else ''})"
        )
    if not texts:
        return []
    return [
        f"Not all {which} have the same settings beside their methods, so that their differences "
        f"are not of methods alone: {'; '.join(texts)}."
    ]


def overridden(cells: Iterable[TrainedCell], left_out: Container[Cell]) -> list[str]:
    """Return notes on cells whose settings differ from those of most cells of their model.

    left_out: the cells that claims leave out. Of the others those of one model are compared over C,
    but the model is compared with no other.
    """
    models: dict[tuple[str, str], list[TrainedCell]] = {}
    for one in sorted(cells, key=lambda one: one.cell):
        models.setdefault((one.cell.corpus, one.cell.model), []).append(one)
    kept: dict[str, None] = {}
    dropped: dict[str, None] = {}
    for several in models.values():
        names = sorted({name for one in several for name in one.settings})
        usual = {
            name: Counter(one.settings.get(name) for one in several).most_common(1)[0][0]
            for name in names
        }
        for one in several:
            differences = [
                f"{name} {one.settings.get(name)} instead of {usual[name]}"
                for name in names
                if one.settings.get(name) != usual[name]
            ]
            if differences:
                cell = one.cell
                where = f"{cell.corpus}/{_where(cell.model, [cell.C])}, seed {cell.seed}"
                notes = dropped if cell in left_out else kept
                notes[f"{where} ({', '.join(differences)})"] = None
    return [
        f"{begins}: {'; '.join(list(notes)[:_MAX_CELLS])}"
        f"{f' and {len(notes) - _MAX_CELLS} more' if len(notes) > _MAX_CELLS else ''}."
        for begins, notes in (
            (
                "Left out of the claims, because their settings make them another model than most"
                " cells of their name",
                dropped,
            ),
            (
                "Claims compare C of trainings with different settings, and leave these models out"
                " where models are compared",
                kept,
            ),
        )
        if notes
    ]


def _natural(model_and_value: tuple[str, Any]) -> object:
    return natural(model_and_value[0])


def _where(model: str, levels: Iterable[float]) -> str:
    """Return a model with its C, if there are any: lstm at C = 3, 15."""
    listed = ", ".join(map(format_C, sorted(set(levels))))
    return f"{model} at C = {listed}" if listed else model


def _shared(one: TrainedCell) -> dict[str, Any]:
    """Return the settings that are not of a part."""
    own: set[str] = set()
    for registry in PARTS:
        part = registry.declared().get(str(one.settings.get(registry.kind)))
        own |= {registry.kind, *(spec.name for spec in (part.specs if part else ()))}
    shared = {name: value for name, value in one.settings.items() if name not in own}
    if one.config.decoder in PAPERS_DECODERS:
        shared |= {"encoder": one.config.encoder, "decoder": one.config.decoder}
    return shared
