"""Every number that the paper prints beside ours, each with a verdict.

The authors' erratum is followed, and what is printed in the place of a number that it moves is
read too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from textvae.paper.ours import Ours, Reproduction
from textvae.paper.published import TABLES, Figure, corrected, published, records


@dataclass(frozen=True)
class Tolerance:
    """`table` and `metric` are patterns as of file names: what numbers it is of."""

    table: str
    metric: str
    absolute: float
    relative: float
    reason: str

    def fits(self, figure: Figure) -> bool:
        """Whether it is of this number."""
        return fnmatchcase(figure.table, self.table) and fnmatchcase(figure.metric, self.metric)

    def of(self, value: float) -> float:
        """How far from `value` agrees, in its unit."""
        return max(self.absolute, self.relative * abs(value))


@cache
def tolerances() -> tuple[Tolerance, ...]:
    """All of them; every printed number has exactly one."""
    return tuple(
        Tolerance(**record | {name: float(record[name] or 0) for name in ("absolute", "relative")})
        for record in records("tolerances")
    )


def tolerance_of(figure: Figure) -> Tolerance:
    """The tolerance of a printed number."""
    return next(one for one in tolerances() if one.fits(figure))


Verdict = Literal["agrees", "deviates", "other corpus", "not run"]
VERDICTS: tuple[Verdict, ...] = ("agrees", "deviates", "other corpus", "not run")


@dataclass(frozen=True)
class Reading:
    """Ours against what the paper is read to say; `tolerance` is in the number's unit."""

    paper: float
    ours: Ours | None
    tolerance: float

    @property
    def difference(self) -> float | None:
        """Ours minus the paper's."""
        return None if self.ours is None else self.ours.value - self.paper

    @property
    def relative_difference(self) -> float | None:
        """The difference as a share of the paper's number; None where that is 0."""
        if self.difference is None or not self.paper:
            return None
        return self.difference / abs(self.paper)

    @property
    def verdict(self) -> Verdict:
        """A stand-in decides nothing; several seeds agree with all that lies among them, too."""
        if self.ours is None or self.difference is None:
            return "not run"
        if self.ours.stands_in:
            return "other corpus"
        if abs(self.difference) <= self.tolerance:
            return "agrees"
        of_seeds = self.ours.of_seeds
        among = len(of_seeds) > 1 and min(of_seeds) <= self.paper <= max(of_seeds)
        return "agrees" if among else "deviates"


@dataclass(frozen=True)
class Compared:
    """A printed number's place, read by the erratum and, where that changes it, as printed."""

    figure: Figure
    meant: Reading
    as_printed: Reading | None


def compare(reproduction: Reproduction) -> list[Compared]:
    """All that the paper prints, in its order."""
    return [one for table in TABLES for one in _of_table(table, reproduction)]


def _of_table(table: str, reproduction: Reproduction) -> Iterator[Compared]:
    printed = published(table)
    moved = corrected(printed)
    meant = {_place(figure): figure.value for figure in moved}
    touched = {
        _place(before)
        for before, after in zip(printed, moved, strict=True)
        if before.corpus != after.corpus
    }
    for figure in printed:
        ours, tolerance = reproduction.of(figure), tolerance_of(figure)
        readings = [
            Reading(value, ours, tolerance.of(value))
            for value in (meant[_place(figure)], figure.value)
        ]
        yield Compared(figure, readings[0], readings[1] if _place(figure) in touched else None)


def _place(figure: Figure) -> tuple[object, ...]:
    """What a number is of."""
    return (figure.corpus, figure.model, figure.C, figure.decoding, figure.metric)
