"""Claims on greedy reconstruction (paper, section 3.1 and Table 1)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, claim
from textvae.paper.claims.evidence import Evidence, changes

_BUCKETS = {"bucket1": "bucket 1", "bucket2": "bucket 2", "bucket3": "bucket 3", "all": "All"}


@claim(
    says="Increasing the rate improves BLEU-2 and BLEU-4, in every bucket of lengths.",
    section="3.1",
    statistic="change of BLEU from one C to the next, points",
    bound=above(0),
)
def bleu_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from _scores(evidence, "bleu")


@claim(
    says="Increasing the rate improves ROUGE-2 and ROUGE-4, in every bucket of lengths.",
    section="3.1",
    statistic="change of ROUGE from one C to the next, points",
    bound=above(0),
)
def rouge_grows(evidence: Evidence) -> Iterator[Instance]:
    yield from _scores(evidence, "rouge")


def _scores(evidence: Evidence, score: str) -> Iterator[Instance]:
    for family in evidence.families():
        for bucket, title in _BUCKETS.items():
            for n in (2, 4):
                for place, change in changes([family], f"{score}{n}_{bucket}"):
                    yield f"{place}, {score.upper()}-{n} of {title}", change
