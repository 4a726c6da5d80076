"""What became of a claim: holds, does not hold, or not enough data to tell."""

from collections.abc import Iterable
from dataclasses import dataclass

from textvae.claims import intervals
from textvae.claims.claim import Claim
from textvae.claims.evidence import Evidence, Key
from textvae.claims.worlds import Worlds

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "not enough data"

NOT_MEASURED = "nothing to decide it on"
UNSURE = "the interval includes the bound"

Interval = tuple[float, float]


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
        return UNSURE if self.places else NOT_MEASURED


def decide_as_printed(claim: Claim, evidence: Evidence) -> Decision:
    """The claim on numbers without any spread."""
    return _decision(claim, claim.places(evidence), {}, "")


def decide(claim: Claim, worlds: Worlds) -> Decision:
    """The claim on measurements, with intervals for its statistic at each place.

    From Student's t over seeds where there are several; else from resampled test sentences, where
    all that the claim reads was resampled; else from Student's t over copies of synthetic corpora.
    The claim holds where the interval meets the bound everywhere, and does not where it lies beyond
    it anywhere; where there is no interval the value itself decides.
    """
    evidence = worlds.evidence()
    found = claim.places(evidence)
    keys = set(evidence.touched)
    # Less to make again for each of many resamples.
    worlds = worlds.only({key.metric for key in keys} | evidence.context)
    seeds, copies, count = worlds.seeds(keys), worlds.copies(keys), worlds.resamples(keys)
    if len(seeds) > 1:
        alone = _instances(claim, (worlds.of_seed(seed) for seed in seeds))
        basis, interval = f"{len(seeds)} seeds", intervals.of_mean
    elif count > 1:
        alone = _instances(claim, (worlds.of_resample(number) for number in range(count)))
        basis = f"one seed; {count} resamples of {_sentences(worlds, keys)}"
        interval = intervals.of_replicates
    elif len(copies) > 1:
        alone = _instances(claim, (worlds.of_copy(copy) for copy in copies))
        basis, interval = f"one seed; {len(copies)} copies", intervals.of_mean
    else:
        alone, interval = {}, intervals.of_mean
        basis = "one seed; no interval" if found else ""
    spreads = {
        place: interval(value, alone[place])
        for place, value in found.items()
        if len(alone.get(place, ())) > 1
    }
    return _decision(claim, found, spreads, basis)


def _instances(claim: Claim, evidences: Iterable[Evidence]) -> dict[str, list[float]]:
    """The statistic at each place, in each of several evidences that has it."""
    found: dict[str, list[float]] = {}
    for evidence in evidences:
        for place, value in claim.places(evidence).items():
            found.setdefault(place, []).append(value)
    return found


def _decision(
    claim: Claim, found: dict[str, float], spreads: dict[str, Interval], basis: str
) -> Decision:
    met = sum(map(claim.bound.met, found.values()))
    if not found:
        return Decision(claim, OPEN, None, "", None, basis, 0, 0)
    verdicts = {
        place: _verdict(claim, spreads.get(place, (value, value))) for place, value in found.items()
    }
    verdict = next(one for one in (FAILS, OPEN, HOLDS) if one in verdicts.values())
    deciding = min(
        (place for place in found if verdicts[place] == verdict),
        key=lambda place: claim.bound.margin(found[place]),
    )
    return Decision(
        *(claim, verdict, found[deciding], deciding, spreads.get(deciding), basis),
        *(len(found), met),
    )


def _verdict(claim: Claim, interval: Interval) -> str:
    """Of one instance: whether both ends, or neither, meet the bound."""
    ends = [claim.bound.met(end) for end in interval]
    return HOLDS if all(ends) else OPEN if any(ends) else FAILS


def _sentences(worlds: Worlds, keys: Iterable[Key]) -> str:
    """How many test sentences (lines, or pairs) the resamples are of: 2,000, or 2,000 to 12,000."""
    counts = {worlds.sentences[key] for key in keys}
    return " to ".join(f"{count:,}" for count in sorted({min(counts), max(counts)}))
