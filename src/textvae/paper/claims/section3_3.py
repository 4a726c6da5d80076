"""Claims on decoding and on synthetic text (sections 3.3 and 4, Tables 2 and 3)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, at_least, at_most, below
from textvae.paper.claims.evidence import Evidence, Series, among, between, changes
from textvae.registry import CLAIMS

NUCLEUS = "nucleus0.9"

# The decodings of footnote 8.
_OTHER_DECODINGS = ("top5", "top15", "nucleus0.5")

# Metrics of FCE -> suffix of a location. The paper suspects that the cost of `<unk>`, which depends
# on C, decides the order: a claim on FCE must hold with and without it.
_FCE = {"fce_nats": "", "fce_without_unk_nats": ", without <unk>"}
_WITH_AND_WITHOUT = "with <unk> and without"


@CLAIMS.register(
    "identical-neighbours-become-fewer",
    summary="With a small C neighbouring codes tend to decode greedily to the same sentence; at "
    "each larger C fewer of them do.",
    section="3.3.1",
    statistic="share of identical neighbours, minus that at the smallest C",
    bound=below(0),
    range=(-1, 1),
)
def identical_neighbours_become_fewer(evidence: Evidence) -> Iterator[Instance]:
    yield from _identical(evidence, "distinct_interpolation")


@CLAIMS.register(
    "identical-neighbours-along-the-gradient",
    summary="The analysis can also be done along the gradient of log p(x|z) (no result is "
    "reported): uphill and downhill, fewer neighbours are identical at each larger C.",
    section="footnote 7",
    statistic="share of identical neighbours, minus that at the smallest C",
    bound=below(0),
    range=(-1, 1),
)
def identical_neighbours_along_the_gradient(evidence: Evidence) -> Iterator[Instance]:
    for direction, title in (("up", "uphill"), ("down", "downhill")):
        for location, value in _identical(evidence, f"distinct_gradient_{direction}"):
            yield f"{location}, {title}", value


@CLAIMS.register(
    "coherence-is-lost",
    summary="A large C reduces coherence: sampled text is less likely under a model of real text.",
    section="3.3.1",
    statistic="change of the reverse cross-entropy per word under nucleus sampling (p = 0.9) from "
    "the smallest to the largest C, nats",
    bound=above(0),
)
def coherence_is_lost(evidence: Evidence) -> Iterator[Instance]:
    # Per word, because a larger C also lengthens sentences. `<eos>` counts as a word.
    for series in evidence.series(NUCLEUS):
        evidence.begin_place()
        costs = series.over_C("reverse_nats")
        words = series.over_C("mean_length")
        known = [C for C in costs if C in words]
        if len(known) > 1:
            low, high = (costs[C] / (words[C] + 1) for C in (known[0], known[-1]))
            yield f"{series.title}, {between(known[0], known[-1])}", high - low


@CLAIMS.register(
    "nucleus-fce-is-worst-at-the-largest-C",
    summary="Under nucleus sampling (p = 0.9) the forward cross-entropy is worst at the largest C.",
    section="3.3.2",
    statistic=f"FCE at the largest C minus the highest of the others, {_WITH_AND_WITHOUT}, nats",
    bound=above(0),
)
def nucleus_fce_is_worst_at_the_largest_C(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series(NUCLEUS):
        for metric, suffix in _FCE.items():
            evidence.begin_place()
            *others, worst = list(series.over_C(metric).values()) or [0.0]
            if others:
                yield series.over_all(metric) + suffix, worst - max(others)


@CLAIMS.register(
    "nucleus-fce-is-alike-at-smaller-C",
    summary="Under nucleus sampling (p = 0.9) all C but the largest achieve similar forward "
    "cross-entropy.",
    section="3.3.2",
    statistic="range of FCE over all C but the largest, divided by the lowest, "
    f"{_WITH_AND_WITHOUT}",
    bound=at_most(0.02),
    range=(0, None),
)
def nucleus_fce_is_alike_at_smaller_C(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series(NUCLEUS):
        for metric, suffix in _FCE.items():
            evidence.begin_place()
            smaller = list(series.over_C(metric).values())[:-1]
            if len(smaller) > 1 and min(smaller) > 0:
                location = series.over_all(metric, but_largest=True) + suffix
                yield location, (max(smaller) - min(smaller)) / min(smaller)


@CLAIMS.register(
    "greedy-fce-falls",
    summary="Under greedy decoding the pattern is reversed: forward cross-entropy falls as C "
    "grows.",
    section="3.3.2",
    statistic=f"change of FCE from one C to the next, {_WITH_AND_WITHOUT}, nats",
    bound=below(0),
)
def greedy_fce_falls(evidence: Evidence) -> Iterator[Instance]:
    yield from _changes_of_fce(evidence.series("greedy"))


@CLAIMS.register(
    "other-decodings-are-as-greedy",
    summary="Top-5, top-15 and nucleus sampling with p = 0.5 behave like greedy decoding.",
    section="footnote 8",
    statistic=f"change of FCE from one C to the next, {_WITH_AND_WITHOUT}, nats",
    bound=below(0),
)
def other_decodings_are_as_greedy(evidence: Evidence) -> Iterator[Instance]:
    for decoding in _OTHER_DECODINGS:
        yield from _changes_of_fce(evidence.series(decoding))


@CLAIMS.register(
    "lengths-are-alike",
    summary="The average length of sentences is very similar over C and decodings.",
    section="3.3.2",
    statistic="range of the mean lengths of a corpus and model, divided by their mean",
    bound=at_most(0.2),
    range=(0, None),
)
def lengths_are_alike(evidence: Evidence) -> Iterator[Instance]:
    groups: dict[tuple[str, str], list[Series]] = {}
    for series in evidence.generated():
        groups.setdefault((series.corpus, series.model), []).append(series)
    for (corpus, model), group in groups.items():
        evidence.begin_place()
        lengths = [length for one in group for length in one.over_C("mean_length").values()]
        if len(lengths) > 1 and sum(lengths) > 0:
            spread = (max(lengths) - min(lengths)) * len(lengths) / sum(lengths)
            every_C = sorted({C for one in group for C in one.levels("mean_length")})
            yield f"{corpus}, {model}, {among(every_C)}", spread


@CLAIMS.register(
    "greedy-dictionaries-leave-unknown-words",
    summary="Under greedy decoding more than 30% of the test set consists of <unk>.",
    section="3.3.2",
    statistic="%unk of the test set with the greedy dictionary",
    bound=above(30),
    range=(0, 100),
)
def greedy_dictionaries_leave_unknown_words(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series("greedy"):
        # All C share one dictionary, so the value is the same for each.
        if percents := list(series.over_C("test_unk_percent").values()):
            yield series.over_all("test_unk_percent"), percents[0]


@CLAIMS.register(
    "greedy-unknown-words-increase",
    summary="Under greedy decoding %unk increases as C grows.",
    section="3.3.2",
    statistic="change of %unk from one C to the next, points",
    bound=above(0),
    range=(-100, 100),
)
def greedy_unknown_words_increase(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.series("greedy"), "unk_percent")


@CLAIMS.register(
    "nucleus-unknown-words-are-flat",
    summary="Under nucleus sampling (p = 0.9) the effect of <unk> is minimal: %unk hardly changes "
    "with C.",
    section="3.3.2",
    statistic="range of %unk over C, points",
    bound=at_most(3),
    range=(0, 100),
)
def nucleus_unknown_words_are_flat(evidence: Evidence) -> Iterator[Instance]:
    yield from _ranges(evidence, "unk_percent")


@CLAIMS.register(
    "nucleus-vocabulary-is-near-the-corpus",
    summary="Under nucleus sampling (p = 0.9) the vocabulary common to all C is close to that of "
    "the corpus.",
    section="3.3.2",
    statistic="common |V| divided by the vocabulary of the corpus",
    bound=at_least(0.75),
    range=(0, 1),
)
def nucleus_vocabulary_is_near_the_corpus(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series(NUCLEUS):
        evidence.begin_place()
        size = series.sizes.get("vocabulary_size")
        common = list(series.over_C("vocabulary_size").values())
        if size and common:
            # All C share one dictionary.
            yield series.over_all("vocabulary_size"), common[0] / size


@CLAIMS.register(
    "nucleus-vocabularies-are-alike",
    summary="Under nucleus sampling (p = 0.9) the vocabularies of all C are very close in size.",
    section="3.3.2",
    statistic="range of the number of distinct words over C, divided by the largest",
    bound=at_most(0.1),
    range=(0, 1),
)
def nucleus_vocabularies_are_alike(evidence: Evidence) -> Iterator[Instance]:
    for series in evidence.series(NUCLEUS):
        evidence.begin_place()
        sizes = list(series.over_C("types").values())
        if len(sizes) > 1 and max(sizes) > 0:
            yield series.over_all("types"), (max(sizes) - min(sizes)) / max(sizes)


@CLAIMS.register(
    "greedy-self-bleu-falls",
    summary="Under greedy decoding self-BLEU decreases as C grows.",
    section="3.3.2",
    statistic="change of self-BLEU (ours and the paper's) from one C to the next, points",
    bound=below(0),
    range=(-100, 100),
)
def greedy_self_bleu_falls(evidence: Evidence) -> Iterator[Instance]:
    # The paper's column is a mean BLEU-4 of pairs; we also report Texygen's self-BLEU.
    for metric, title in (("pairwise_bleu4", "pairs"), ("self_bleu4", "all others")):
        for location, change in changes(evidence.series("greedy"), metric):
            yield f"{location}, against {title}", change


@CLAIMS.register(
    "nucleus-self-bleu-is-the-same",
    summary="Under nucleus sampling (p = 0.9) self-BLEU is the same for all C.",
    section="3.3.2",
    statistic="range of the mean BLEU-4 of pairs over C, points",
    bound=at_most(0.1),
    range=(0, 100),
)
def nucleus_self_bleu_is_the_same(evidence: Evidence) -> Iterator[Instance]:
    yield from _ranges(evidence, "pairwise_bleu4")


@CLAIMS.register(
    "greedy-text-is-less-repetitive",
    summary="A small C leads to repetitive text: the number of distinct greedy sentences grows "
    "with C.",
    section="4",
    statistic="change of the number of distinct greedy sentences from one C to the next",
    bound=above(0),
)
def greedy_text_is_less_repetitive(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.series("greedy"), "distinct_sentences")


def _changes_of_fce(several: list[Series]) -> Iterator[Instance]:
    """Yield the change of FCE at every step, with `<unk>` and without."""
    for metric, suffix in _FCE.items():
        for location, change in changes(several, metric):
            yield location + suffix, change


def _identical(evidence: Evidence, distinct: str) -> Iterator[Instance]:
    """Yield, at each larger C, the share of identical neighbours minus that at the smallest C.

    distinct: the metric with the share of distinct neighbours.
    """
    for series in evidence.series():
        evidence.begin_place()
        smallest, *larger = series.over_C(distinct).items() or [(0.0, 0.0)]
        for C, share in larger:
            yield series.location(C), smallest[1] - share


def _ranges(evidence: Evidence, metric: str) -> Iterator[Instance]:
    """Yield the range of a metric over C under nucleus sampling."""
    for series in evidence.series(NUCLEUS):
        evidence.begin_place()
        values = list(series.over_C(metric).values())
        if len(values) > 1:
            yield series.over_all(metric), max(values) - min(values)
