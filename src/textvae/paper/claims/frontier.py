"""Claims on methods against posterior collapse, at equal rate or equal C.

They are ours: the paper lists the methods (sections 1 and 2.2) and compares with none. A method is
known by the registered names of its objective and posterior, and compared with models that differ
from it in nothing else.
"""

from collections.abc import Iterator
from itertools import pairwise, permutations

from textvae.empty_codes import MIN_RATE, MIN_SHARE, use_of_code
from textvae.paper.claims.claim import FRONTIER, Instance, above, at_most, below, within
from textvae.paper.claims.evidence import Evidence, Series
from textvae.paper.descriptions import PAPERS_DECODERS, PAPERS_PARTS
from textvae.paper.rows import TOLERANCE, on_target
from textvae.registry import CLAIMS

_RATE, _DISTORTION = "rate_nats", "distortion_nats"
# Most that an interpolated D may be too large, nats: half of what decides.
_MAX_ERROR = TOLERANCE / 2
_LOWER, _UPPER = "mutual_information_nats", "mutual_information_upper_nats"

_ANNEALING = ("linear-annealing", "logistic-annealing", "cyclical-annealing")
_LEARNT_PRIORS = ("gaussian-mixture", "vamp", "real-nvp")
# Decoders that see less of the words before than the paper's.
_WEAK = ("bag-of-words", "dilated-cnn", "lstm-word-dropout")
# Those with a floor below which the rate has no gradient; the weight of soft free bits never is 0.
_FREE_BITS = (
    *("free-bits-dimension", "free-bits-sentence", "free-bits-sentence-dimension"),
    "free-bits-batch",
)


@CLAIMS.register(
    "objectives-share-a-frontier",
    summary="At equal rate the objectives that force a rate reach the same distortion: they weigh "
    "R against D, and training gets equally far.",
    section=FRONTIER,
    statistic="D minus that of |R − C| at the same R, interpolated between its two nearest cells "
    f"where the interpolation errs by at most {_MAX_ERROR:g}, nats",
    bound=within(TOLERANCE),
)
def objectives_share_a_frontier(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.methods():
        if not series.spec.objective_has_target or series.spec.posterior == "constant":
            continue
        for usual in _with_rate_target(evidence):
            if not _comparable(series, usual):
                continue
            for C in series.levels(_DISTORTION):
                if (C, _RATE) not in series.values:
                    continue
                evidence.begin_place()
                expected = _distortion_at(usual, series.at(C, _RATE))
                if expected is not None:
                    difference = series.at(C, _DISTORTION) - expected
                    yield f"{series.location(C)}, against {usual.model}", difference


@CLAIMS.register(
    "rate-is-not-information",
    summary="R = C does not imply information: a posterior that is the same for every sentence "
    "meets it with I = 0.",
    section=FRONTIER,
    statistic="I of the constant posterior, estimated from above, divided by that of |R − C| at "
    "the same C, from below, where both keep R within 1 of C",
    bound=at_most(MIN_SHARE),
    range=(0, None),
)
def rate_is_not_information(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.methods():
        if series.spec.posterior != "constant":
            continue
        for usual in _with_rate_target(evidence):
            if series.corpus != usual.corpus or not usual.spec.of_the_paper:
                continue
            if not series.spec.differs_in("posterior", usual.spec):
                continue
            for C in series.levels(_UPPER):
                needed = ((series, _RATE), (usual, _RATE), (usual, _LOWER))
                if C == 0 or any((C, metric) not in one.values for one, metric in needed):
                    continue
                evidence.begin_place()
                if not all(on_target(one.at(C, _RATE), C) for one in (series, usual)):
                    continue
                carried = usual.at(C, _LOWER)
                if carried >= MIN_RATE:
                    location = f"{series.location(C)}, against {usual.model}"
                    yield location, max(0.0, series.at(C, _UPPER)) / carried


@CLAIMS.register(
    "annealing-does-not-prevent-collapse",
    summary="Annealing alone does not prevent posterior collapse: where the plain ELBO collapses, "
    "so it does with a weight of R that rises from 0 to 1.",
    section=FRONTIER,
    statistic="R in tenths of a nat, or I, estimated from above, in tenths of R, if that is less, "
    "where the same of the plain ELBO is below 1",
    bound=below(1),
    range=(0, None),
)
def annealing_does_not_prevent_collapse(evidence: Evidence) -> Iterator[Instance]:
    for series, plain in _pairs(evidence, "objective"):
        if series.spec.objective in _ANNEALING:
            yield from _where_collapsed(evidence, series, plain)


@CLAIMS.register(
    "richer-priors-do-not-prevent-collapse",
    summary="A richer prior alone does not prevent posterior collapse: where the plain ELBO "
    "collapses with N(0, I), so it does with a learnt prior.",
    section=FRONTIER,
    statistic="R in tenths of a nat, or I, estimated from above, in tenths of R, if that is less, "
    "where the same with N(0, I) is below 1",
    bound=below(1),
    range=(0, None),
)
def richer_priors_do_not_prevent_collapse(evidence: Evidence) -> Iterator[Instance]:
    for series, plain in _pairs(evidence, "prior"):
        if series.spec.prior in _LEARNT_PRIORS and plain.spec.prior == PAPERS_PARTS.prior:
            yield from _where_collapsed(evidence, series, plain)


@CLAIMS.register(
    "weak-decoders-raise-the-rate",
    summary="A weak decoder raises R at the cost of the bound: with the plain ELBO, R and D + R "
    "are higher than with the paper's decoder.",
    section=FRONTIER,
    statistic="nats by which R is higher, or D + R, if that is less",
    bound=above(MIN_RATE),
)
def weak_decoders_raise_the_rate(evidence: Evidence) -> Iterator[Instance]:
    for series, usual in _pairs(evidence, "decoder"):
        if series.spec.decoder not in _WEAK or usual.spec.decoder not in PAPERS_DECODERS:
            continue
        if not usual.spec.is_plain_elbo:
            continue
        for C in series.levels(_DISTORTION):
            needed = [(C, metric) for metric in (_RATE, _DISTORTION)]
            if all(key in one.values for key in needed for one in (series, usual)):
                rate, distortion = (
                    series.at(C, metric) - usual.at(C, metric) for metric in (_RATE, _DISTORTION)
                )
                yield f"{series.location(C)}, against {usual.model}", min(rate, distortion + rate)


@CLAIMS.register(
    "aggressive-inference-gives-information",
    summary="Aggressive inference gives information, not only rate: I is higher than without it.",
    section=FRONTIER,
    statistic="I minus that of the plain training with the same objective and C, nats",
    bound=above(MIN_RATE),
)
def aggressive_inference_gives_information(evidence: Evidence) -> Iterator[Instance]:
    for series, usual in _pairs(evidence, "strategy"):
        if (series.spec.strategy, usual.spec.strategy) != ("aggressive", PAPERS_PARTS.strategy):
            continue
        for C in series.levels(_LOWER):
            if (C, _LOWER) in usual.values:
                difference = series.at(C, _LOWER) - usual.at(C, _LOWER)
                yield f"{series.location(C)}, against {usual.model}", difference


@CLAIMS.register(
    "free-bits-do-not-push",
    summary="Free bits do not push a rate that is below the floor: it stays further below C than "
    "with |R − C|.",
    section=FRONTIER,
    statistic="nats that R is below C (0 if it is above), minus the same of |R − C| at the same C",
    bound=above(0),
)
def free_bits_do_not_push(evidence: Evidence) -> Iterator[Instance]:
    # Not against MDR, which pushes as well, but may miss C from either side.
    for series in evidence.methods():
        # With another floor than C there is no |R - C| to compare with.
        if series.spec.objective not in _FREE_BITS or series.spec.floor is not None:
            continue
        for usual in _with_rate_target(evidence):
            if not _comparable(series, usual):
                continue
            for C in series.levels(_RATE):
                if C > 0 and (C, _RATE) in usual.values:
                    own, other = (max(0.0, C - one.at(C, _RATE)) for one in (series, usual))
                    yield f"{series.location(C)}, against {usual.model}", own - other


def _with_rate_target(evidence: Evidence) -> list[Series]:
    """Return the series with the objective D + |R - C|, but for the control."""
    return [
        one
        for one in evidence.methods()
        if one.spec.has_rate_target and one.spec.beta == 1 and one.spec.posterior != "constant"
    ]


def _pairs(evidence: Evidence, kind: str) -> Iterator[tuple[Series, Series]]:
    """Yield the series of one corpus that differ in the part of one kind, in both orders."""
    for one, other in permutations(evidence.methods(), 2):
        if one.corpus == other.corpus and one.spec.differs_in(kind, other.spec):
            yield one, other


def _where_collapsed(evidence: Evidence, series: Series, plain: Series) -> Iterator[Instance]:
    """Yield the use that a series makes of its code, where the other, of the ELBO, makes none."""
    if not plain.spec.is_plain_elbo:
        return
    for C in _with_use(series):
        evidence.begin_place()
        if min((_use(plain, other) for other in _with_use(plain)), default=1.0) < 1:
            yield f"{series.location(C)}, as {plain.model}", _use(series, C)


def _comparable(one: Series, other: Series) -> bool:
    """Return whether two series are of one corpus and differ only in the objective."""
    return one.corpus == other.corpus and one.spec.differs_in("objective", other.spec)


def _distortion_at(series: Series, rate: float) -> float | None:
    """Return D at a rate, linear between the two nearest cells; None where that says too little.

    D falls by 0 to 1 nat for a nat of R, and ever more slowly. At a share s of the way between
    rates that are g apart the line is then above D by at most s(1 - s)g. It says too little if that
    is more than `_MAX_ERROR`, and beyond the outermost cells. D rests on the numbers of the two
    cells alone: of the others the rates are only looked up.
    """
    known = [C for C in series.levels(_DISTORTION) if (C, _RATE) in series.values]
    points = sorted((series.values[C, _RATE], C) for C in known)
    for (low, first), (high, second) in pairwise(points):
        if low <= rate <= high:
            low, high = series.at(first, _RATE), series.at(second, _RATE)
            D = series.at(first, _DISTORTION), series.at(second, _DISTORTION)
            share = (rate - low) / (high - low) if high > low else 0.0
            error = share * (1 - share) * (high - low)
            return D[0] + share * (D[1] - D[0]) if error <= _MAX_ERROR else None
    return None


def _with_use(series: Series) -> list[float]:
    """Return the values of C with R and I."""
    return [C for C in series.levels(_UPPER) if (C, _RATE) in series.values]


def _use(series: Series, C: float) -> float:
    """Return how much use is made of the code at a C; below 1 it carries next to nothing."""
    return use_of_code(series.at(C, _RATE), series.at(C, _UPPER))
