"""Stand-ins: our cells shown beside those cells of the paper that are not run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.paper.published import TABLES, published


@dataclass(frozen=True, order=True)
class UnseededCell:
    """A cell without its seed: corpus, model and C in nats."""

    corpus: str
    model: str
    C: float

    def __str__(self) -> str:
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}"

    @classmethod
    def parse(cls, text: str) -> "UnseededCell":
        """Parse corpus/model/C15; C may be written as 15 or 15.0."""
        try:
            cell = Cell.parse(f"{text}/seed1")
        except InputError:
            raise InputError(f"{text!r:.80}: expected corpus/model/C15, without a seed") from None
        return cls(cell.corpus, cell.model, cell.C)


StandIns = Mapping[UnseededCell, UnseededCell]


def printed_cells() -> tuple[UnseededCell, ...]:
    """Return the cells for which the paper prints numbers, in its order."""
    return tuple(
        dict.fromkeys(
            UnseededCell(figure.corpus, figure.model, figure.C)
            for table in TABLES
            for figure in published(table)
            if figure.C is not None
        )
    )


def parse_stand_ins(pairs: Iterable[tuple[str, str]]) -> dict[UnseededCell, UnseededCell]:
    """Return our cell for each of the paper's cells that has a stand-in.

    InputError if a text is not a cell, or one of the paper has no numbers or two stand-ins.
    """
    stand_ins: dict[UnseededCell, UnseededCell] = {}
    known = printed_cells()
    for theirs, ours in pairs:
        paper = UnseededCell.parse(theirs)
        if paper not in known:
            names = ", ".join(map(str, known))
            raise InputError(f"{theirs!r:.80}: not a cell of the paper, expected {names}")
        if paper in stand_ins:
            raise InputError(f"{theirs!r:.80}: already has a stand-in, {stand_ins[paper]}")
        stand_ins[paper] = UnseededCell.parse(ours)
    return stand_ins


def split_pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Split texts of the form PAPER=OURS; InputError if one does not have exactly one `=`."""
    pairs = []
    for entry in texts:
        paper, equals, ours = entry.partition("=")
        if not equals:
            raise InputError(f"{entry!r:.80}: expected PAPER=OURS, as cbt/lstm/C3=mine/lstm/C3")
        pairs.append((paper, ours))
    return pairs
