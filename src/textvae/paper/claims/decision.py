"""Decide claims: holds, does not hold, not enough data; on printed numbers also not decidable.

Our measurements decide by 95% intervals of statistics. The paper's printed numbers, which have
none, decide by the numbers themselves; a change within their tolerance decides nothing.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from textvae.paper.claims.claim import Claim
from textvae.paper.claims.evidence import Evidence, MeasurementKey
from textvae.paper.claims.intervals import (
    MIN_REPLICATES,
    Interval,
    bootstrap_interval,
    combined_interval,
    mean_interval,
)
from textvae.paper.claims.samples import SIZES, Samples
from textvae.paper.rows import MIN_SENTENCES

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "not enough data"
# Of the paper's own numbers only.
UNDECIDABLE = "not decidable as printed"
VERDICTS = (HOLDS, FAILS, OPEN, UNDECIDABLE)
# Of the verdicts at several locations, the first one of these is the claim's.
_PRECEDENCE = (FAILS, OPEN, UNDECIDABLE, HOLDS)

# Not measured, or only where the statistic leaves it out, such as units that are all active.
NOTHING_TO_COMPARE = "nothing to compare"
UNSURE = "the interval includes the bound"
NO_INTERVAL = "one value, no interval"
FEW = f"of fewer than {MIN_SENTENCES} sentences, lines or pairs"
FEW_RESAMPLES = f"one value of fewer than {MIN_REPLICATES} resamples"
UNLIKE_SIZES = "of texts of different numbers of sentences, with which it changes"
SOME = "some seeds, copies or resamples do not have it"
# The share of the resamples that may lack a statistic: that which a 95% interval leaves out.
_LACKING = 0.05

Tolerances = Mapping[MeasurementKey, float]


@dataclass(frozen=True)
class Estimate:
    """The statistic at one location: its value, its 95% interval if any, and its basis.

    lacks: why it has no interval, "" if it has one.
    """

    value: float
    interval: Interval | None
    basis: str
    lacks: str = ""


@dataclass(frozen=True)
class Decision:
    """A verdict, and the instance of the statistic that decided it.

    value, location: of that instance; None and "" if there are no instances. interval: 95%; None if
    the spread is unknown. basis: the data of the interval. locations, met: the number of instances,
    and the number that meet the bound. lacks: why there is no interval.
    """

    claim: Claim
    verdict: str
    value: float | None
    location: str
    interval: Interval | None
    basis: str
    locations: int
    met: int
    lacks: str = ""

    @property
    def reason(self) -> str:
        """Return why there is not enough data; "" for other verdicts."""
        if self.verdict != OPEN:
            return ""
        if not self.locations:
            return NOTHING_TO_COMPARE
        return UNSURE if self.interval else self.lacks


def decide_as_printed(
    claim: Claim, evidence: Evidence, tolerances: Tolerances = MappingProxyType({})
) -> Decision:
    """Decide a claim on numbers without any spread, such as the paper's.

    A change (a statistic whose bound is 0) that is no larger than the tolerance of a number that
    it is computed from is not decidable: the comparison with our numbers calls such numbers equal.
    """
    found = claim.statistics(evidence)

    def verdict(value: float, keys: Iterable[MeasurementKey]) -> str:
        tolerance = max((tolerances.get(key, 0.0) for key in keys), default=0.0)
        if claim.bound.limit == 0 and tolerance and abs(claim.bound.margin(value)) <= tolerance:
            return UNDECIDABLE
        return HOLDS if claim.bound.met(value) else FAILS

    return _decision(
        claim,
        {location: Estimate(one.value, None, "") for location, one in found.items()},
        {location: verdict(one.value, one.keys) for location, one in found.items()},
    )


class _Repeated:
    """The statistic of a claim by location, on samples and on each seed, copy and resample."""

    def __init__(self, claim: Claim, samples: Samples) -> None:
        self.samples = samples
        self._claim = claim
        self._found: dict[tuple[str, int], dict[str, float]] = {}

    def values(self, location: str, kind: str, numbers: Iterable[int]) -> list[float]:
        """Return the statistic at one location for each seed, copy or resample that has it."""
        found = (self._by_location(kind, number) for number in numbers)
        return [one[location] for one in found if location in one]

    def overall(self, location: str) -> float | None:
        """Return the statistic at one location on the means; None if there it has none."""
        return self._by_location("all", 0).get(location)

    def _by_location(self, kind: str, number: int) -> dict[str, float]:
        if (kind, number) not in self._found:
            evidence = {
                "all": lambda number: self.samples.evidence(),
                "seed": self.samples.of_seed,
                "copy": self.samples.of_copy,
                "resample": self.samples.of_resample,
            }[kind](number)
            statistic = self._claim.statistics(evidence)
            self._found[kind, number] = {place: one.value for place, one in statistic.items()}
        return self._found[kind, number]


def decide(claim: Claim, samples: Samples) -> Decision:
    """Decide a claim on measurements, with a 95% interval for its statistic at each location.

    The interval combines what varies in all numbers behind the statistic: seeds, or with one seed
    copies of synthetic corpora, by Student's t; and test sentences, by the bootstrap. It is cut at
    the range of the statistic. The claim holds if the whole interval meets the bound at every
    location, and does not hold if no part of it does at some location. One value without an
    interval decides nothing, at any location; neither does a statistic of fewer than 20 sentences,
    lines or pairs, whose resamples may all be equal, or one that changes with the size of a text,
    of texts of different sizes.

    Numbers with other seeds or copies than each other are compared on those that all of them have.
    A location that some of these lack, or more than 5% of the resamples, because its condition is
    not met there, decides nothing: the others are a selection.
    """
    evidence = samples.evidence()
    overall = claim.statistics(evidence)
    metrics = {key.metric for one in overall.values() for key in one.keys}
    # Saves time: the evidence is built again for each of many resamples.
    samples = samples.only(metrics | evidence.context | SIZES)
    whole = _Repeated(claim, samples)

    @cache
    def on_shared(seeds: frozenset[int], copies: frozenset[int]) -> _Repeated:
        return _Repeated(claim, samples.restricted(seeds, copies))

    def within_range(interval: Interval, keys: Iterable[MeasurementKey]) -> Interval:
        """Cut an interval at the range of the statistic, which may depend on the models."""
        latent = max((samples.specs[key.corpus, key.model].latent for key in keys), default=0)
        low, high = (claim.within_range(end, latent) for end in interval)
        return low, high

    def estimate(location: str, value: float, keys: frozenset[MeasurementKey]) -> Estimate:
        """Return the estimate at one location, whose statistic is computed from `keys`."""
        repeated = whole if samples.are_shared(keys) else on_shared(*samples.shared(keys))
        on_means = repeated.overall(location)
        if on_means is None:
            return Estimate(value, None, "no common seed has it", SOME)
        value, kind, numbers = on_means, "seed", samples.seeds(keys)
        basis = [f"{len(numbers)} seeds" if len(numbers) > 1 else "one seed"]
        if len(numbers) < 2 and len(samples.copies(keys)) > 1:
            kind, numbers = "copy", samples.copies(keys)
            basis.append(f"{len(numbers)} copies")
        values = repeated.values(location, kind, sorted(numbers)) if len(numbers) > 1 else []
        if len(values) < len(numbers) > 1:
            basis[-1] = f"{len(values)} of {basis[-1]}"
            return Estimate(value, None, "; ".join(basis), SOME)
        drawn = repeated.samples.resamples(keys)
        resamples = repeated.values(location, "resample", range(drawn))
        if drawn > 1:
            of = "" if len(resamples) == drawn else f"{len(resamples)} of "
            basis.append(f"{of}{drawn} resamples of {_sentences(samples, keys)}")
        if len(resamples) < (1 - _LACKING) * drawn:
            return Estimate(value, None, "; ".join(basis), SOME)
        if not samples.of_one_size(keys):
            return Estimate(value, None, "; ".join(basis), UNLIKE_SIZES)
        if samples.fewest(keys) < MIN_SENTENCES:
            return Estimate(value, None, "; ".join(basis), FEW)
        if values:
            # Average the statistic over seeds, not the measurements: a claim may hold on averages
            # and on no single seed.
            value = statistics.fmean(values)
            interval = (
                combined_interval(value, values, resamples)
                if len(resamples) > 1
                else mean_interval(value, values)
            )
        elif len(resamples) >= MIN_REPLICATES:
            interval = bootstrap_interval(value, resamples)
        elif resamples:
            return Estimate(value, None, "; ".join(basis), FEW_RESAMPLES)
        else:
            return Estimate(value, None, "one seed; no interval", NO_INTERVAL)
        return Estimate(value, within_range(interval, keys), "; ".join(basis))

    estimates = {
        location: estimate(location, one.value, one.keys) for location, one in overall.items()
    }
    verdicts = {location: _verdict(claim, one) for location, one in estimates.items()}
    return _decision(claim, estimates, verdicts)


def _decision(
    claim: Claim, estimates: Mapping[str, Estimate], verdicts: Mapping[str, str]
) -> Decision:
    """Return the verdict of the worst location, by verdict and then by distance to the bound."""
    if not estimates:
        return Decision(claim, OPEN, None, "", None, "", 0, 0)
    verdict = next(one for one in _PRECEDENCE if one in verdicts.values())
    deciding = min(
        (location for location in estimates if verdicts[location] == verdict),
        key=lambda location: claim.bound.margin(estimates[location].value),
    )
    one = estimates[deciding]
    met = sum(claim.bound.met(one.value) for one in estimates.values())
    return Decision(
        *(claim, verdict, one.value, deciding, one.interval, one.basis),
        *(len(estimates), met, one.lacks),
    )


def _verdict(claim: Claim, estimate: Estimate) -> str:
    """Return the verdict at one location: whether its whole interval meets the bound, or part."""
    if estimate.interval is None:
        return OPEN
    # Every range that meets a bound is without gaps: both ends are enough.
    if all(map(claim.bound.met, estimate.interval)):
        return HOLDS
    return OPEN if claim.bound.met_within(*estimate.interval) else FAILS


def _sentences(samples: Samples, keys: Iterable[MeasurementKey]) -> str:
    """Return the number of resampled test sentences (lines, or pairs): 2,000 or 2,000 to 12,000."""
    counts = {samples.sentences[key] for key in keys}
    return " to ".join(f"{count:,}" for count in sorted({min(counts), max(counts)}))
