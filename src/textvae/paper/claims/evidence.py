"""What a claim is decided on: numbers by corpus, model, decoding, C and metric.

The same type holds our measurements, what they would be with other seeds, copies or test sentences,
and the numbers that the paper prints; a claim does not see which it is given.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.descriptions import ModelConfig
from textvae.paper.rows import corpus_place


class Key(NamedTuple):
    """Where a number stands; `decoding` is "" where nothing was generated."""

    corpus: str
    model: str
    C: float
    decoding: str
    metric: str


@dataclass(frozen=True)
class ModelSpec(ModelConfig):
    """A model: its parts, its objective and beta, and its sizes.

    hidden: units of the recurrent state. latent: dimensions of z.
    """

    hidden: int
    latent: int

    @property
    def holds_rate(self) -> bool:
        """Whether the objective is the paper's, D + beta |R - C|."""
        return self.objective == "rate-target"


@dataclass(frozen=True)
class Step:
    """A metric at two C of a series."""

    place: str
    low: float
    high: float

    @property
    def change(self) -> float:
        """From the smaller C to the larger."""
        return self.high - self.low


@dataclass(frozen=True)
class Series:
    """The cells of one corpus and model that differ in C, and one decoding of what they generate.

    values: by C and metric. sizes: of the corpus, by metric. consumed, context: of all series of
    an evidence together, the keys that were read, and metrics that only decided what to read.
    """

    corpus: str
    model: str
    decoding: str
    spec: ModelSpec
    values: Mapping[tuple[float, str], float]
    sizes: Mapping[str, float]
    consumed: set[Key] = field(compare=False, repr=False)
    context: set[str] = field(compare=False, repr=False)

    @property
    def title(self) -> str:
        """cbt, lstm; or cbt, lstm, greedy: by names, which are each of one thing."""
        parts = [self.corpus, self.model, decodings.title(self.decoding)]
        return ", ".join(part for part in parts if part)

    def place(self, C: float) -> str:
        """cbt, lstm, C = 3."""
        return f"{self.title}, C = {format_C(C)}"

    def levels(self, metric: str) -> list[float]:
        """The C that have the metric, rising."""
        return sorted(C for C, name in self.values if name == metric)

    def at(self, C: float, metric: str) -> float:
        """The metric at a C that has it."""
        self.consumed.add(Key(self.corpus, self.model, C, self.decoding, metric))
        return self.values[C, metric]

    def over_C(self, metric: str) -> dict[float, float]:
        """The metric by rising C."""
        return {C: self.at(C, metric) for C in self.levels(metric)}

    def steps(self, metric: str) -> Iterator[Step]:
        """The metric from each C to the next; read as they are asked for, so that each stands on
        its own two numbers.
        """
        for low, high in pairwise(self.levels(metric)):
            place = f"{self.title}, {between(low, high)}"
            yield Step(place, self.at(low, metric), self.at(high, metric))

    def span(self, metric: str) -> Step | None:
        """The metric at the least and at the greatest C; None where it is known at fewer than 2."""
        over_C = list(self.over_C(metric).items())
        if len(over_C) < 2:
            return None
        (least, low), (greatest, high) = over_C[0], over_C[-1]
        return Step(f"{self.title}, {between(least, greatest)}", low, high)

    def syntactic_rows(self) -> list[str]:
        """The names of the rows of Table 4 that p1 was measured of."""
        found = {metric for _, metric in self.values if metric.endswith(".p1")}
        self.context.update(found)
        return sorted(metric.removesuffix(".p1") for metric in found)


class Evidence:
    """Numbers by key, in series over C. `consumed` and `context` collect what was read of them."""

    def __init__(
        self,
        values: Mapping[Key, float],
        specs: Mapping[tuple[str, str], ModelSpec],
        sizes: Mapping[str, Mapping[str, float]],
    ) -> None:
        """specs: what each model is, by corpus and model. sizes: of corpora, by metric."""
        self.consumed: set[Key] = set()
        self.context: set[str] = set()
        found: dict[tuple[str, str, str], dict[tuple[float, str], float]] = {}
        for key, value in values.items():
            # C = 0 aims at collapse; in other objectives C is no target, whatever cells are called.
            if key.C > 0 and specs[key.corpus, key.model].holds_rate:
                series = found.setdefault((key.corpus, key.model, key.decoding), {})
                series[key.C, key.metric] = value
        self._series = [
            Series(
                *(*name, specs[name[:2]], numbers, sizes.get(name[0], {})),
                *(self.consumed, self.context),
            )
            for name, numbers in sorted(found.items(), key=_place)
        ]

    def consumed_keys(self) -> frozenset[Key]:
        """Return the keys that were read since the last call."""
        keys = frozenset(self.consumed)
        self.consumed.clear()
        return keys

    def series(self, decoding: str = "") -> list[Series]:
        """Those of a decoding ("": nothing generated) and the paper's objective, D + |R - C|."""
        return [one for one in self._series if one.decoding == decoding and one.spec.beta == 1]

    def generated(self) -> list[Series]:
        """Those of generated text, in every decoding, and the paper's objective."""
        return [one for one in self._series if one.decoding and one.spec.beta == 1]

    def other_betas(self) -> list[Series]:
        """Those of the objective with another weight of the rate (footnote 3)."""
        return [one for one in self._series if not one.decoding and one.spec.beta != 1]


def between(low: float, high: float) -> str:
    """C = 3 → 15."""
    return f"C = {format_C(low)} → {format_C(high)}"


def changes(several: Iterable[Series], metric: str) -> Iterator[tuple[str, float]]:
    """Yield location and change of every step of some series: the statistic of many claims."""
    for series in several:
        for step in series.steps(metric):
            yield step.place, step.change


def _place(item: tuple[tuple[str, str, str], object]) -> tuple[object, ...]:
    corpus, model, decoding = item[0]
    return (*corpus_place(corpus), model, decodings.place(decoding))
