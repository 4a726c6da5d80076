"""Notes on the sentences of measurements: other text, fewer than requested, unknown words.

By hand, `textvae measure` also measures other splits, other corpora and a user's own text. Every
table and figure of such measurements has a note, every table one on fewer sentences.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textvae.corpora.statistics import MAX_UNK_PERCENT
from textvae.paper.measurements import REQUESTED, table
from textvae.registry import MEASUREMENTS

if TYPE_CHECKING:
    from pandas import DataFrame

    from textvae.paper.measurements import Measured

EXPECTED = "test"
# The metric of cells with the percentage of unknown words.
UNK_PERCENT = "unk_percent"
TRAINING_UNK_PERCENT = "training_unk_percent"


def elsewhere(measured: "Iterable[Measured] | DataFrame") -> "DataFrame":
    """Return the measurements of a split that were not taken on the model's own test split."""
    rows = _of_split(table(measured))
    return rows[rows["split"] != EXPECTED]


def of_one_text(measured: "Iterable[Measured] | DataFrame") -> "tuple[DataFrame, list[str]]":
    """Return the measurements, of one text for each corpus, and a note on those that are left out.

    The text is the test split, or without one the text of most measurements.
    """
    rows = table(measured)
    left_out, notes = [], []
    for corpus, of_corpus in _of_split(rows).groupby("corpus", sort=True):
        texts = of_corpus["split"].value_counts()
        usual = EXPECTED if EXPECTED in texts else texts.index[0]
        others = of_corpus[of_corpus["split"] != usual]
        left_out += others.index.tolist()
        for text, of_text in others.groupby("split", sort=True):
            notes.append(
                f"Left out, because others of {corpus} are measured on “{usual}”: what is measured"
                f" on “{text}”, of {_cells(of_text)}."
            )
    return rows.drop(index=left_out), notes


def _of_split(rows: "DataFrame") -> "DataFrame":
    """Return the measurements of a split of a corpus."""
    declared = MEASUREMENTS.declared().items()
    of_split = [name for name, one in declared if one.facts.get("of") in ("split", "fce")]
    return rows[rows.measurement.isin(of_split)]


def notes_on(measured: "Iterable[Measured] | DataFrame") -> list[str]:
    """Return a note for each text but the own test split, and on unknown words.

    On many, and on those of a model that was trained on none.
    """
    rows = table(measured)
    notes = []
    for text, of_text in elsewhere(rows).groupby("split", sort=True):
        names = ", ".join(dict.fromkeys(of_text.measurement))
        notes.append(
            f"NOT MEASURED ON THE TEST SPLIT but on “{text}”: {names} of {_cells(of_text)}."
        )
    unknown = rows[(rows.metric == UNK_PERCENT) & (rows.decoding == "")]
    many = unknown[unknown.value > MAX_UNK_PERCENT]
    if len(many):
        notes.append(
            f"MANY UNKNOWN WORDS: up to {many.value.max():.1f}% of the words measured are <unk> to "
            f"{_cells(many)}, so that the numbers are those of <unk> rather than of the text."
        )
    trained = rows[(rows.metric == TRAINING_UNK_PERCENT) & (rows.value == 0)]
    cell = ["corpus", "model", "C", "seed"]
    untrained = unknown[unknown.value > 0].merge(trained[cell].drop_duplicates(), on=cell)
    if len(untrained):
        notes.append(
            f"UNTRAINED <unk>: up to {untrained.value.max():.1f}% of the words measured are <unk> "
            f"to {_cells(untrained)}, whose training text has none: the model has not learnt its "
            "probability, and D is larger for it. A smaller vocabulary would leave it some."
        )
    return notes


def fewer_notes(measured: "Iterable[Measured] | DataFrame") -> list[str]:
    """Return a note for each measurement of fewer sentences than were requested."""
    rows = table(measured)
    fewer = rows[rows.metric.str.endswith(REQUESTED)]
    groups = fewer.groupby(["measurement", "value", "sentences"], sort=True)
    return [
        f"{measurement}: {requested:,.0f} sentences requested, measured on {sentences:,}:"
        f" {_cells(group)}."
        for (measurement, requested, sentences), group in groups
    ]


def _cells(rows: "DataFrame") -> str:
    """Return the first cell, and the number of others."""
    cells = [
        f"{corpus}/{model}/C{C:g}/seed{seed}"
        for corpus, model, C, seed in rows[["corpus", "model", "C", "seed"]]
        .drop_duplicates()
        .itertuples(index=False)
    ]
    return cells[0] + (f" and {len(cells) - 1} more" if len(cells) > 1 else "")
