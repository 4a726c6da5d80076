"""Evidence that claims are decided on: numbers by corpus, model, decoding, C and metric.

The same type holds our measurements, those of a single seed, copy or resample of the test
sentences, and the paper's printed numbers, so that a claim treats all alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from textvae.cells import format_C
from textvae.natural_order import natural
from textvae.paper import decodings
from textvae.paper.descriptions import PAPERS_PARTS, ModelConfig, Parts
from textvae.paper.rows import corpus_sort_key


class MeasurementKey(NamedTuple):
    """The identity of a number; `decoding` is "" if nothing was generated."""

    corpus: str
    model: str
    C: float
    decoding: str
    metric: str


# What two models may differ in, and must be the same in otherwise.
_COMPARED = (
    *("encoder", "decoder", "posterior", "prior", "objective", "strategy", "beta"),
    *("hidden", "latent"),
)


@dataclass(frozen=True)
class ModelSpec(ModelConfig):
    """The parts, objective, beta and sizes of a model.

    hidden: units of the recurrent state. latent: dimensions of z. besides: by what two models may
    differ in (a kind of part, beta, hidden; "architecture" for encoder and decoder), the other
    settings as text.
    uniform: whether all of its cells have the same settings. floor: of free bits, if it is not C.
    """

    hidden: int
    latent: int
    besides: Mapping[str, str] = field(default_factory=dict, kw_only=True, compare=False)
    uniform: bool = field(default=True, kw_only=True, compare=False)
    floor: float | None = field(default=None, kw_only=True, compare=False)

    @property
    def has_rate_target(self) -> bool:
        """Return whether the objective is the paper's, D + beta |R - C|."""
        return self.objective == "rate-target"

    @property
    def is_plain_elbo(self) -> bool:
        """Return whether the objective is the ELBO with beta = 1."""
        return (self.objective, self.beta) == ("elbo", 1)

    def differs_in(self, kind: str, other: "ModelSpec") -> bool:
        """Return whether two models differ in a part or setting, and are the same otherwise.

        kind: of a part, or beta or hidden. The settings of that part, beta for the objective, are
        its own.
        """
        return (
            getattr(self, kind) != getattr(other, kind)
            and self.uniform
            and other.uniform
            and self.besides.get(kind) == other.besides.get(kind)
            and all(
                getattr(self, name) == getattr(other, name)
                for name in _COMPARED
                if name != kind and (kind, name) != ("objective", "beta")
            )
        )


@dataclass(frozen=True)
class Step:
    """A metric at two values of C of a series."""

    location: str
    low: float
    high: float

    @property
    def change(self) -> float:
        """Return the change from the smaller C to the larger."""
        return self.high - self.low


@dataclass(frozen=True)
class Series:
    """The cells of one corpus and model that differ in C, with one decoding of their text or none.

    values: by C and metric. sizes: of the corpus, by metric. consumed, context: the keys that were
    read, and the metrics that only determined which keys to read; shared by all series.
    """

    corpus: str
    model: str
    decoding: str
    spec: ModelSpec
    values: Mapping[tuple[float, str], float]
    sizes: Mapping[str, float]
    consumed: set[MeasurementKey] = field(compare=False, repr=False)
    context: set[str] = field(compare=False, repr=False)

    @property
    def title(self) -> str:
        """Return corpus, model and decoding, if any: cbt, lstm, greedy."""
        parts = [self.corpus, self.model, decodings.title(self.decoding)]
        return ", ".join(part for part in parts if part)

    def location(self, C: float) -> str:
        """Return the title with C: cbt, lstm, C = 3."""
        return f"{self.title}, C = {format_C(C)}"

    def over_all(self, metric: str, but_largest: bool = False) -> str:
        """Return the title with every C that has the metric: cbt, lstm, C = 3, 15, 100."""
        levels = self.levels(metric)
        return f"{self.title}, {among(levels[:-1] if but_largest else levels)}"

    def levels(self, metric: str) -> list[float]:
        """Return the values of C with the metric, ascending."""
        return sorted(C for C, name in self.values if name == metric)

    def at(self, C: float, metric: str) -> float:
        """Return the metric at a C that has it."""
        self.consumed.add(MeasurementKey(self.corpus, self.model, C, self.decoding, metric))
        return self.values[C, metric]

    def over_C(self, metric: str) -> dict[float, float]:
        """Return the metric by C, ascending."""
        return {C: self.at(C, metric) for C in self.levels(metric)}

    def steps(self, metric: str) -> Iterator[Step]:
        """Yield the metric at each C and the next.

        Values are read lazily, so that only its own two are recorded for each step.
        """
        for low, high in pairwise(self.levels(metric)):
            location = f"{self.title}, {between(low, high)}"
            yield Step(location, self.at(low, metric), self.at(high, metric))

    def span(self, metric: str) -> Step | None:
        """Return the metric at the smallest and largest C; None if known at fewer than 2."""
        over_C = list(self.over_C(metric).items())
        if len(over_C) < 2:
            return None
        (smallest, low), (largest, high) = over_C[0], over_C[-1]
        return Step(f"{self.title}, {between(smallest, largest)}", low, high)

    def fewest(self, metric: str, default: float) -> float:
        """Return the smallest value of a metric over C that only selects keys, or the default."""
        self.context.add(metric)
        return min((self.values[C, metric] for C in self.levels(metric)), default=default)

    def syntactic_rows(self) -> list[str]:
        """Return the names of the rows of Table 4 for which p1 was measured."""
        metrics = {metric for _, metric in self.values if metric.endswith(".p1")}
        self.context.update(metrics)
        return sorted(metric.removesuffix(".p1") for metric in metrics)


class Evidence:
    """Numbers by key, in series over C. `consumed` and `context` record which of them were read."""

    def __init__(
        self,
        values: Mapping[MeasurementKey, float],
        specs: Mapping[tuple[str, str], ModelSpec],
        sizes: Mapping[str, Mapping[str, float]],
        parts: Parts = PAPERS_PARTS,
    ) -> None:
        """specs: by corpus and model. sizes: of corpora, by metric.

        parts: those of the models that the paper's claims are decided on.
        """
        self.consumed: set[MeasurementKey] = set()
        self.context: set[str] = set()
        by_name: dict[tuple[str, str, str], dict[tuple[float, str], float]] = {}
        for key, value in values.items():
            series = by_name.setdefault((key.corpus, key.model, key.decoding), {})
            series[key.C, key.metric] = value

        def series_of(
            name: tuple[str, str, str], numbers: Mapping[tuple[float, str], float]
        ) -> Series:
            spec, own_sizes = specs[name[:2]], sizes.get(name[0], {})
            return Series(*name, spec, numbers, own_sizes, self.consumed, self.context)

        ordered = sorted(by_name.items(), key=_sort_key)
        self._methods = [series_of(*item) for item in ordered if not item[0][2]]
        # C = 0 is meant to collapse; under other objectives the C of a cell is not a target.
        self._series = [
            series_of(name, positive)
            for name, numbers in ordered
            if specs[name[:2]].has_rate_target and specs[name[:2]].parts == parts
            if (positive := {key: value for key, value in numbers.items() if key[0] > 0})
        ]

    def begin_place(self) -> None:
        """Forget what was read for a place that was left out: the next place does not rest on it.

        A claim that reads numbers to decide whether it has a place begins each with this.
        """
        self.consumed.clear()

    def consumed_keys(self) -> frozenset[MeasurementKey]:
        """Return the keys that were read since the last call."""
        keys = frozenset(self.consumed)
        self.consumed.clear()
        return keys

    def series(self, decoding: str = "") -> list[Series]:
        """Return the series with the paper's objective, D + |R - C|, and a decoding ("": none)."""
        return [one for one in self._series if one.decoding == decoding and one.spec.beta == 1]

    def methods(self) -> list[Series]:
        """Return the series of every objective and part, at every C, without generated text."""
        return self._methods

    def generated(self) -> list[Series]:
        """Return the series of generated text, in every decoding, with the paper's objective."""
        return [one for one in self._series if one.decoding and one.spec.beta == 1]

    def other_betas(self) -> list[Series]:
        """Return the series whose objective has another weight of the rate (footnote 3)."""
        return [one for one in self._series if not one.decoding and one.spec.beta != 1]


def among(levels: Iterable[float]) -> str:
    """Return the label of several C: C = 3, 15, 100."""
    return f"C = {', '.join(map(format_C, levels))}"


def between(low: float, high: float) -> str:
    """Return the label of a step: C = 3 → 15."""
    return f"C = {format_C(low)} → {format_C(high)}"


def changes(several: Iterable[Series], metric: str) -> Iterator[tuple[str, float]]:
    """Yield the location and change of every step of several series."""
    for series in several:
        for step in series.steps(metric):
            yield step.location, step.change


def _sort_key(item: tuple[tuple[str, str, str], object]) -> tuple[object, ...]:
    corpus, model, decoding = item[0]
    return (*corpus_sort_key(corpus), natural(model), decodings.sort_key(decoding))
