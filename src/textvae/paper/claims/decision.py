"""Decide claims by 95% intervals of their statistics: holds, does not hold, not enough data."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from textvae.paper.claims.claim import Claim
from textvae.paper.claims.evidence import Evidence, MeasurementKey
from textvae.paper.claims.samples import Samples


def mean_interval(centre: float, values: Sequence[float]) -> tuple[float, float]:
    """Return Student's t interval about `centre` for the mean of two or more independent values."""
    # Imported here: it takes half a second. scipy.stats takes three times as long.
    from scipy.special import stdtrit

    quantile = float(stdtrit(len(values) - 1, 0.975))
    half = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return centre - half, centre + half


def bootstrap_interval(centre: float, replicates: Sequence[float]) -> tuple[float, float]:
    """Return the middle 95% of two or more bootstrap replicates, moved to `centre`.

    Only their spread is used, because replicates of a covariance are biased.
    """
    mean = statistics.fmean(replicates)
    cuts = statistics.quantiles(replicates, n=40, method="inclusive")
    return centre + cuts[0] - mean, centre + cuts[-1] - mean


HOLDS = "holds"
FAILS = "does not hold"
OPEN = "not enough data"

NOT_MEASURED = "not measured"
UNSURE = "the interval includes the bound"
NO_INTERVAL = "no interval"

Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """The statistic at one location: its value, its 95% interval if any, and its basis."""

    value: float
    interval: Interval | None
    basis: str


@dataclass(frozen=True)
class Decision:
    """A verdict, and the instance of the statistic that decided it.

    value, location: of that instance; None and "" if there are no instances. interval: 95%; None if
    the spread is unknown. basis: the data of the interval. locations, met: the number of instances,
    and the number that meet the bound.
    """

    claim: Claim
    verdict: str
    value: float | None
    location: str
    interval: Interval | None
    basis: str
    locations: int
    met: int

    @property
    def reason(self) -> str:
        """Return why there is not enough data; "" for other verdicts."""
        if self.verdict != OPEN:
            return ""
        if not self.locations:
            return NOT_MEASURED
        return UNSURE if self.interval else NO_INTERVAL


def decide_as_printed(claim: Claim, evidence: Evidence) -> Decision:
    """Decide a claim on numbers without any spread, such as the paper's."""
    values = claim.statistics(evidence).items()
    estimates = {location: Estimate(one.value, None, "") for location, one in values}
    return _decision(claim, estimates)


def decide(claim: Claim, samples: Samples) -> Decision:
    """Decide a claim on measurements, with a 95% interval for its statistic at each location.

    The interval is Student's t over seeds if all numbers behind the statistic have several; else
    the bootstrap over test sentences if all have replicates; else Student's t over copies of
    synthetic corpora. It is cut at the range of the statistic. The claim holds if the whole
    interval meets the bound at every location, and does not hold if no part of it does at some
    location. If no location has an interval, the values decide; if only some have one, there is not
    enough data at the others.
    """
    evidence = samples.evidence()
    overall = claim.statistics(evidence)
    metrics = {key.metric for one in overall.values() for key in one.keys}
    # Saves time: the evidence is built again for each of many resamples.
    samples = samples.only(metrics | evidence.context)

    @cache
    def by_location(kind: str, number: int) -> dict[str, float]:
        """Return the statistic by location for one seed, copy or resample."""
        select: dict[str, Callable[[int], Evidence]] = {
            "seed": samples.of_seed,
            "copy": samples.of_copy,
            "resample": samples.of_resample,
        }
        return {
            location: one.value for location, one in claim.statistics(select[kind](number)).items()
        }

    def values(location: str, kind: str, numbers: Iterable[int]) -> Iterator[float]:
        """Yield the statistic at one location for each seed, copy or resample that has it."""
        for number in numbers:
            if location in (sample := by_location(kind, number)):
                yield sample[location]

    def within_range(interval: Interval, keys: Iterable[MeasurementKey]) -> Interval:
        """Cut an interval at the range of the statistic, which may depend on the models."""
        latent = max((samples.specs[key.corpus, key.model].latent for key in keys), default=0)
        low, high = (claim.within_range(end, latent) for end in interval)
        return low, high

    def estimate(location: str, value: float, keys: frozenset[MeasurementKey]) -> Estimate:
        """Return the estimate at one location, whose statistic is computed from `keys`."""
        seeds = list(values(location, "seed", sorted(samples.seeds(keys))))
        if len(seeds) > 1:
            # Average the statistic over seeds, not the measurements: a claim may hold on averages
            # and on no single seed.
            mean = statistics.fmean(seeds)
            interval = within_range(mean_interval(mean, seeds), keys)
            return Estimate(mean, interval, f"{len(seeds)} seeds")
        resamples = list(values(location, "resample", range(samples.resamples(keys))))
        if len(resamples) > 1:
            sentences = _sentences(samples, keys)
            basis = f"one seed; {len(resamples)} resamples of {sentences}"
            return Estimate(value, within_range(bootstrap_interval(value, resamples), keys), basis)
        copies = list(values(location, "copy", sorted(samples.copies(keys))))
        if len(copies) > 1:
            mean = statistics.fmean(copies)
            basis = f"one seed; {len(copies)} copies"
            return Estimate(mean, within_range(mean_interval(mean, copies), keys), basis)
        return Estimate(value, None, "one seed; no interval")

    return _decision(
        claim,
        {location: estimate(location, one.value, one.keys) for location, one in overall.items()},
    )


def _decision(claim: Claim, estimates: dict[str, Estimate]) -> Decision:
    if not estimates:
        return Decision(claim, OPEN, None, "", None, "", 0, 0)
    any_interval = any(one.interval for one in estimates.values())
    verdicts = {location: _verdict(claim, one, any_interval) for location, one in estimates.items()}
    verdict = next(one for one in (FAILS, OPEN, HOLDS) if one in verdicts.values())
    deciding = min(
        (location for location in estimates if verdicts[location] == verdict),
        key=lambda location: claim.bound.margin(estimates[location].value),
    )
    one = estimates[deciding]
    met = sum(claim.bound.met(one.value) for one in estimates.values())
    return Decision(
        *(claim, verdict, one.value, deciding, one.interval, one.basis),
        *(len(estimates), met),
    )


def _verdict(claim: Claim, estimate: Estimate, any_interval: bool) -> str:
    """Return the verdict at one location: whether both ends of its interval meet the bound."""
    if estimate.interval is None:
        if any_interval:
            return OPEN
        return HOLDS if claim.bound.met(estimate.value) else FAILS
    ends = [claim.bound.met(end) for end in estimate.interval]
    return HOLDS if all(ends) else OPEN if any(ends) else FAILS


def _sentences(samples: Samples, keys: Iterable[MeasurementKey]) -> str:
    """Return the number of resampled test sentences (lines, or pairs): 2,000 or 2,000 to 12,000."""
    counts = {samples.sentences[key] for key in keys}
    return " to ".join(f"{count:,}" for count in sorted({min(counts), max(counts)}))
