"""Registered names and settings that the configuration accepts, without importing torch."""

from textvae.registry import FORMATS, MEASUREMENTS, OBJECTIVES
from textvae.settings import Spec

# Settings of measurements that are not keys of `evaluation`: self-BLEU's number of sentences is
# under `generation`.
_ELSEWHERE = {"description": ("self_bleu_sentences",)}


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


def uses_C(objective: str) -> bool:
    """Return whether an objective has a target of the rate; otherwise C has no effect."""
    return bool(OBJECTIVES.declared()[objective].facts.get("uses_C", True))
