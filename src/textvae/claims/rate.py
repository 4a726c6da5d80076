"""Claims on rate and distortion (paper, sections 3 and 3.1)."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from textvae.claims.claim import Instance, above, at_least, at_most, below, claim
from textvae.claims.evidence import Evidence, Family
from textvae.paper.rows import corpus_title


@claim(
    says="The objective holds the rate at its target: C − 1 ≤ KL ≤ C + 1 in every model.",
    section="3.1",
    statistic="|R − C|, nats",
    bound=at_most(1),
)
def rate_meets_its_target(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families():
        for C, rate in family.over_C("rate_nats").items():
            yield family.place(C), abs(rate - C)


@claim(
    says="Any C > 0 avoids posterior collapse, whatever the strength of the decoder.",
    section="3.1",
    statistic="active units",
    bound=at_least(1),
)
def any_C_avoids_collapse(evidence: Evidence) -> Iterator[Instance]:
    # Not R > 0, which the widths of posteriors that say nothing can give as well.
    for family in evidence.families():
        for C, units in family.over_C("active_units").items():
            yield family.place(C), units


@claim(
    says="Any beta that keeps R = C is fine: distortion is that of beta = 1.",
    section="footnote 3",
    statistic="|D − D of beta 1| / D of beta 1, where another beta keeps R within 1 of C",
    bound=at_most(0.05),
)
def any_beta_that_keeps_C_is_fine(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.other_betas():
        kept = [C for C, rate in family.over_C("rate_nats").items() if abs(rate - C) <= 1]
        for usual in evidence.families():
            if not _differ_in_beta_alone(family, usual):
                continue
            for C in kept:
                if C in usual.levels("distortion_nats") and C in family.levels("distortion_nats"):
                    expected = usual.at(C, "distortion_nats")
                    change = abs(family.at(C, "distortion_nats") - expected)
                    yield f"{family.place(C)}, against {usual.model}", change / expected


@claim(
    says="With a larger C reconstruction is better: distortion falls at every step of C.",
    section="3.1",
    statistic="change of D from one C to the next, nats",
    bound=below(0),
)
def distortion_falls(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families():
        for step in family.steps("distortion_nats"):
            yield step.place, step.change


@claim(
    says="How much distortion is gained varies with the architecture.",
    section="3.1",
    statistic="largest less smallest gain D(least C) − D(greatest C) of the architectures, nats",
    bound=above(1),
)
def gain_varies_with_architecture(evidence: Evidence) -> Iterator[Instance]:
    for corpus in _corpora(evidence):
        gains = _gains(family for family in evidence.families() if family.corpus == corpus)
        by_architecture: dict[tuple[float, float], dict[str, float]] = {}
        for family, span, gain in gains:
            by_architecture.setdefault(span, {})[family.kind.architecture] = gain
        for (least, greatest), found in by_architecture.items():
            if len(found) > 1:
                place = f"{corpus_title(corpus)}, C = {least:g} → {greatest:g}"
                yield place, max(found.values()) - min(found.values())


@claim(
    says="How much distortion is gained varies with the corpus.",
    section="3.1",
    statistic="largest less smallest gain D(least C) − D(greatest C) of the corpora, nats",
    bound=above(1),
)
def gain_varies_with_corpus(evidence: Evidence) -> Iterator[Instance]:
    by_model: dict[tuple[str, tuple[float, float]], list[float]] = {}
    for family, span, gain in _gains(evidence.families()):
        by_model.setdefault((family.model, span), []).append(gain)
    for (model, (least, greatest)), found in by_model.items():
        if len(found) > 1:
            yield f"{model}, C = {least:g} → {greatest:g}", max(found) - min(found)


@claim(
    says="Corpora differ by the length of their sentences: where those are longer, more is gained.",
    section="footnote 5",
    statistic="gain D(least C) − D(greatest C), less that on the corpus of the next shorter "
    "sentences, nats",
    bound=above(0),
)
def longer_sentences_gain_more(evidence: Evidence) -> Iterator[Instance]:
    lengths = {
        (family.corpus, family.model): length
        for family in evidence.generated()
        if (length := family.known("test_mean_length")) is not None
    }
    by_model: dict[tuple[str, tuple[float, float]], list[tuple[float, float, str]]] = {}
    for family, span, gain in _gains(evidence.families()):
        if (length := lengths.get((family.corpus, family.model))) is not None:
            found = by_model.setdefault((family.model, span), [])
            found.append((length, gain, corpus_title(family.corpus)))
    for (model, _), found in by_model.items():
        for (_, less, shorter), (_, more, longer) in pairwise(sorted(found)):
            yield f"{model}, {shorter} → {longer}", more - less


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
            alike = narrow.corpus == wide.corpus and (
                narrow.kind.architecture == wide.kind.architecture
            )
            if not alike or narrow.kind.hidden >= wide.kind.hidden:
                continue
            C = [C for C in wide.levels(metric) if C in narrow.levels(metric)]
            for low, high in pairwise(C):
                expected = narrow.at(high, metric) - narrow.at(low, metric)
                found = wide.at(high, metric) - wide.at(low, metric)
                place = f"{wide.title} against {narrow.model}, C = {low:g} → {high:g}"
                yield place, found if expected > 0 else -found


def _differ_in_beta_alone(one: Family, other: Family) -> bool:
    kinds = (one.kind, other.kind)
    return one.corpus == other.corpus and len({(k.architecture, k.hidden) for k in kinds}) == 1


def _corpora(evidence: Evidence) -> list[str]:
    return list(dict.fromkeys(family.corpus for family in evidence.families()))


def _gains(families: Iterable[Family]) -> list[tuple[Family, tuple[float, float], float]]:
    """Of families with several C: least and greatest C, and how far D falls between them."""
    found = []
    for family in families:
        over_C = family.over_C("distortion_nats")
        if len(over_C) > 1:
            span = (min(over_C), max(over_C))
            found.append((family, span, over_C[span[0]] - over_C[span[1]]))
    return found
