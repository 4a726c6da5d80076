"""What Table 3 tells of synthetic corpora and, in its Test lines, of the human test set."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textvae.paper.layout import MISSING, Column
from textvae.paper.rows import Row

# What the column of KN-5 reads where there was nothing to train the 5-gram model with.
NOT_BUILT = "not built"


@dataclass(frozen=True)
class Measure:
    """A column: its metric and decimals; in the Test line stands `of_test`, or nothing.

    missing: what stands where there is no number.
    """

    metric: str
    places: int
    heading: Column
    of_test: str = ""
    missing: str = MISSING


# The dictionary is one for all C and copies of a decoding, so that |V| has no deviation over them.
DICTIONARY = Measure("vocabulary_size", 0, Column("$|V|$", "|<i>V</i>|"), "test_vocabulary_size")
KNESER_NEY = Measure("kn5_fce_nats", 1, Column("KN-5", "KN-5"), "kn5_floor_nats")
MEASURES = (
    Measure("fce_nats", 1, Column("FCE", "FCE"), "floor_nats"),
    Measure("fce_without_unk_nats", 1, Column("no unk", "no unk"), "floor_without_unk_nats"),
    KNESER_NEY,
    Measure("reverse_nats", 1, Column("rev.", "rev.")),
    Measure("unk_percent", 1, Column(r"\%unk", "%unk"), "test_unk_percent"),
    Measure("mean_length", 1, Column("len.", "len."), "test_mean_length"),
    Measure("self_bleu4", 1, Column("SB", "SB")),
    Measure("pairwise_bleu4", 2, Column("PB", "PB")),
)
# Where the corpus comes from the embedded grammar, which knows what is a sentence.
GRAMMAR = (
    Measure("accepted_percent", 1, Column(r"acc.\%", "acc.%")),
    Measure("mean_log_probability", 1, Column(r"$\log p$", "log <i>p</i>")),
)

# The metrics of the paper's table, and ours beside them.
METRICS = (
    *("vocabulary_size", "fce_nats", "fce_standard_deviation"),
    *(measure.metric for measure in MEASURES[1:]),
)
TEST_METRICS = (
    *(measure.of_test for measure in (DICTIONARY, *MEASURES) if measure.of_test),
    "kn5_floor_without_unk_nats",
)


def measures_of(rows: Sequence[Row]) -> tuple[Measure, ...]:
    """The columns after |V|: those of the grammar only where it judged any of the rows."""
    built = any(row.known(KNESER_NEY.metric) for row in rows)
    unbuilt = replace(KNESER_NEY, missing=NOT_BUILT)
    judged = any(GRAMMAR[0].metric in row.values for row in rows)
    columns = (*MEASURES, *GRAMMAR) if judged else MEASURES
    return tuple(unbuilt if one is KNESER_NEY and not built else one for one in columns)


def test_set_of(rows: Sequence[Row]) -> Row:
    """What the rows of one corpus, model and decoding say of the test set, as one of them.

    It depends on the dictionary alone, and so is the same for every C and copy.
    """
    told = {
        metric: next(row for row in rows if row.known(metric))
        for metric in TEST_METRICS
        if any(row.known(metric) for row in rows)
    }
    return replace(
        rows[0],
        values={metric: row.values[metric] for metric, row in told.items()},
        sentences={metric: row.sentences[metric] for metric, row in told.items()},
    )
