"""A C that is corrected by trainings from the start, until one of them is on the target.

A search within one training moves C, and a code that C has moved lags behind: a training at this C
from the start has another D or I. A few of these, each at a C between or beside those before, end
where the search aimed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textvae.choice.search import Search, confirmed
from textvae.training.automatic.controller import Outcome, rounded
from textvae.training.log import log_line

# The largest step of ln C.
_LARGEST = math.log(3)
# Nats of D that are saved where C grows by a factor e, and the power of C that active units follow:
# rough, and used only until two trainings are known.
_SAVED = 2.0
_POWER = 0.5
# I follows at least this power of C, and at most C itself, which bounds it.
_LEAST_POWER = 0.2
# Nats; so close to the C of another training nothing is learnt from one more.
_CLOSEST = 0.01
# Way -> the measurement that has a target, and its symbol.
_MEASUREMENTS = {
    "distortion": ("D", "D"),
    "information": ("I", "I"),
    "units": ("soft_active_units", "soft AU"),
}


@dataclass(frozen=True)
class Tried:
    """A training from the start: its C, nats, and what is missing for the target.

    missing: positive if C must rise: D - D*, I* - I, or the soft active units that are missing.
    """

    C: float
    missing: float


def correct(search: Search, outcome: Outcome, most: int, max_C: float) -> tuple[Outcome, Path, int]:
    """Train at another C until the target of a search is met; return how it ended.

    most: trainings that may be added to the one at the C that the search found.
    Returns the outcome at the C that comes closest, its folder, and the trainings that were added.
    """
    measurement, symbol = _MEASUREMENTS[outcome.by]
    target = outcome.figures["target"]
    tried: list[Tried] = []
    folders, shown, agrees = [], [], False
    C: float | None = outcome.C
    while C is not None and not agrees and len(tried) <= most:
        folders.append(search.confirmation(C, len(tried) + 1))
        measured = search.measured(folders[-1])
        value = measured[measurement]
        tried.append(Tried(C, value - target if outcome.by == "distortion" else target - value))
        # An estimate of I may be below 0.
        shown.append(f"C = {C:g}: {symbol} = {max(0.0, value):.2f}")
        log_line("choose-C", f"trained from the start: {shown[-1]} (aim: {target:g})")
        agrees = confirmed(outcome, measured)[1]
        C = next_C(tried, outcome.by, target, max_C)
        if C is not None and search.fault(C):
            C = None
    # The last one, if it agrees: one before may be closer to the target, and have no information.
    closest = min(range(len(tried)), key=lambda number: abs(tried[number].missing))
    best = len(tried) - 1 if agrees else closest
    status = "reached" if agrees else "missed"
    if len(tried) > 1 or not agrees or outcome.status != "reached":
        reason = (
            f"a search within one training found C = {outcome.C:g}; trained from the start,"
            f" {', '.join(shown)} on validation sentences, for {symbol}* = {target:g}"
        )
        figures = {**outcome.figures, "search": {**outcome.as_dict(), "figures": {}}}
        outcome = replace(outcome, status=status, C=tried[best].C, reason=reason, figures=figures)
    return outcome, folders[best], len(tried) - 1


def next_C(tried: Sequence[Tried], by: str, target: float, max_C: float) -> float | None:
    """Return a C for the next training; None if no other C could help.

    tried: the trainings so far, at least one. C is on the line between the two next to the target,
    one on either side of it. Beside all of them it is on the line through the two nearest, over
    ln C, and beside a single one where I as a power of C leads, I / C being the power; at most by a
    factor of 3.
    """
    low = max((one for one in tried if one.missing > 0), key=lambda one: one.C, default=None)
    high = min(
        (one for one in tried if one.missing <= 0 and (low is None or one.C > low.C)),
        key=lambda one: one.C,
        default=None,
    )
    if low is not None and high is not None:
        share = low.missing / (low.missing - high.missing)
        C = low.C + share * (high.C - low.C)
    else:
        C = _beside(tried, low or high or tried[-1], by, target)
    C = min(rounded(C), max_C)
    return None if any(abs(C - one.C) < _CLOSEST for one in tried) else C


def _beside(tried: Sequence[Tried], last: Tried, by: str, target: float) -> float:
    """Return a C on that side of all trainings where the target is.

    last: the training on this side.
    """
    if last.C <= 0:
        return last.C
    steps = [
        -last.missing * math.log(one.C / last.C) / (one.missing - last.missing)
        for one in tried
        if one.C > 0 and (one.C - last.C) * (one.missing - last.missing) < 0
    ]
    # Of ln C.
    step = min(steps, key=abs) if steps else _first_step(last, by, target)
    return last.C * math.exp(max(-_LARGEST, min(_LARGEST, step)))


def _first_step(one: Tried, by: str, target: float) -> float:
    if by == "distortion":
        return one.missing / _SAVED
    value = target - one.missing
    if value <= 0:
        return _LARGEST
    power = _POWER if by == "units" else max(_LEAST_POWER, min(1.0, value / one.C))
    return math.log(target / value) / power
