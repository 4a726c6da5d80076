"""Claims on the aggregated posterior (paper, sections 3.1, 3.2 and 3.3.1)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, below, claim
from textvae.paper.claims.evidence import Evidence, changes


@claim(
    says="Higher rates encourage more active units.",
    section="3.1",
    statistic="change of AU from one C to the next, where not all units are active at both",
    bound=above(0),
)
def active_units_grow(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families():
        for step in family.steps("active_units"):
            # Where all are active there is nothing to grow.
            if not step.low == step.high == family.kind.latent:
                yield step.place, step.change


@claim(
    says="log det Cov of the aggregated posterior degrades as C grows: posteriors are sharper.",
    section="3.2",
    statistic="change of LogDetCov from one C to the next",
    bound=below(0),
)
def log_det_covariance_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families(), "logdetcov")


@claim(
    says="The mean of the codes moves away from that of the prior as the rate increases.",
    section="3.2",
    statistic="change of the squared norm of the mean of codes from one C to the next",
    bound=above(0),
)
def squared_mean_norm_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families(), "mean_sq_norm")


@claim(
    says="The overlap of aggregated posterior and prior shrinks as C grows: the KL of the "
    "moment-matching Gaussian to the prior is larger.",
    section="3.2",
    statistic="change of that KL from the least to the greatest C, nats",
    bound=above(0),
)
def overlap_with_the_prior_shrinks(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families():
        if span := family.span("moment_matched_kl"):
            yield span.place, span.change
