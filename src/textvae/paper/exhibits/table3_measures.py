"""The columns of Table 3: what is measured of generated text, and of the test set beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textvae.paper.render.table import MISSING, Column
from textvae.paper.rows import Row

# Shown in the column KN-5 if KenLM is not installed.
NOT_BUILT = "not built"


@dataclass(frozen=True)
class Measure:
    """A column: its metric, decimals and heading.

    of_test: the metric in the Test line; "" if none. missing: shown instead of a missing number.
    """

    metric: str
    places: int
    heading: Column
    of_test: str = ""
    missing: str = MISSING


# All C and copies of a decoding share a dictionary: |V| has no deviation.
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
# Only for corpora of the embedded grammar, which decides whether a sentence is grammatical.
GRAMMAR = (
    Measure("accepted_percent", 1, Column(r"acc.\%", "acc.%")),
    Measure("mean_log_probability", 1, Column(r"$\log p$", "log <i>p</i>")),
)

# The metrics of the paper's table, and our additional ones.
METRICS = (
    *("vocabulary_size", "fce_nats", "fce_standard_deviation"),
    *(measure.metric for measure in MEASURES[1:]),
)
TEST_METRICS = (
    *(measure.of_test for measure in (DICTIONARY, *MEASURES) if measure.of_test),
    "kn5_floor_without_unk_nats",
)


def measures_of(rows: Sequence[Row]) -> tuple[Measure, ...]:
    """Return the columns after |V|, with those of the grammar only if it judged any row."""
    unbuilt = replace(KNESER_NEY, missing=NOT_BUILT)
    columns = (*MEASURES, *GRAMMAR) if judged(rows) else MEASURES
    return tuple(unbuilt if one is KNESER_NEY and not built(rows) else one for one in columns)


def built(rows: Sequence[Row]) -> bool:
    """Return whether 5-gram models were trained, or were not asked for."""
    asked = any(row.known(MEASURES[0].metric) for row in rows)
    return not asked or any(row.known(KNESER_NEY.metric) for row in rows)


def judged(rows: Sequence[Row]) -> bool:
    """Return whether the grammar judged the text of any row."""
    return any(GRAMMAR[0].metric in row.values for row in rows)


def test_set_of(rows: Sequence[Row]) -> Row:
    """Return a row with the test-set metrics of the rows of one corpus, model and decoding.

    They depend only on the dictionary, so they are the same for every C and copy.
    """
    measured = {
        metric: next(row for row in rows if row.known(metric))
        for metric in TEST_METRICS
        if any(row.known(metric) for row in rows)
    }
    return replace(
        rows[0],
        values={metric: row.values[metric] for metric, row in measured.items()},
        sentences={metric: row.sentences[metric] for metric, row in measured.items()},
    )
