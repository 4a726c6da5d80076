"""A claim: a sentence, of the paper or on the frontier, as a statistic and the bound it must meet.

A function over `Evidence` becomes a claim by its registration:

    @CLAIMS.register("bleu-grows", summary="...", section="3.1", statistic="...", bound=above(0))
    def bleu_grows(evidence): ...

summary: the claim in one sentence. section: the section of the paper that makes it. statistic: in
words, with its unit. bound: the range of the statistic that the claim requires at every location
that the function yields. Where the paper gives no number, we chose the bound before the results
were known. range: the smallest and largest value that the statistic can have, None without one, and
LATENT for the number of dimensions of z (MINUS_LATENT: its negative); intervals do not extend
beyond it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from textvae.errors import InputError
from textvae.paper.claims.evidence import Evidence, MeasurementKey
from textvae.registry import CLAIMS, Declaration

# Of claims that are not the paper's, which names remedies for posterior collapse but compares none.
FRONTIER = "frontier"
# Sections of the paper with claims, in its order.
_SECTIONS = (
    *("3.1", "footnote 3", "footnote 5", "footnote 6", "3.2", "3.3.1", "footnote 7"),
    *("3.3.2", "footnote 8", "3.4", "4"),
    FRONTIER,
)
_FACTS = ("section", "statistic", "bound")

# As ends of a range: the number of dimensions of z, and its negative.
LATENT, MINUS_LATENT = "latent", "-latent"
End = float | Literal["latent", "-latent"] | None
# The smallest and largest value of a statistic, None without one.
Range = tuple[End, End]

# A location (corpus, model, C ...) and the value of the statistic there.
Instance = tuple[str, float]
Instances = Callable[[Evidence], Iterable[Instance]]

# The last: an absolute value of at most the limit.
Relation = Literal["<", "<=", ">", ">=", "within"]
_SIGNS = {"<": "< ", "<=": "≤ ", ">": "> ", ">=": "≥ ", "within": "within ±"}


class Bound(NamedTuple):
    """The range of a statistic in which its claim holds."""

    relation: Relation
    limit: float

    def met(self, value: float) -> bool:
        """Return whether a value meets the bound."""
        margin = self.margin(value)
        return margin > 0 or (margin == 0 and self.relation not in ("<", ">"))

    def met_within(self, low: float, high: float) -> bool:
        """Return whether some value from low to high meets the bound."""
        # The value nearest to 0, between two ends that may both be too far from it.
        nearest = min(max(0.0, low), high)
        return any(map(self.met, (low, high, nearest)))

    def margin(self, value: float) -> float:
        """Return the distance of a value from the limit; negative if it does not meet the bound."""
        if self.relation == "within":
            margin = self.limit - abs(value)
        elif self.relation in ("<", "<="):
            margin = self.limit - value
        else:
            margin = value - self.limit
        # Undo floating-point noise: printed numbers have few decimals; 0.3 - 0.2 must equal 0.1.
        return round(margin, 9)

    def __str__(self) -> str:
        return f"{_SIGNS[self.relation]}{self.limit:g}".replace("-", "−")


def below(limit: float) -> Bound:
    """Return the bound: less than `limit`."""
    return Bound("<", limit)


def above(limit: float) -> Bound:
    """Return the bound: greater than `limit`."""
    return Bound(">", limit)


def at_most(limit: float) -> Bound:
    """Return the bound: less than or equal to `limit`."""
    return Bound("<=", limit)


def at_least(limit: float) -> Bound:
    """Return the bound: greater than or equal to `limit`."""
    return Bound(">=", limit)


def within(limit: float) -> Bound:
    """Return the bound: from -limit to limit."""
    return Bound("within", limit)


@dataclass(frozen=True)
class Statistic:
    """The value of a statistic at one location, and the numbers that it is computed from."""

    value: float
    keys: frozenset[MeasurementKey]


@dataclass(frozen=True)
class Claim:
    """A registered claim. instances: the function; the other fields are as registered."""

    name: str
    summary: str
    section: str
    statistic: str
    bound: Bound
    instances: Instances
    range: Range = (None, None)

    def within_range(self, value: float, latent: int) -> float:
        """Return the value, or the end of the range that it exceeds; latent: dimensions of z."""
        sizes = {LATENT: latent, MINUS_LATENT: -latent}
        smallest, largest = (sizes.get(end, end) for end in self.range)
        if smallest is not None:
            value = max(smallest, value)
        return value if largest is None else min(value, largest)

    def statistics(self, evidence: Evidence) -> dict[str, Statistic]:
        """Return the statistic by location; ValueError if a location is repeated.

        Keys read between two yields are the basis of the second, but for those before the last
        `Evidence.begin_place`; if none were read, the basis of the first applies (for the steps of
        a series, for example).
        """
        statistics: dict[str, Statistic] = {}
        keys: frozenset[MeasurementKey] = frozenset()
        evidence.consumed_keys()
        for location, value in self.instances(evidence):
            if location in statistics:
                raise ValueError(f"{self.name}: the location {location} appears twice")
            keys = evidence.consumed_keys() or keys
            statistics[location] = Statistic(value, keys)
        return statistics


def catalogue() -> tuple[Claim, ...]:
    """Return all registered claims in the order of the paper; claims of other sections come last.

    InputError if a registration lacks a fact.
    """
    functions = CLAIMS.all()
    claims = [_claim(each, functions[name]) for name, each in CLAIMS.declared().items()]
    order = {section: index for index, section in enumerate(_SECTIONS)}
    return tuple(sorted(claims, key=lambda claim: order.get(claim.section, len(order))))


def _claim(declared: Declaration, instances: Instances) -> Claim:
    if missing := [fact for fact in _FACTS if fact not in declared.facts]:
        raise InputError(
            f"{declared.module}: the claim {declared.name!r} is registered without {missing[0]}="
        )
    return Claim(
        name=declared.name,
        summary=declared.summary,
        section=declared.facts["section"],
        statistic=declared.facts["statistic"],
        bound=Bound(*declared.facts["bound"]),
        instances=instances,
        range=tuple(declared.facts.get("range", (None, None))),
    )
