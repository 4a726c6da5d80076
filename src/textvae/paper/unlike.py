"""The settings in which models of one exhibit differ beside the methods that it compares."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from textvae.natural_order import natural
from textvae.paper.descriptions import PAPERS_DECODERS, TrainedCell
from textvae.registry import PARTS

# So many models are named for a setting.
_MAX_NAMES = 3


def unlike(cells: Iterable[TrainedCell]) -> list[str]:
    """Return a note with the settings in which models differ, if there are any.

    The names of parts and their own settings are those of a method, but not the paper's encoders
    and decoders.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in cells:
        for name, value in _shared(one).items():
            found.setdefault(name, {}).setdefault(one.cell.model, value)
    texts = []
    for name, values in found.items():
        (usual, _), *others = Counter(values.values()).most_common()
        if not others:
            continue
        models = sorted((model for model, value in values.items() if value != usual), key=natural)
        listed = [f"{values[model]} of {model}" for model in models[:_MAX_NAMES]]
        more = len(models) - len(listed)
        texts.append(
            f"{name} {usual} ({', '.join(listed)}{f' and {more} more' if more > 0 else ''})"
        )
    if not texts:
        return []
    return [
        "Not all models have the same settings beside their methods, so that heights are not of "
        f"methods alone: {'; '.join(texts)}."
    ]


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
