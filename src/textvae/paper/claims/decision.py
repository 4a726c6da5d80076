"""What became of a claim: holds, does not hold, or not enough data to tell."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from textvae.paper.claims.claim import Claim
from textvae.paper.claims.evidence import Evidence, Key
from textvae.paper.claims.samples import Worlds

# 97.5% quantiles of Student's t with 1, 2, ... 30 degrees of freedom.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_NORMAL = 1.960


def of_mean(centre: float, values: Sequence[float]) -> tuple[float, float]:
    """About `centre`, as Student's t has it for the mean of two or more independent values."""
    freedom = len(values) - 1
    quantile = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _NORMAL
    half = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return centre - half, centre + half


def of_replicates(centre: float, replicates: Sequence[float]) -> tuple[float, float]:
    """About `centre`, the middle 95% of two or more bootstrap replicates.

    Only their spread is used: replicates of a covariance have a bias of their own.
    """
    mean = statistics.fmean(replicates)
    cuts = statistics.quantiles(replicates, n=40, method="inclusive")
    return centre + cuts[0] - mean, centre + cuts[-1] - mean


HOLDS = "holds"
FAILS = "does not hold"
OPEN = "not enough data"

NOT_MEASURED = "nothing to decide it on"
UNSURE = "the interval includes the bound"
NO_INTERVAL = "no interval there"

Interval = tuple[float, float]


@dataclass(frozen=True)
class Judged:
    """The statistic at one place: its value, its 95% interval if any, and what that is from."""

    value: float
    interval: Interval | None
    basis: str


@dataclass(frozen=True)
class Decision:
    """A verdict, and the instance of the statistic that decided it.

    value, place: None and "" where there is no instance. interval: 95%; None where nothing is
    known of the spread. basis: what the interval is from. places, met: how many instances there
    are, and how many of them meet the bound.
    """

    claim: Claim
    verdict: str
    value: float | None
    place: str
    interval: Interval | None
    basis: str
    places: int
    met: int

    @property
    def reason(self) -> str:
        """Why there is not enough data; "" where there is."""
        if self.verdict != OPEN:
            return ""
        if not self.places:
            return NOT_MEASURED
        return UNSURE if self.interval else NO_INTERVAL


def decide_as_printed(claim: Claim, evidence: Evidence) -> Decision:
    """The claim on numbers without any spread."""
    found = claim.places(evidence).items()
    return _decision(claim, {place: Judged(one.value, None, "") for place, one in found})


def decide(claim: Claim, worlds: Worlds) -> Decision:
    """The claim on measurements, with an interval for its statistic at each place.

    From Student's t over seeds where all that the place stands on has several; else from resampled
    test sentences, where all of it was resampled; else from Student's t over copies of synthetic
    corpora. The claim holds where the interval meets the bound everywhere, and does not where it
    lies beyond it anywhere. Where no place has an interval the values themselves decide; a place
    that has none beside others that do decides nothing.
    """
    evidence = worlds.evidence()
    found = claim.places(evidence)
    keys = {key for one in found.values() for key in one.keys}
    # Less to make again for each of many resamples.
    worlds = worlds.only({key.metric for key in keys} | evidence.context)

    @cache
    def alone(kind: str, number: int) -> dict[str, float]:
        """The statistic by place in the world of one seed, copy or resample."""
        of: dict[str, Callable[[int], Evidence]] = {
            "seed": worlds.of_seed,
            "copy": worlds.of_copy,
            "resample": worlds.of_resample,
        }
        return {place: one.value for place, one in claim.places(of[kind](number)).items()}

    def values(place: str, kind: str, numbers: Iterable[int]) -> Iterator[float]:
        for number in numbers:
            if place in (there := alone(kind, number)):
                yield there[place]

    def judge(place: str, value: float, stands_on: frozenset[Key]) -> Judged:
        seeds = list(values(place, "seed", sorted(worlds.seeds(stands_on))))
        if len(seeds) > 1:
            # What holds of a mean model need not hold of any: the mean is of the statistic.
            mean = statistics.fmean(seeds)
            return Judged(mean, of_mean(mean, seeds), f"{len(seeds)} seeds")
        resamples = list(values(place, "resample", range(worlds.resamples(stands_on))))
        if len(resamples) > 1:
            sentences = _sentences(worlds, stands_on)
            basis = f"one seed; {len(resamples)} resamples of {sentences}"
            return Judged(value, of_replicates(value, resamples), basis)
        copies = list(values(place, "copy", sorted(worlds.copies(stands_on))))
        if len(copies) > 1:
            mean = statistics.fmean(copies)
            basis = f"one seed; {len(copies)} copies"
            return Judged(mean, of_mean(mean, copies), basis)
        return Judged(value, None, "one seed; no interval")

    return _decision(
        claim, {place: judge(place, one.value, one.keys) for place, one in found.items()}
    )


def _decision(claim: Claim, judged: dict[str, Judged]) -> Decision:
    if not judged:
        return Decision(claim, OPEN, None, "", None, "", 0, 0)
    any_interval = any(one.interval for one in judged.values())
    verdicts = {place: _verdict(claim, one, any_interval) for place, one in judged.items()}
    verdict = next(one for one in (FAILS, OPEN, HOLDS) if one in verdicts.values())
    deciding = min(
        (place for place in judged if verdicts[place] == verdict),
        key=lambda place: claim.bound.margin(judged[place].value),
    )
    one = judged[deciding]
    met = sum(claim.bound.met(one.value) for one in judged.values())
    return Decision(
        *(claim, verdict, one.value, deciding, one.interval, one.basis),
        *(len(judged), met),
    )


def _verdict(claim: Claim, judged: Judged, any_interval: bool) -> str:
    """Of one place: whether both ends of its interval, or neither, meet the bound."""
    if judged.interval is None:
        if any_interval:
            return OPEN
        return HOLDS if claim.bound.met(judged.value) else FAILS
    ends = [claim.bound.met(end) for end in judged.interval]
    return HOLDS if all(ends) else OPEN if any(ends) else FAILS


def _sentences(worlds: Worlds, keys: Iterable[Key]) -> str:
    """How many test sentences (lines, or pairs) the resamples are of: 2,000, or 2,000 to 12,000."""
    counts = {worlds.sentences[key] for key in keys}
    return " to ".join(f"{count:,}" for count in sorted({min(counts), max(counts)}))
