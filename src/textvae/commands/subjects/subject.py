"""The subject of a measurement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textvae.cells import Cell
    from textvae.corpora.encoded import Sentences


@dataclass(frozen=True)
class Subject:
    """The subject of a measurement: arguments of its function, and its description in the JSON.

    arguments: positional arguments before the settings. keywords: keyword arguments. text: the
    split, or the file, that is measured; sentences: its number of sentences. notes: name -> note.
    warnings: names of notes that are also printed. settings: those of a text or of lines. origin:
    `weights` of the model, the SHA-256 of its corpus and of what is measured beside its splits, and
    `decoding` and `copy` of a generated text.
    """

    cell: "Cell"
    text: str
    sentences: int
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


def untrained_note(
    sentences: "Sentences", text: str = "the training split", learner: str = "the model has"
) -> str:
    """Return a note on unknown words of sentences, of which the text of a model has none."""
    from textvae.corpora.unknown_words import counted

    return (
        f"{counted(sentences)} are unknown, but {text} has no <unk>: {learner} not learnt its"
        " probability"
    )
