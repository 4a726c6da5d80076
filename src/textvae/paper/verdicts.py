"""Compare every number that the paper prints with ours, with a verdict for each.

The comparison follows the authors' erratum; a number that the erratum assigns to another corpus is
also compared as printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from textvae.paper.ours import Ours, Reproduction
from textvae.paper.published import TABLES, PublishedValue, corrected, published, records


@dataclass(frozen=True)
class Tolerance:
    """How far our value may differ from a printed number.

    table, metric: patterns (fnmatch) of the numbers that it applies to.
    """

    table: str
    metric: str
    absolute: float
    relative: float
    reason: str

    def applies_to(self, figure: PublishedValue) -> bool:
        """Return whether the tolerance applies to a number."""
        return fnmatchcase(figure.table, self.table) and fnmatchcase(figure.metric, self.metric)

    def at(self, value: float) -> float:
        """Return the largest difference from `value` that agrees, in its unit."""
        return max(self.absolute, self.relative * abs(value))


@cache
def tolerances() -> tuple[Tolerance, ...]:
    """Return all tolerances; exactly one applies to each printed number."""
    return tuple(
        Tolerance(**record | {name: float(record[name] or 0) for name in ("absolute", "relative")})
        for record in records("tolerances")
    )


def tolerance_of(figure: PublishedValue) -> Tolerance:
    """Return the tolerance of a printed number."""
    return next(one for one in tolerances() if one.applies_to(figure))


Verdict = Literal["agrees", "deviates", "other corpus", "not run"]
VERDICTS: tuple[Verdict, ...] = ("agrees", "deviates", "other corpus", "not run")


@dataclass(frozen=True)
class Reading:
    """Our value compared with one reading of the paper's; `tolerance` is in the number's unit."""

    paper: float
    ours: Ours | None
    tolerance: float

    @property
    def difference(self) -> float | None:
        """Return ours minus the paper's; None if not run."""
        return None if self.ours is None else self.ours.value - self.paper

    @property
    def relative_difference(self) -> float | None:
        """Return the difference as a share of the paper's number; None if that is 0."""
        if self.difference is None or not self.paper:
            return None
        return self.difference / abs(self.paper)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict; a stand-in neither agrees nor deviates.

        With several seeds, a number within their range agrees too.
        """
        if self.ours is None or self.difference is None:
            return "not run"
        if self.ours.stands_in:
            return "other corpus"
        if abs(self.difference) <= self.tolerance:
            return "agrees"
        of_seeds = self.ours.of_seeds
        within_range = len(of_seeds) > 1 and min(of_seeds) <= self.paper <= max(of_seeds)
        return "agrees" if within_range else "deviates"


@dataclass(frozen=True)
class Compared:
    """A printed number, read with the erratum and, if that changes it, also as printed."""

    figure: PublishedValue
    meant: Reading
    as_printed: Reading | None


def compare(reproduction: Reproduction) -> list[Compared]:
    """Compare all numbers that the paper prints, in its order."""
    return [one for name in TABLES for one in _of_table(name, reproduction)]


def _of_table(name: str, reproduction: Reproduction) -> Iterator[Compared]:
    printed = published(name)
    after_erratum = corrected(printed)
    meant = {_sort_key(figure): figure.value for figure in after_erratum}
    changed = {
        _sort_key(before)
        for before, after in zip(printed, after_erratum, strict=True)
        if before.corpus != after.corpus
    }
    for figure in printed:
        ours, tolerance = reproduction.of(figure), tolerance_of(figure)
        readings = [
            Reading(value, ours, tolerance.at(value))
            for value in (meant[_sort_key(figure)], figure.value)
        ]
        yield Compared(figure, readings[0], readings[1] if _sort_key(figure) in changed else None)


def _sort_key(figure: PublishedValue) -> tuple[object, ...]:
    """Return the key of a number: corpus, model, C, decoding and metric."""
    return (figure.corpus, figure.model, figure.C, figure.decoding, figure.metric)
