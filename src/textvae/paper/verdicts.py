"""Every number that the paper prints beside ours, each with a verdict.

Ours is that of the paper's own cell or of a stand-in. The authors' erratum is followed; where it
moves a number, what is printed in its place is compared too.
"""

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Literal

from textvae.cells import format_C
from textvae.paper.measurements import Measured, table
from textvae.paper.published import TABLES, Figure, corrected, published, records
from textvae.paper.stand_ins import Stand, StandIns

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# What identifies a number of ours, and the texts that it is the mean over.
_KEY = ["corpus", "model", "C", "decoding", "metric"]
_TEXT = ["seed", "copy"]


@dataclass(frozen=True)
class Ours:
    """A number of ours.

    value: the mean over all seeds and copies. measured_on: corpus/model/C, or as much of it as the
    number depends on; stands_in: whether that is a stand-in. of_seeds: the number of each seed, in
    order; none where there is no seed, as of a corpus. deviation: the standard deviation (N - 1)
    `over` what there are several of: seeds, copies, seeds and copies; None and "" otherwise.
    """

    value: float
    measured_on: str
    stands_in: bool
    of_seeds: tuple[float, ...] = ()
    deviation: float | None = None
    over: str = ""


class Reproduction:
    """What a run measured and how large its corpora are, looked up by what the paper prints."""

    def __init__(
        self,
        measured: "Iterable[Measured] | DataFrame",
        sizes: Mapping[str, Mapping[str, float]],
        stand_ins: StandIns,
    ) -> None:
        """sizes: corpus -> metric -> value. stand_ins: the paper's cell -> ours."""
        known = table(measured).dropna(subset="value")
        self._values = known.set_index([*_KEY, *_TEXT])["value"].sort_index()
        self._sizes = sizes
        self._stand_ins = stand_ins
        self._corpora = sorted({*sizes, *known["corpus"]})

    def of(self, figure: Figure) -> Ours | None:
        """What answers to a printed number; None where neither its cell nor a stand-in is run."""
        found = self._of_sizes(figure) if not figure.model else self._of_cells(figure)
        return next(found, None)

    def _of_sizes(self, figure: Figure) -> Iterator[Ours]:
        others = [ours.corpus for paper, ours in self._stand_ins.items() if _of(paper, figure)]
        for corpora, stands_in in ((self._named(figure.corpus), False), (others, True)):
            for corpus in corpora:
                if (value := self._sizes.get(corpus, {}).get(figure.metric)) is not None:
                    yield Ours(value, corpus, stands_in)

    def _of_cells(self, figure: Figure) -> Iterator[Ours]:
        own = [(corpus, figure.model, figure.C) for corpus in self._named(figure.corpus)]
        others = [
            (ours.corpus, ours.model, ours.C if figure.C is not None else None)
            for paper, ours in self._stand_ins.items()
            if _of(paper, figure)
        ]
        # A standard deviation is of a mean, and measured with it.
        deviates = figure.metric == "fce_standard_deviation"
        metric = "fce_nats" if deviates else figure.metric
        for cells, stands_in in ((own, False), (others, True)):
            for corpus, model, C in cells:
                name = f"{corpus}/{model}" + ("" if C is None else f"/C{format_C(C)}")
                for level in self._levels(corpus, model) if C is None else [C]:
                    key = (corpus, model, level, figure.decoding, metric)
                    if key not in self._values.index:
                        continue
                    texts = self._values.loc[key]
                    if C is None:
                        # The test set's, which is the same for every C, and for every copy.
                        texts = texts.groupby("seed").head(1)
                    found = _deviation(texts) if deviates else _mean(texts)
                    if found is not None:
                        yield replace(found, measured_on=name, stands_in=stands_in)

    def _named(self, corpus: str) -> list[str]:
        """Our corpora that are the paper's; one may as well be written CBT."""
        names = [name for name in self._corpora if name.casefold() == corpus]
        return sorted(names, key=lambda name: name != corpus)

    def _levels(self, corpus: str, model: str) -> list[float]:
        """The C of a model, rising."""
        if (corpus, model) not in self._values.index:
            return []
        return sorted(self._values.loc[corpus, model].index.unique("C"))


def _of(paper: Stand, figure: Figure) -> bool:
    """Whether a number is of a cell of the paper, as far as the number has corpus, model and C."""
    return (
        figure.corpus == paper.corpus
        and figure.model in ("", paper.model)
        and figure.C in (None, paper.C)
    )


def _mean(texts: "Series") -> Ours:
    """The mean over texts, indexed by seed and copy, and their standard deviation."""
    # Python's mean and standard deviation are correctly rounded; those of pandas are not.
    values, seeds = texts.tolist(), texts.groupby("seed")
    several = {"seeds": seeds.ngroups > 1, "copies": seeds.size().max() > 1}
    return Ours(
        statistics.fmean(values),
        *("", False),
        tuple(seeds.agg(statistics.fmean)),
        statistics.stdev(values) if len(values) > 1 else None,
        " and ".join(name for name, there in several.items() if there),
    )


def _deviation(texts: "Series") -> Ours | None:
    """The standard deviation between the texts of a seed, as the paper's is; None without any.

    Between seeds models differ.
    """
    several = texts.groupby("seed").filter(lambda values: len(values) > 1)
    if several.empty:
        return None
    of_seeds = several.groupby("seed").agg(statistics.stdev)
    return Ours(statistics.fmean(of_seeds), "", False, tuple(of_seeds))


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
    return [one for name in TABLES for one in _of_table(name, reproduction)]


def _of_table(name: str, reproduction: Reproduction) -> Iterator[Compared]:
    printed = published(name)
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
