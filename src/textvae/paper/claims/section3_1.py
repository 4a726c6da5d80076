"""Claims on rate, distortion, active units and reconstruction (sections 3 and 3.1, Table 1)."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from textvae.empty_codes import use_of_code
from textvae.paper.claims.claim import (
    LATENT,
    MINUS_LATENT,
    Instance,
    above,
    at_least,
    at_most,
    below,
)
from textvae.paper.claims.evidence import Evidence, Series, between, changes
from textvae.paper.rows import MIN_SENTENCES, TOLERANCE, on_target
from textvae.registry import CLAIMS

# The estimate from above: a code is called empty only if even that is small.
_INFORMATION = "mutual_information_upper_nats"
_BUCKETS = {"bucket1": "bucket 1", "bucket2": "bucket 2", "bucket3": "bucket 3", "all": "All"}
# A share of the units.
NEARLY_ALL = 15 / 16


@CLAIMS.register(
    "rate-meets-its-target",
    summary="The objective keeps the rate at its target: C − 1 ≤ KL ≤ C + 1 in every model.",
    section="3.1",
    statistic="|R − C|, nats",
    bound=at_most(TOLERANCE),
    range=(0, None),
)
def rate_meets_its_target(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series():
        for C in series.levels("rate_nats"):
            yield series.location(C), abs(series.at(C, "rate_nats") - C)


@CLAIMS.register(
    "any-C-avoids-collapse",
    summary="Any C > 0 avoids posterior collapse, whatever the strength of the decoder.",
    section="3.1",
    statistic="active units; and R in tenths of a nat, or I, estimated from above, in tenths of "
    "R, if that is less",
    bound=at_least(1),
    # The second decides only where it is below 1.
    range=(0, LATENT),
)
def any_C_avoids_collapse(evidence: Evidence) -> Iterator[Instance]:
    # Not R > 0: uninformative posteriors can reach any rate by their widths. Nor active units
    # alone: many units can be active and the code almost the same for every sentence.
    for series in (*evidence.series(), *evidence.other_betas()):
        for C in series.levels("active_units"):
            yield f"{series.location(C)}, active units", series.at(C, "active_units")
        for C in series.levels(_INFORMATION):
            if (C, "rate_nats") in series.values:
                use = use_of_code(series.at(C, "rate_nats"), series.at(C, _INFORMATION))
                yield f"{series.location(C)}, R or I in tenths", use


@CLAIMS.register(
    "any-beta-that-keeps-C-is-fine",
    summary="Any beta that keeps R = C can be used: distortion is that of beta = 1.",
    section="footnote 3",
    statistic="|D − D1| / D1, with D1 that of beta = 1, where another beta keeps R within 1 of C",
    bound=at_most(0.05),
    range=(0, None),
)
def any_beta_that_keeps_C_is_fine(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.other_betas():
        for usual in evidence.series():
            if series.corpus != usual.corpus or not usual.spec.differs_in("beta", series.spec):
                continue
            levels = set(usual.levels("distortion_nats")) & set(series.levels("distortion_nats"))
            for C in sorted(levels & set(series.levels("rate_nats"))):
                evidence.begin_place()
                expected = usual.at(C, "distortion_nats")
                change = abs(series.at(C, "distortion_nats") - expected)
                if expected and on_target(series.at(C, "rate_nats"), C):
                    yield f"{series.location(C)}, against {usual.model}", change / expected


@CLAIMS.register(
    "distortion-falls",
    summary="A larger C gives a better reconstruction: distortion falls at every step of C.",
    section="3.1",
    statistic="change of D from one C to the next, nats",
    bound=below(0),
)
def distortion_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.series(), "distortion_nats")


@CLAIMS.register(
    "gain-varies-with-architecture",
    summary="The gain in distortion varies with the architecture.",
    section="3.1",
    statistic="largest minus smallest gain D(smallest C) − D(largest C) of the architectures, over "
    "the C that they share, nats",
    bound=above(1),
    range=(0, None),
)
def gain_varies_with_architecture(evidence: Evidence) -> Iterator[Instance]:
    groups: dict[tuple[str, int, str | None], dict[str, Series]] = {}
    for series in evidence.series():
        if not series.spec.uniform:
            continue
        # Of models with the same architecture and width, keep the one with most values of C.
        rest = series.spec.besides.get("architecture")
        group = groups.setdefault((series.corpus, series.spec.hidden, rest), {})
        longest = group.setdefault(series.spec.architecture, series)
        if len(series.levels("distortion_nats")) > len(longest.levels("distortion_nats")):
            group[series.spec.architecture] = series
    for (corpus, *_), group in groups.items():
        every_C = [set(series.levels("distortion_nats")) for series in group.values()]
        shared = sorted(set.intersection(*every_C))
        if len(group) > 1 and len(shared) > 1:
            gains = [_gain(series, shared[0], shared[-1]) for series in group.values()]
            names = " ".join(series.model for series in group.values())
            yield f"{corpus}, {names}, {between(shared[0], shared[-1])}", max(gains) - min(gains)


@CLAIMS.register(
    "gain-varies-with-corpus",
    summary="The gain in distortion varies with the corpus.",
    section="3.1",
    statistic="largest minus smallest gain D(smallest C) − D(largest C) of the corpora, nats",
    bound=above(1),
    range=(0, None),
)
def gain_varies_with_corpus(evidence: Evidence) -> Iterator[Instance]:
    for model, span, group in _by_span(evidence):
        if len(group) > 1:
            gains = [_gain(series, *span) for series in group]
            yield f"{model}, {between(*span)}", max(gains) - min(gains)


@CLAIMS.register(
    "longer-sentences-gain-more",
    summary="The differences are due, among others, to the length of sentences: as we read it, the "
    "gain is larger for longer sentences.",
    section="footnote 5",
    statistic="gain D(smallest C) − D(largest C), minus that on the corpus with the next shorter "
    "sentences, nats",
    bound=above(0),
)
def longer_sentences_gain_more(evidence: Evidence) -> Iterator[Instance]:
    for model, span, group in _by_span(evidence):
        known = [one for one in group if "test_mean_length" in one.sizes]
        known.sort(key=lambda one: one.sizes["test_mean_length"])
        for shorter, longer in pairwise(known):
            location = f"{model}, {shorter.corpus} → {longer.corpus}, {between(*span)}"
            yield location, _gain(longer, *span) - _gain(shorter, *span)


@CLAIMS.register(
    "twice-the-parameters-same-distortion",
    summary="With twice the parameters the pattern of distortion is the same.",
    section="footnote 6",
    statistic="change of D of the wider model from one C to the next, with its sign reversed where "
    "D of the narrower model does not rise, nats",
    bound=above(0),
)
def twice_the_parameters_same_distortion(evidence: Evidence) -> Iterator[Instance]:
    yield from _changes_of_wider(evidence, "distortion_nats")


@CLAIMS.register(
    "twice-the-parameters-same-covariance",
    summary="With twice the parameters the pattern of LogDetCov is the same.",
    section="footnote 6",
    statistic="change of LogDetCov of the wider model from one C to the next, with its sign "
    "reversed where that of the narrower model does not rise",
    bound=above(0),
)
def twice_the_parameters_same_covariance(evidence: Evidence) -> Iterator[Instance]:
    yield from _changes_of_wider(evidence, "logdetcov")


@CLAIMS.register(
    "active-units-grow",
    summary="Higher rates encourage more active units.",
    section="3.1",
    statistic="change of AU from one C to the next, except where 15 of 16 units are active at both",
    bound=above(0),
    range=(MINUS_LATENT, LATENT),
)
def active_units_grow(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series():
        for step in series.steps("active_units"):
            # Where nearly all units are active, their number has no room to grow: a unit at the
            # threshold of activity would decide.
            if min(step.low, step.high) < NEARLY_ALL * series.spec.latent:
                yield step.location, step.change
            else:
                evidence.begin_place()


@CLAIMS.register(
    "bleu-grows",
    summary="Increasing the rate improves BLEU-2 and BLEU-4, in every bucket of lengths.",
    section="3.1",
    statistic="change of BLEU from one C to the next, in buckets of at least "
    f"{MIN_SENTENCES} sentences, points",
    bound=above(0),
    range=(-100, 100),
)
def bleu_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from _scores(evidence, "bleu")


@CLAIMS.register(
    "rouge-grows",
    summary="Increasing the rate improves ROUGE-2 and ROUGE-4, in every bucket of lengths.",
    section="3.1",
    statistic="change of ROUGE from one C to the next, in buckets of at least "
    f"{MIN_SENTENCES} sentences, points",
    bound=above(0),
    range=(-100, 100),
)
def rouge_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from _scores(evidence, "rouge")


def _changes_of_wider(evidence: Evidence, metric: str) -> Iterator[Instance]:
    """Yield the change at each step of models twice as wide as another of the same architecture.

    The sign is reversed where the metric does not rise in the narrower model.
    """
    for wide in evidence.series():
        for narrow in evidence.series():
            if not _twice_as_wide(wide, narrow):
                continue
            C = [C for C in wide.levels(metric) if C in narrow.levels(metric)]
            for low, high in pairwise(C):
                expected = narrow.at(high, metric) - narrow.at(low, metric)
                change = wide.at(high, metric) - wide.at(low, metric)
                location = f"{wide.title} against {narrow.model}, {between(low, high)}"
                yield location, change if expected > 0 else -change


def _twice_as_wide(wide: Series, narrow: Series) -> bool:
    """Return whether one model is another with about twice the units in its recurrent state."""
    ratio = wide.spec.hidden / narrow.spec.hidden
    alike = wide.corpus == narrow.corpus and wide.spec.differs_in("hidden", narrow.spec)
    return alike and 1.8 <= ratio <= 2.4


def _by_span(evidence: Evidence) -> Iterator[tuple[str, tuple[float, float], list[Series]]]:
    """Yield a model, its smallest and largest C, and its series on all corpora with these C.

    The settings of the model are the same on all of them, and for every C.
    """
    groups: dict[tuple[str, tuple[float, float], str | None], list[Series]] = {}
    for series in evidence.series():
        levels = series.levels("distortion_nats")
        if len(levels) > 1 and series.spec.uniform:
            span = levels[0], levels[-1]
            groups.setdefault((series.model, span, series.spec.besides.get("beta")), []).append(
                series
            )
    several = Counter((model, span) for model, span, _ in groups)
    for (model, span, _), group in groups.items():
        # Where a model has other settings on other corpora, these tell the groups apart.
        on = f" on {' '.join(one.corpus for one in group)}" if several[model, span] > 1 else ""
        yield f"{model}{on}", span, group


def _gain(series: Series, smallest: float, largest: float) -> float:
    """Return the fall of D from the smallest C to the largest, nats."""
    return series.at(smallest, "distortion_nats") - series.at(largest, "distortion_nats")


def _scores(evidence: Evidence, score: str) -> Iterator[Instance]:
    """Yield the change of BLEU or ROUGE at each step, in every bucket of enough sentences."""
    for series in evidence.series():
        for bucket, title in _BUCKETS.items():
            if series.fewest(f"sentences_{bucket}", MIN_SENTENCES) < MIN_SENTENCES:
                continue
            for n in (2, 4):
                for location, change in changes([series], f"{score}{n}_{bucket}"):
                    yield f"{location}, {score.upper()}-{n} of {title}", change
