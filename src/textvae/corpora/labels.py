"""Labels before texts: `LABEL text` with a tab or a space, and fastText's `__label__`."""

import re
from collections.abc import Sequence

from textvae.errors import InputError
from textvae.registry import FORMATS

# What ends a label.
ENDS = ("tab", "space")
_BEFORE_SPACE = re.compile(r"\s*((?:__label__\S+\s+)+|\S+\s+)(?=\S)")
_MIN_LINES = 20


def drop_label(line: str, end: str) -> str:
    """Return a line without its label; InputError if it has none.

    end: "tab" or "space". Several labels of fastText before one text are dropped together.
    """
    if end == "tab":
        _, tab, text = line.partition("\t")
        if not tab:
            raise InputError("no tab, expected a label, a tab and the text")
        return text
    label = _BEFORE_SPACE.match(line)
    if not label:
        raise InputError("a single word, expected a label, a space and the text")
    return line[label.end() :]


def check_label(where: str, format: str, label: str | None) -> None:
    """Raise InputError if no `label` is before the texts of a format, or it drops that itself.

    where: its key or flag.
    """
    facts = FORMATS.declared()[format].facts
    if label and (facts.get("drops_label") or facts.get("json")):
        reason = "drops a label itself" if facts.get("drops_label") else "has JSON on its lines"
        raise InputError(f"{where}: got {label}, but format {format} {reason}; expected none")


def doubtful_labels(lines: Sequence[str]) -> str | None:
    """Return a message if the first words of `lines` are hardly labels: many differ.

    Keys of lines (`fr-en-12`), which all differ, have digits.
    """
    labels = [line.split(maxsplit=1)[0] for line in lines if line.strip()]
    different = list(dict.fromkeys(labels))
    keys = sum(any(map(str.isdigit, label)) for label in labels)
    if (
        len(labels) < _MIN_LINES
        or 3 * len(different) <= len(labels)
        or 10 * keys >= 9 * len(labels)
    ):
        return None
    return (
        f"`label: space` drops the first words of its lines, {len(different)} different ones in"
        f" the first {len(labels)} lines ({different[0]:.30}, {different[1]:.30} ...); expected a"
        " label before each text"
    )
