"""Claims on decoders' sensitivity to the code and on what synthetic text teaches (section 3.3)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, at_most, below, claim
from textvae.paper.claims.evidence import Evidence, between, changes

NUCLEUS = "nucleus0.9"
# The decodings of footnote 8.
_OTHERS = ("top5", "top15", "nucleus0.5")


@claim(
    says="With a small C neighbouring codes tend to decode greedily to the same sentence; at each "
    "larger C fewer do.",
    section="3.3.1",
    statistic="share of identical neighbours, less that at the least C",
    bound=below(0),
)
def identical_neighbours_become_fewer(evidence: Evidence) -> Iterator[Instance]:
    yield from _identical(evidence, "distinct_interpolation")


@claim(
    says="The analysis can be done along the gradient of log p(x|z) too (no result is reported): "
    "uphill and downhill, at each larger C fewer neighbours are identical.",
    section="footnote 7",
    statistic="share of identical neighbours, less that at the least C",
    bound=below(0),
)
def identical_neighbours_along_the_gradient(evidence: Evidence) -> Iterator[Instance]:
    for direction, title in (("up", "uphill"), ("down", "downhill")):
        for place, value in _identical(evidence, f"distinct_gradient_{direction}"):
            yield f"{place}, {title}", value


@claim(
    says="A large C costs coherence: sampled text is less likely under a model of real text.",
    section="3.3.1",
    statistic="change of the reverse cross-entropy a word under nucleus sampling (p = 0.9) from "
    "the least to the greatest C, nats",
    bound=above(0),
)
def coherence_is_lost(evidence: Evidence) -> Iterator[Instance]:
    # Per word: a larger C also makes for longer sentences. `<eos>` is one word more.
    for family in evidence.families(NUCLEUS):
        costs = family.over_C("reverse_nats")
        words = family.over_C("mean_length")
        known = [C for C in costs if C in words]
        if len(known) > 1:
            low, high = (costs[C] / (words[C] + 1) for C in (known[0], known[-1]))
            yield f"{family.title}, {between(known[0], known[-1])}", high - low


@claim(
    says="Under nucleus sampling (p = 0.9) the forward cross-entropy is worst at the largest C.",
    section="3.3.2",
    statistic="FCE at the greatest C less the worst of the others, nats",
    bound=above(0),
)
def nucleus_fce_is_worst_at_the_largest_C(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families(NUCLEUS):
        *others, worst = list(family.over_C("fce_nats").values()) or [0.0]
        if others:
            yield family.title, worst - max(others)


@claim(
    says="Under nucleus sampling (p = 0.9) C = 3 and C = 15 achieve similar forward cross-entropy.",
    section="3.3.2",
    statistic="largest less least FCE of all C but the greatest, over the least",
    bound=at_most(0.02),
)
def nucleus_fce_is_alike_at_smaller_C(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families(NUCLEUS):
        smaller = list(family.over_C("fce_nats").values())[:-1]
        if len(smaller) > 1 and min(smaller) > 0:
            yield family.title, (max(smaller) - min(smaller)) / min(smaller)


@claim(
    says="Under greedy decoding the pattern is reversed: forward cross-entropy falls as C grows.",
    section="3.3.2",
    statistic="change of FCE from one C to the next, nats",
    bound=below(0),
)
def greedy_fce_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families("greedy"), "fce_nats")


@claim(
    says="Top-5, top-15 and nucleus sampling with p = 0.5 behave as greedy decoding does.",
    section="footnote 8",
    statistic="change of FCE from one C to the next, nats",
    bound=below(0),
)
def other_decodings_are_as_greedy(evidence: Evidence) -> Iterator[Instance]:
    for decoding in _OTHERS:
        yield from changes(evidence.families(decoding), "fce_nats")


def _identical(evidence: Evidence, distinct: str) -> Iterator[Instance]:
    """At each larger C: the share of identical neighbours is 1 less that of the distinct ones."""
    for family in evidence.families():
        least, *larger = family.over_C(distinct).items() or [(0.0, 0.0)]
        for C, share in larger:
            yield family.place(C), least[1] - share
