"""Stand-ins: cells of ours that are shown beside cells of the paper that are not run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.paper.published import TABLES, published


@dataclass(frozen=True, order=True)
class Stand:
    """A cell of every seed: corpus, model and C, in nats."""

    corpus: str
    model: str
    C: float

    def __str__(self) -> str:
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}"

    @classmethod
    def parse(cls, text: str) -> "Stand":
        """From corpus/model/C15, in any spelling of C."""
        try:
            cell = Cell.parse(f"{text}/seed1")
        except InputError:
            raise InputError(f"{text!r:.80}: expected corpus/model/C15, without a seed") from None
        return cls(cell.corpus, cell.model, cell.C)


StandIns = Mapping[Stand, Stand]


def printed_stands() -> tuple[Stand, ...]:
    """The cells that the paper has numbers of, in its order."""
    return tuple(
        dict.fromkeys(
            Stand(figure.corpus, figure.model, figure.C)
            for table in TABLES
            for figure in published(table)
            if figure.C is not None
        )
    )


def parse_stand_ins(pairs: Iterable[tuple[str, str]]) -> dict[Stand, Stand]:
    """The paper's cell -> ours. InputError where one is no cell, or the paper's none of its."""
    found: dict[Stand, Stand] = {}
    known = printed_stands()
    for theirs, ours in pairs:
        paper = Stand.parse(theirs)
        if paper not in known:
            names = ", ".join(map(str, known))
            raise InputError(f"{theirs!r:.80}: the paper has no numbers of it, expected of {names}")
        if paper in found:
            raise InputError(f"{theirs!r:.80}: has a stand-in already, {found[paper]}")
        found[paper] = Stand.parse(ours)
    return found


def split_pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """PAPER=OURS, each taken apart; InputError where there is no or more than one `=`."""
    pairs = []
    for entry in texts:
        paper, equals, ours = entry.partition("=")
        if not equals:
            raise InputError(f"{entry!r:.80}: expected PAPER=OURS, as cbt/lstm/C3=mine/lstm/C3")
        pairs.append((paper, ours))
    return pairs
