"""Claims on rate and distortion (paper, sections 3 and 3.1)."""

from collections.abc import Iterator
from itertools import pairwise

from textvae.paper.claims.claim import Instance, above, at_least, at_most, below, claim
from textvae.paper.claims.evidence import Evidence, Family, between, changes
from textvae.paper.rows import TOLERANCE, on_target


@claim(
    says="The objective holds the rate at its target: C − 1 ≤ KL ≤ C + 1 in every model.",
    section="3.1",
    statistic="|R − C|, nats",
    bound=at_most(TOLERANCE),
)
def rate_meets_its_target(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families():
        for C in family.levels("rate_nats"):
            yield family.place(C), abs(family.at(C, "rate_nats") - C)


@claim(
    says="Any C > 0 avoids posterior collapse, whatever the strength of the decoder.",
    section="3.1",
    statistic="active units",
    bound=at_least(1),
)
def any_C_avoids_collapse(evidence: Evidence) -> Iterator[Instance]:
    # Not R > 0, which the widths of posteriors that say nothing can give as well.
    for family in evidence.families():
        for C in family.levels("active_units"):
            yield family.place(C), family.at(C, "active_units")


@claim(
    says="Any beta that keeps R = C is fine: distortion is that of beta = 1.",
    section="footnote 3",
    statistic="|D − D of beta 1| / D of beta 1, where another beta keeps R within 1 of C",
    bound=at_most(0.05),
)
def any_beta_that_keeps_C_is_fine(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.other_betas():
        kept = [C for C, rate in family.over_C("rate_nats").items() if on_target(rate, C)]
        for usual in evidence.families():
            if not _alike(family, usual) or family.kind.hidden != usual.kind.hidden:
                continue
            for C in kept:
                if C in usual.levels("distortion_nats") and C in family.levels("distortion_nats"):
                    expected = usual.at(C, "distortion_nats")
                    change = abs(family.at(C, "distortion_nats") - expected)
                    if expected:
                        yield f"{family.place(C)}, against {usual.model}", change / expected


@claim(
    says="With a larger C reconstruction is better: distortion falls at every step of C.",
    section="3.1",
    statistic="change of D from one C to the next, nats",
    bound=below(0),
)
def distortion_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families(), "distortion_nats")


@claim(
    says="How much distortion is gained varies with the architecture.",
    section="3.1",
    statistic="largest less smallest gain of the architectures, D at the least less D at the "
    "greatest C that they share, nats",
    bound=above(1),
)
def gain_varies_with_architecture(evidence: Evidence) -> Iterator[Instance]:
    alike: dict[tuple[str, int], dict[str, Family]] = {}
    for family in evidence.families():
        # Of models of one architecture and width, the one of most C.
        found = alike.setdefault((family.corpus, family.kind.hidden), {})
        most = found.setdefault(family.kind.architecture, family)
        if len(family.levels("distortion_nats")) > len(most.levels("distortion_nats")):
            found[family.kind.architecture] = family
    for (corpus, _), families in alike.items():
        every_C = [set(family.levels("distortion_nats")) for family in families.values()]
        shared = sorted(set.intersection(*every_C))
        if len(families) > 1 and len(shared) > 1:
            gains = [_gain(family, shared[0], shared[-1]) for family in families.values()]
            names = " ".join(family.model for family in families.values())
            yield f"{corpus}, {names}, {between(shared[0], shared[-1])}", max(gains) - min(gains)


@claim(
    says="How much distortion is gained varies with the corpus.",
    section="3.1",
    statistic="largest less smallest gain D(least C) − D(greatest C) of the corpora, nats",
    bound=above(1),
)
def gain_varies_with_corpus(evidence: Evidence) -> Iterator[Instance]:
    for (model, (least, greatest)), families in _by_span(evidence).items():
        if len(families) > 1:
            gains = [_gain(family, least, greatest) for family in families]
            yield f"{model}, {between(least, greatest)}", max(gains) - min(gains)


@claim(
    says="The differences come, among others, of the length of sentences: as we read it, where "
    "those are longer, more is gained.",
    section="footnote 5",
    statistic="gain D(least C) − D(greatest C), less that on the corpus of the next shorter "
    "sentences, nats",
    bound=above(0),
)
def longer_sentences_gain_more(evidence: Evidence) -> Iterator[Instance]:
    for (model, span), families in _by_span(evidence).items():
        known = [one for one in families if "test_mean_length" in one.sizes]
        known.sort(key=lambda one: one.sizes["test_mean_length"])
        for shorter, longer in pairwise(known):
            place = f"{model}, {shorter.corpus} → {longer.corpus}, {between(*span)}"
            yield place, _gain(longer, *span) - _gain(shorter, *span)


@claim(
    says="With twice the parameters the pattern of distortion is the same.",
    section="footnote 6",
    statistic="change of D of the wider model from one C to the next, counted in the direction of "
    "the narrower one's, nats",
    bound=above(0),
)
def twice_the_parameters_same_distortion(evidence: Evidence) -> Iterator[Instance]:
    yield from _wider_alike(evidence, "distortion_nats")


@claim(
    says="With twice the parameters the pattern of LogDetCov is the same.",
    section="footnote 6",
    statistic="change of LogDetCov of the wider model from one C to the next, counted in the "
    "direction of the narrower one's",
    bound=above(0),
)
def twice_the_parameters_same_covariance(evidence: Evidence) -> Iterator[Instance]:
    yield from _wider_alike(evidence, "logdetcov")


def _wider_alike(evidence: Evidence, metric: str) -> Iterator[Instance]:
    """The steps of models that differ from another in their width alone, by the other's sign."""
    for wide in evidence.families():
        for narrow in evidence.families():
            if not _twice(wide, narrow):
                continue
            C = [C for C in wide.levels(metric) if C in narrow.levels(metric)]
            for low, high in pairwise(C):
                expected = narrow.at(high, metric) - narrow.at(low, metric)
                found = wide.at(high, metric) - wide.at(low, metric)
                place = f"{wide.title} against {narrow.model}, {between(low, high)}"
                yield place, found if expected > 0 else -found


def _twice(wide: Family, narrow: Family) -> bool:
    """Whether one differs from the other in a state of about twice as many units alone."""
    ratio = wide.kind.hidden / narrow.kind.hidden
    return 1.8 <= ratio <= 2.4 and _alike(wide, narrow)


def _alike(one: Family, other: Family) -> bool:
    """Whether both are of one corpus, one architecture and as many dimensions of z."""
    return one.corpus == other.corpus and (one.kind.architecture, one.kind.latent) == (
        *(other.kind.architecture, other.kind.latent),
    )


def _by_span(evidence: Evidence) -> dict[tuple[str, tuple[float, float]], list[Family]]:
    """Families of several C, by model and by their least and greatest C."""
    found: dict[tuple[str, tuple[float, float]], list[Family]] = {}
    for family in evidence.families():
        levels = family.levels("distortion_nats")
        if len(levels) > 1:
            found.setdefault((family.model, (levels[0], levels[-1])), []).append(family)
    return found


def _gain(family: Family, least: float, greatest: float) -> float:
    return family.at(least, "distortion_nats") - family.at(greatest, "distortion_nats")
