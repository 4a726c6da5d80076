"""Table of linear probes of codes on Table 4's pairs, an analysis that section 4 suggests.

The probes predict from the posterior mean whether a sentence is grammatical, and the number of its
noun.
"""

from collections.abc import Sequence

from textvae.paper.csv import csv_text
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.render.table import Column, Span, Table, seeds_note
from textvae.paper.rows import MIN_SENTENCES, Row
from textvae.paper.syntactic_rows import (
    Accuracy,
    Constant,
    PhenomenonTable,
    by_model,
    coverage_note,
    names_in,
    value_once,
    with_metrics,
)
from textvae.registry import EXHIBITS

# The properties that the probes predict.
PROPERTIES = ("grammatical", "number")

_HEADINGS = (Column("gram.", "gram."), Column("number", "number"))
_LAYOUT = PhenomenonTable(
    tuple(
        Accuracy(f"{what}_accuracy", heading, error=f"{what}_standard_error")
        for what, heading in zip(PROPERTIES, _HEADINGS, strict=True)
    ),
    (
        *(
            Constant(f"{what}_chance", heading)
            for what, heading in zip(PROPERTIES, _HEADINGS, strict=True)
        ),
        Constant("items", Column("items", "items"), places=0),
    ),
)
# The share of pairs without unknown words.
COVERAGE = "probe_coverage"
METRICS = _LAYOUT.metrics | {f"{what}_standard_error" for what in PROPERTIES} | {COVERAGE}

_CSV_COLUMNS = (
    *("corpus", "model", "C", "row", "property"),
    *("accuracy", "seeds", "standard_deviation", "standard_error", "chance", "items"),
)

_LEGEND = (
    "Accuracy of a linear classifier of posterior means, ± its approximate standard error over "
    "lexical items. It is cross-validated by item, the agreeing noun: that of a test sentence "
    "occurs in no training sentence of the classifier; all other words may. A pair without an item "
    "is an item of its own, and its noun may occur there. gram.: whether a sentence is "
    "grammatical; number: whether the noun that the critical word agrees with (for polarity "
    "items, the subject's noun) is singular or plural."
)
_CHANCE = (
    "Chance: the share of the more frequent class. items: the number of nouns, singular and plural "
    "counted as one. Some rows are easier than they seem: for polarity items “no” reveals which "
    "sentence is grammatical, and “has” or “have” the number; in coordinations and subject "
    "relatives another verb reveals the number."
)


@EXHIBITS.register("probe", forms=TABLE, category="Tables", shown_with="table4", needs=("probe",))
def render(inputs: Inputs) -> Rendered:
    """Accuracy of linear probes of the codes: grammaticality and number (section 4)."""
    rows = with_metrics(inputs.rows(), METRICS)
    if not rows:
        raise inputs.lacks("linear probe of any cell")
    table = probe(rows, inputs.caption, f"{inputs.name}-probe")
    return Rendered((table,), data=probe_csv(rows))


def probe(rows: Sequence[Row], caption: str, name: str = "table4-probe") -> Table:
    """Return a table with the lines of Table 4: accuracies by C, then chance levels and items.

    rows: of cells with a probe, sorted by `rows_of`.
    """
    spans = (*_LAYOUT.spans(rows), Span("Chance", len(PROPERTIES)), Span("", 1))
    return Table(
        name=name,
        caption=f"Linear probes of the codes. {caption}",
        columns=_LAYOUT.columns(rows),
        spans=spans,
        blocks=_LAYOUT.blocks(rows),
        notes=(
            *(_LEGEND, _CHANCE),
            *_few_items(rows),
            *coverage_note(rows, COVERAGE),
            *seeds_note(rows),
        ),
    )


def _few_items(rows: Sequence[Row]) -> list[str]:
    """Return a note on the syntactic rows whose accuracies are of few items."""
    few = [
        f"{title}, {name}, {items:.0f}"
        for title, group in by_model(rows)
        for name in names_in(group, {"items"})
        if (items := value_once(group, f"{name}.items")) is not None and items < MIN_SENTENCES
    ]
    if not few:
        return []
    return [
        f"Of fewer than {MIN_SENTENCES} items, so that an accuracy, and even its standard error, "
        f"says little: {'; '.join(few)}."
    ]


def probe_csv(rows: Sequence[Row]) -> str:
    """Return a CSV line for each C, syntactic row and property; accuracies are shares, 0 to 1.

    accuracy and standard_error, which is over lexical items, are means over `seeds` seeds.
    """
    return csv_text(
        _CSV_COLUMNS,
        [
            (
                *(row.corpus, row.model, row.C, name, what),
                *(row.mean(accuracy), len(row.known(accuracy)), row.deviation(accuracy)),
                *(row.mean(f"{name}.{what}_{of}") for of in ("standard_error", "chance")),
                row.mean(f"{name}.items"),
            )
            for row in rows
            for name in names_in([row], METRICS)
            for what in PROPERTIES
            for accuracy in [f"{name}.{what}_accuracy"]
        ],
    )
