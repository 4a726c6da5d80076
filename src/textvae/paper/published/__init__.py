"""The numbers that the paper prints, stored as data beside this file: one CSV per table.

Columns of `{table}.csv`: the location of the number (table, row, column), the printed text
(`printed`, verbatim), the number meant (`value`) and its `unit`; then the corresponding measurement
(corpus, model, C, metric; empty if not applicable). The files are AS PRINTED: `value` differs from
`printed` only in its unit. Table 1 prints D divided by 100 (.62 is 62 nats, as the caption of Table
4 prints D:103); its value is in nats per sentence.

Table 3 has a further column, `decoding`, and no C in its Test lines. What it prints as 86.6(0.4) is
two numbers, a mean over three copies and their standard deviation. Its SB, "self-BLEU", is compared
with our mean pairwise BLEU-4: values of 4.2 and less cannot be Texygen's self-BLEU on either scale
(10,000 real sentences have about 26.5 of 100), whereas real sentences have a pairwise BLEU-4 near
the printed 0.0.

Table 4's models are trained on a second cut of WIKI, sentences of up to 50 words: wiki50. A metric
is named after its row (agreement.simple.p1) and is a share, 0 to 1. The table has no barred values
for C = 3; D and R of both models are in its caption, in nats per sentence.

According to the authors' erratum (README of github.com/VictorProkhorov/KL_Text_VAE), Table 1's
reconstruction columns of WIKI and WebText are swapped. The erratum is stored in `errata.csv` and
applied by `corrected`.

The sizes of section 3's corpora are in `corpora.csv`, without model and C. `tolerances.csv`
contains the allowed difference between each number and ours.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import resources

# The paper's names of the corpora, in the order of its tables.
CORPORA = {
    "cbt": "CBT",
    "wiki": "WIKI",
    "webtext": "WebText",
    "wiki50": "WIKI, up to 50 words",
    "yahoo": "Yahoo",
    "yelp": "Yelp",
}

# Files of printed numbers and their titles, in the paper's order.
TABLES = {
    "corpora": "Section 3, corpora",
    "table1": "Table 1",
    "section3_2": "Section 3.2",
    "table3": "Table 3",
    "table4": "Table 4",
}


@dataclass(frozen=True)
class PublishedValue:
    """One printed number: its location (`table`, `row`, `column`), text (`printed`) and meaning."""

    table: str
    row: str
    column: str
    printed: str
    value: float
    unit: str
    corpus: str
    model: str
    C: float | None
    metric: str
    decoding: str = ""


def published(table: str) -> tuple[PublishedValue, ...]:
    """Return the numbers of a table ("table1"), in the paper's order and as printed."""
    return tuple(
        PublishedValue(
            **record
            | {"value": float(record["value"]), "C": float(record["C"]) if record["C"] else None}
        )
        for record in records(table)
    )


def corrected(figures: Iterable[PublishedValue]) -> tuple[PublishedValue, ...]:
    """Return the numbers, each with the corpus it belongs to according to the authors' erratum.

    Only `corpus` changes: `row` and `column` are still the printed location.
    """
    belongs_to = {
        (entry["table"], entry["metric"], entry["printed_for"]): entry["belongs_to"]
        for entry in records("errata")
    }
    return tuple(
        replace(
            figure,
            corpus=belongs_to.get((figure.table, figure.metric, figure.corpus), figure.corpus),
        )
        for figure in figures
    )


def records(name: str) -> list[dict[str, str]]:
    """Read a CSV of this folder; `name` is without the extension."""
    text = (resources.files(__name__) / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
