"""Claims on the words, lengths and diversity of synthetic text (section 3.3.2 and Table 3)."""

from collections.abc import Iterator

from textvae.paper.claims.claim import Instance, above, at_least, at_most, below, claim
from textvae.paper.claims.evidence import Evidence, Family, changes
from textvae.paper.claims.generation import NUCLEUS


@claim(
    says="The average length of sentences is very similar over C and decodings.",
    section="3.3.2",
    statistic="longest less shortest mean length of a corpus and model, over their mean",
    bound=at_most(0.2),
)
def lengths_are_alike(evidence: Evidence) -> Iterator[Instance]:
    found: dict[tuple[str, str], list[Family]] = {}
    for family in evidence.generated():
        found.setdefault((family.corpus, family.model), []).append(family)
    for (corpus, model), families in found.items():
        lengths = [length for one in families for length in one.over_C("mean_length").values()]
        if len(lengths) > 1 and sum(lengths) > 0:
            spread = (max(lengths) - min(lengths)) * len(lengths) / sum(lengths)
            yield f"{corpus}, {model}", spread


@claim(
    says="Under greedy decoding more than 30% of the test set consists of <unk>.",
    section="3.3.2",
    statistic="%unk of the test set over the greedy dictionary",
    bound=above(30),
)
def greedy_dictionaries_leave_unknown_words(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families("greedy"):
        # Of one dictionary, and so the same for all C.
        if percents := list(family.over_C("test_unk_percent").values()):
            yield family.title, percents[0]


@claim(
    says="Under greedy decoding %unk increases as C grows.",
    section="3.3.2",
    statistic="change of %unk from one C to the next, points",
    bound=above(0),
)
def greedy_unknown_words_increase(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families("greedy"), "unk_percent")


@claim(
    says="Under nucleus sampling (p = 0.9) the effect of <unk> is minimal: %unk hardly moves "
    "with C.",
    section="3.3.2",
    statistic="largest less least %unk over C, points",
    bound=at_most(3),
)
def nucleus_unknown_words_are_flat(evidence: Evidence) -> Iterator[Instance]:
    yield from _ranges(evidence, "unk_percent")


@claim(
    says="Under nucleus sampling (p = 0.9) the vocabulary common to all C is close to that of the "
    "corpus.",
    section="3.3.2",
    statistic="common |V| over the corpus's vocabulary",
    bound=at_least(0.75),
)
def nucleus_vocabulary_is_near_the_corpus(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families(NUCLEUS):
        size = family.sizes.get("vocabulary_size")
        common = list(family.over_C("vocabulary_size").values())
        if size and common:
            # One dictionary for all C.
            yield family.title, common[0] / size


@claim(
    says="Under nucleus sampling (p = 0.9) the vocabularies of all C are very close in size.",
    section="3.3.2",
    statistic="largest less least number of different words over C, over the largest",
    bound=at_most(0.1),
)
def nucleus_vocabularies_are_alike(evidence: Evidence) -> Iterator[Instance]:
    for family in evidence.families(NUCLEUS):
        sizes = list(family.over_C("types").values())
        if len(sizes) > 1 and max(sizes) > 0:
            yield family.title, (max(sizes) - min(sizes)) / max(sizes)


@claim(
    says="Under greedy decoding self-BLEU decreases as C grows.",
    section="3.3.2",
    statistic="change of self-BLEU (ours and the paper's) from one C to the next, points",
    bound=below(0),
)
def greedy_self_bleu_falls(evidence: Evidence) -> Iterator[Instance]:
    # The paper's column is a mean BLEU-4 of pairs; self-BLEU in Texygen's sense is ours alone.
    for metric, title in (("pairwise_bleu4", "pairs"), ("self_bleu4", "all others")):
        for place, change in changes(evidence.families("greedy"), metric):
            yield f"{place}, against {title}", change


@claim(
    says="Under nucleus sampling (p = 0.9) self-BLEU is the same for all C.",
    section="3.3.2",
    statistic="largest less least mean BLEU-4 of pairs over C, points",
    bound=at_most(0.1),
)
def nucleus_self_bleu_is_the_same(evidence: Evidence) -> Iterator[Instance]:
    yield from _ranges(evidence, "pairwise_bleu4")


@claim(
    says="A small C makes for repetitive text: greedy sentences are more often different from one "
    "another as C grows.",
    section="4",
    statistic="change of the number of different greedy sentences from one C to the next",
    bound=above(0),
)
def greedy_text_is_less_repetitive(evidence: Evidence) -> Iterator[Instance]:
    yield from changes(evidence.families("greedy"), "distinct_sentences")


def _ranges(evidence: Evidence, metric: str) -> Iterator[Instance]:
    """Under nucleus sampling, how far a metric's values over C are apart."""
    for family in evidence.families(NUCLEUS):
        if (found := _range(family, metric)) is not None:
            yield family.title, found


def _range(family: Family, metric: str) -> float | None:
    values = list(family.over_C(metric).values())
    return max(values) - min(values) if len(values) > 1 else None
