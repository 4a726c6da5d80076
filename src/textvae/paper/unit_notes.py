"""Notes on posteriors whose active units say little: all or none by construction, for example."""

from collections.abc import Iterable

from textvae.paper.descriptions import ModelConfig
from textvae.stages import MODEL_PARTS, part_notes


def notes_on_units(configs: Iterable[ModelConfig]) -> list[str]:
    """Return a note on each posterior of the models whose active units say little."""
    chosen = {(config.posterior, config.prior) for config in configs}
    found = {
        posterior: part_notes({"posterior": posterior, "prior": prior}, MODEL_PARTS)
        for posterior, prior in sorted(chosen)
    }
    return [
        f"AU of the posterior {posterior}: {notes['active_units']}."
        for posterior, notes in found.items()
        if "active_units" in notes
    ]
