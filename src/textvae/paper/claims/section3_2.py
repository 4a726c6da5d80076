"""Claims on the aggregated posterior (section 3.2)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, below
from textvae.paper.claims.evidence import Evidence, changes
from textvae.registry import CLAIMS


@CLAIMS.register(
    "log-det-covariance-falls",
    summary="log det Cov of the aggregated posterior falls as C grows: posteriors are sharper.",
    section="3.2",
    statistic="change of LogDetCov from one C to the next",
    bound=below(0),
)
def log_det_covariance_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.series(), "logdetcov")


@CLAIMS.register(
    "squared-mean-norm-grows",
    summary="The mean of the codes moves away from that of the prior as the rate increases.",
    section="3.2",
    statistic="change of the squared norm of the mean of codes from one C to the next",
    bound=above(0),
)
def squared_mean_norm_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.series(), "mean_sq_norm")


@CLAIMS.register(
    "overlap-with-the-prior-shrinks",
    summary="The overlap of aggregated posterior and prior shrinks as C grows: the KL of the "
    "moment-matching Gaussian to the prior grows.",
    section="3.2",
    statistic="change of that KL from the smallest to the largest C, nats",
    bound=above(0),
)
def overlap_with_the_prior_shrinks(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series():
        evidence.begin_place()
        if span := series.span("moment_matched_kl"):
            yield span.location, span.change
