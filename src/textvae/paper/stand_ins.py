"""Stand-ins: our cells that are shown beside the paper's cells that are not run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.paper.published import TABLES, published


@dataclass(frozen=True, order=True)
class Stand:
    """A cell without its seed: corpus, model and C in nats."""

    corpus: str
    model: str
    C: float

    def __str__(self) -> str:
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}"

    @classmethod
    def parse(cls, text: str) -> "Stand":
        """Parse corpus/model/C15; C may be spelt in any way."""
        try:
            cell = Cell.parse(f"{text}/seed1")
        except InputError:
            raise InputError(f"{text!r:.80}: expected corpus/model/C15, without a seed") from None
        return cls(cell.corpus, cell.model, cell.C)


StandIns = Mapping[Stand, Stand]


def printed_stands() -> tuple[Stand, ...]:
    """Return the cells for which the paper prints numbers, in its order."""
    return tuple(
        dict.fromkeys(
            Stand(figure.corpus, figure.model, figure.C)
            for table in TABLES
            for figure in published(table)
            if figure.C is not None
        )
    )


def parse_stand_ins(pairs: Iterable[tuple[str, str]]) -> dict[Stand, Stand]:
    """Return the paper's cell -> ours.

    InputError if a text is not a cell, or the paper has no numbers for it or it appears twice.
    """
    found: dict[Stand, Stand] = {}
    known = printed_stands()
    for theirs, ours in pairs:
        paper = Stand.parse(theirs)
        if paper not in known:
            names = ", ".join(map(str, known))
            raise InputError(f"{theirs!r:.80}: not a cell of the paper, expected {names}")
        if paper in found:
            raise InputError(f"{theirs!r:.80}: already has a stand-in, {found[paper]}")
        found[paper] = Stand.parse(ours)
    return found


def split_pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Split texts of the form PAPER=OURS; InputError if one does not have exactly one `=`."""
    pairs = []
    for entry in texts:
        paper, equals, ours = entry.partition("=")
        if not equals:
            raise InputError(f"{entry!r:.80}: expected PAPER=OURS, as cbt/lstm/C3=mine/lstm/C3")
        pairs.append((paper, ours))
    return pairs
