"""A claim: one sentence of the paper as a statistic and the bound that it must meet."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from textvae.cells import Cell
from textvae.paper.cell_configs import read_cells
from textvae.paper.claims.evidence import Evidence, Key, Kind


def read_kinds(paths: Iterable[Path]) -> dict[Cell, Kind]:
    """The kind of each cell; InputError if a file is no configuration, or two are of one cell."""
    return {
        cell: Kind(**asdict(trained.config), hidden=trained.hidden, latent=trained.latent)
        for cell, trained in read_cells(paths).items()
    }


# A place (corpus, model, C ...) and the statistic there.
Instance = tuple[str, float]
Statistic = Callable[[Evidence], Iterable[Instance]]

_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True)
class Bound:
    """Where a statistic must lie for its claim to hold."""

    relation: Literal["<", "<=", ">", ">="]
    limit: float

    def met(self, value: float) -> bool:
        """Whether a value lies there."""
        margin = self.margin(value)
        return margin > 0 or (margin == 0 and self.relation in ("<=", ">="))

    def margin(self, value: float) -> float:
        """How far inside the bound a value is; negative outside."""
        inside = self.limit - value if self.relation in ("<", "<=") else value - self.limit
        # Printed numbers have few decimals: 0.3 - 0.2 shall be 0.1.
        return round(inside, 9)

    def __str__(self) -> str:
        return f"{_SIGNS[self.relation]} {self.limit:g}".replace("-", "−")


@dataclass(frozen=True)
class Found:
    """The statistic at one place, and the numbers that it stands on."""

    value: float
    keys: frozenset[Key]


@dataclass(frozen=True)
class Claim:
    """What the paper says, where, and how it is decided.

    name: as in the tables' first column. says: the claim in one sentence. section: of the paper.
    statistic: what `instances` gives for each place, in words, with its unit; the claim holds where
    every one of them meets the bound. Bounds that the paper's words leave open are ours, fixed here
    beforehand.
    """

    name: str
    says: str
    section: str
    statistic: str
    bound: Bound
    instances: Statistic

    def places(self, evidence: Evidence) -> dict[str, Found]:
        """The statistic by place. ValueError if two places have one name.

        What is read between two places is what the second stands on; where nothing is, it was all
        read for the one before (the steps of a family are).
        """
        found: dict[str, Found] = {}
        keys: frozenset[Key] = frozenset()
        evidence.just_touched()
        for place, value in self.instances(evidence):
            if place in found:
                raise ValueError(f"{self.name}: two places are called {place}")
            keys = evidence.just_touched() or keys
            found[place] = Found(value, keys)
        return found


def claim(*, says: str, section: str, statistic: str, bound: Bound) -> Callable[[Statistic], Claim]:
    """Make a claim of a function, under the function's own name with hyphens."""

    def make(instances: Statistic) -> Claim:
        name = instances.__name__.replace("_", "-")
        return Claim(name, says, section, statistic, bound, instances)

    return make


def below(limit: float) -> Bound:
    return Bound("<", limit)


def above(limit: float) -> Bound:
    return Bound(">", limit)


def at_most(limit: float) -> Bound:
    return Bound("<=", limit)


def at_least(limit: float) -> Bound:
    return Bound(">=", limit)
