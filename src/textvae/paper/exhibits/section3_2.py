"""Table of the KL of the aggregated posterior to the prior (section 3.2).

It is the KL of the Gaussian with the mean and covariance of sampled codes to the prior N(0, I).
"""

from collections.abc import Sequence

from textvae.cells import format_C
from textvae.paper import information
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.render.table import (
    MISSING,
    Column,
    Line,
    Table,
    blocks,
    decimals,
    lines_of,
    seeds_note,
)
from textvae.paper.rows import Row
from textvae.paper.versus_paper import comparison_csv, paper_value
from textvae.registry import EXHIBITS

METRICS = ("rate_nats", *information.METRICS, "moment_matched_kl", "moment_matched_kl_bias")

_COLUMNS = (
    Column("", "", "text"),
    Column("$C$", "<i>C</i>"),
    Column("$R$", "<i>R</i>"),
    *information.COLUMNS,
    Column("KL", "KL"),
    Column("Bias", "Bias"),
    Column("$N$", "<i>N</i>"),
    Column("Paper", "Paper"),
)

_LEGEND = (
    "All columns except N are in nats. KL: 0.5 (tr S + m·m − d − log det S), the divergence of the "
    "Gaussian with the mean m and covariance S of sampled codes, one z from q(z|x) for each of N "
    "test sentences, to the prior N(0, I) in d dimensions; a mean over several samples. Bias: the "
    "amount by which an estimate from N codes is too large, approximately d(d + 3) / 4N. KL is at "
    "most R − I, the divergence of q(z) itself; the difference is that of q(z) from the Gaussian."
)
_UNDEFINED = (
    f"KL is not defined ({MISSING}) for a prior that is not Gaussian, nor for a singular S."
)


@EXHIBITS.register(
    "section3_2",
    forms=TABLE,
    category="Tables",
    needs=("rate-distortion", "posterior"),
    published=("section3_2", "errata"),
    label="section 3.2",
)
def render(inputs: Inputs) -> Rendered:
    """The KL of the aggregated posterior to the prior (section 3.2), beside the paper's values."""
    rows = inputs.rows()
    return Rendered((section3_2(rows, inputs.caption, inputs.name),), data=section3_2_csv(rows))


def section3_2(rows: Sequence[Row], caption: str, name: str = "section3_2") -> Table:
    """Return the table: KL, bias and the paper's value (without decimals) of each corpus and C."""
    notes = (
        _LEGEND,
        *([_UNDEFINED] if any(map(_undefined, rows)) else []),
        *information.legend(rows),
        *seeds_note(rows),
        *information.unmeasured_note(rows),
        *information.empty_codes_notes(rows),
    )
    return Table(name, caption, _COLUMNS, (), blocks(rows, _lines), notes)


def section3_2_csv(rows: Sequence[Row]) -> str:
    """Return every metric of every row beside the paper's value as CSV."""
    return comparison_csv(list(map(information.with_distance, rows)), "section3_2", METRICS)


def _undefined(row: Row) -> bool:
    return "moment_matched_kl" in row.values and not row.known("moment_matched_kl")


def _lines(row: Row) -> list[Line]:
    count = row.sentences.get("moment_matched_kl")
    # Bias and N do not depend on the seed, and the paper has one value.
    constants = (
        (decimals(row.mean("moment_matched_kl_bias"), 2),),
        (MISSING if count is None else str(count),),
        (decimals(paper_value("section3_2", row, "moment_matched_kl"), 0),),
    )
    numbers = {("rate_nats",): 1, **information.NUMBERS, ("moment_matched_kl",): 2}
    shown = information.for_table(row)
    return lines_of(shown, ((), (format_C(row.C),)), numbers, constants)
