"""The paper's printed numbers beside ours: counts of verdicts, then the numbers of its corpora.

Only a number of the paper's own corpus has a difference in the tables; without any, the page is a
single line. The CSV has every number, also those of stand-ins.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from textvae.cells import Cell as OurCell
from textvae.errors import InputError
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import (
    PAPERS_MODELS,
    TrainedCell,
    other_than_the_papers,
    read_cells,
    read_corpus_notes,
    read_sizes,
)
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.measurements import merged
from textvae.paper.ours import Reproduction
from textvae.paper.printed_numbers import printed_decimals, shown
from textvae.paper.published import CORPORA, TABLES, PublishedValue
from textvae.paper.render.table import Cell, Column, Line, Table, decimals
from textvae.paper.stand_ins import parse_stand_ins, split_pairs
from textvae.paper.verdicts import VERDICTS, Compared, Reading, compare
from textvae.registry import EXHIBITS

if TYPE_CHECKING:
    from pandas import DataFrame

# The experiments that correspond to the paper's tables. Variants such as table4-mine measure the
# same cells differently, on other pairs or with other dictionaries.
PRINTED = ("table1", "section3_2", "table3", "table4")

_CSV_COLUMNS = (
    *("table", "row", "column", "printed", "unit", "corpus", "model", "C", "decoding", "metric"),
    *("paper", "ours", "measured_on", "seeds", "standard_deviation", "standard_deviation_over"),
    "generated_sentences",
    *("difference", "relative_difference", "tolerance", "verdict"),
    *("paper_as_printed", "difference_as_printed", "relative_difference_as_printed"),
    *("tolerance_as_printed", "verdict_as_printed"),
)
_COLUMNS = (
    Column("Table, row", "Table, row", "text"),
    Column("Column", "Column", "text"),
    Column("Paper", "Paper"),
    Column("Ours", "Ours"),
    Column(r"$\pm$", "±"),
    Column("Seeds", "Seeds"),
    Column("Difference", "Difference"),
    Column(r"\%", "%"),
    Column("Tolerance", "Tolerance"),
    Column("Verdict", "Verdict", "text"),
)
_TITLES = {verdict: verdict.capitalize() for verdict in VERDICTS}

_LEGEND = (
    "Agrees: the difference is within the tolerance, which was fixed beforehand for each metric "
    "and is the same for every run, or the paper's number is between the smallest and the largest "
    "of our seeds. Deviates: neither. Other corpus: our number is from a stand-in, or from a "
    "corpus, model, text or pairs with only the name of the paper's, decides nothing and is only "
    "in the .csv. Not run: we have no number."
)
_SPREAD = (
    "±: standard deviation over seeds; for generated text, over the synthetic corpora of all "
    "seeds. D is in nats; the paper prints D / 100."
)
_GENERATED = (
    "Numbers of generated text are of synthetic corpora of at least {:,} sentences. The paper does "
    "not say how many sentences its corpora have."
)
_ERRATUM = (
    "According to the authors' erratum, Table 1's reconstruction columns of WIKI and WebText are "
    "swapped. The verdict is on the corrected number; the small line below it is on the number as "
    "printed."
)


@EXHIBITS.register(
    "comparison",
    forms=TABLE,
    category="Verdicts",
    scope="run",
    experiments=PRINTED,
    reads=("measurements", "sizes", "configs", "stand_ins"),
    published=("corpora", *PRINTED, "errata", "tolerances"),
    label="numbers",
    caption="How many of the numbers that the paper prints agree with ours.",
)
def render(inputs: Inputs) -> Rendered:
    """The numbers that the paper prints, with ours and a verdict."""
    stand_ins = parse_stand_ins(split_pairs(inputs.stand_ins))
    measured = merged(inputs.measurements)
    others = _other_models(measured, read_cells(inputs.configs))
    ours = Reproduction(measured, read_sizes(inputs.sizes), stand_ins, others)
    compared = compare(ours)
    data = comparison_table_csv(compared)
    if not any(map(_of_the_papers_corpus, compared)):
        nothing = nothing_compared(len(compared), inputs.caption)
        return Rendered((replace(nothing, notes=tuple(ours.lookalikes())),), data=data)
    summary, numbers = summary_table(compared, inputs.caption), comparison_table(compared)
    notes = (*summary.notes, *ours.lookalikes(), *read_corpus_notes(inputs.sizes))
    summary = replace(summary, notes=notes)
    return Rendered((summary, numbers), data=data)


def _other_models(
    measured: "DataFrame", trained: Mapping[OurCell, TrainedCell]
) -> dict[tuple[str, str], str]:
    """Return corpus and model -> in what a model of the paper's name is not the paper's.

    InputError if the configuration of a cell is not given.
    """
    others = {}
    for row in measured.drop_duplicates(["corpus", "model", "C", "seed"]).itertuples():
        cell = OurCell(row.corpus, row.model, row.C, row.seed)
        if cell not in trained:
            raise InputError(f"{cell}: is measured, but its config.json is not given")
        named = cell.model in PAPERS_MODELS and cell.corpus.casefold() in CORPORA
        if what := other_than_the_papers(trained[cell]) if named else "":
            others[cell.corpus, cell.model] = what
    return others


def nothing_compared(numbers: int, caption: str) -> Table:
    """Return the single line of a run without any cell of the paper."""
    text = f"None of {numbers} numbers is compared: this run has no cell of the paper."
    column = Column("Comparison", "Comparison", "text")
    return Table("comparison", caption, (column,), (), ((Line(((text,),)),),), ())


def _of_the_papers_corpus(one: Compared) -> bool:
    ours = one.meant.ours
    return ours is not None and not ours.stands_in


def summary_table(compared: Sequence[Compared], caption: str) -> Table:
    """Return the table of counts: a line per table of the paper, a column per verdict."""
    lines = [
        _counted(title, [one for one in compared if one.figure.table == table])
        for table, title in TABLES.items()
    ]
    return Table(
        name="comparison",
        caption=caption,
        columns=(
            Column("", "", "text"),
            Column("Numbers", "Numbers"),
            *(Column(title, title) for title in _TITLES.values()),
        ),
        spans=(),
        blocks=(tuple(lines), (_counted("All", compared),)),
        notes=(_LEGEND,),
    )


def comparison_table(compared: Sequence[Compared]) -> Table:
    """Return the numbers of the paper's corpora, with a block for each row of its tables."""
    ours = list(filter(_of_the_papers_corpus, compared))
    generated = {one.meant.ours.generated for one in ours if one.meant.ours} - {None}
    rows = groupby(ours, key=lambda one: (one.figure.table, one.figure.row))
    return Table(
        name="comparison-numbers",
        caption="The numbers that the paper prints for these corpora, with ours.",
        columns=_COLUMNS,
        spans=(),
        blocks=tuple(_block(list(group)) for _, group in rows),
        notes=(_SPREAD, *map(_GENERATED.format, sorted(generated)[:1]), _ERRATUM),
    )


def comparison_table_csv(compared: Sequence[Compared]) -> str:
    """Return a CSV line for each printed number, in the paper's order.

    `corpus`, `model`, `C`, `decoding` and `metric` identify the number, `printed` is its text
    verbatim, and `paper` the number that belongs there according to the erratum. If the two differ,
    the columns _as_printed compare the printed number.
    """
    return csv_text(_CSV_COLUMNS, map(_record, compared))


def _counted(title: str, compared: Sequence[Compared]) -> Line:
    counts = Counter(one.meant.verdict for one in compared)
    return Line(((title,), (str(len(compared)),), *((str(counts[one]),) for one in VERDICTS)))


def _block(group: Sequence[Compared]) -> tuple[Line, ...]:
    """Return the lines of one row's numbers; the first ones name the row."""
    lines = []
    for one in group:
        lines.append(_line(one.figure, one.meant, _column(one.figure)))
        if one.as_printed:
            lines.append(_line(one.figure, one.as_printed, "as printed", small=True))
    first = group[0].figure
    # Table 4's row names are long: the heading goes on its own line.
    titles = [TABLES[first.table], *first.row.split(": ")]
    indices = [index for index, line in enumerate(lines) if not line.small]
    if len(titles) > len(indices):
        titles = ["; ".join(titles)]
    for index, title in zip(indices, titles, strict=False):  # the lines below stay blank
        lines[index] = replace(lines[index], cells=((title,), *lines[index].cells[1:]))
    return tuple(lines)


def _column(figure: PublishedValue) -> str:
    """Return the column of a number, with "deviation" for a number in parentheses."""
    deviation = figure.metric == "fce_standard_deviation"
    return f"{figure.column}, deviation" if deviation else figure.column


def _line(figure: PublishedValue, reading: Reading, title: str, small: bool = False) -> Line:
    places = printed_decimals(figure.printed, figure.unit, figure.value)
    ours, relative = reading.ours, reading.relative_difference
    cells = (
        shown(reading.paper, places),
        shown(ours and ours.value, places),
        shown(ours.deviation, places) if ours and ours.deviation is not None else "",
        str(len(ours.of_seeds)) if ours and ours.of_seeds else "",
        shown(reading.difference, places),
        "" if relative is None else decimals(100 * relative, 0),
        f"±{shown(reading.tolerance, places)}",
        reading.verdict,
    )
    repeated = 3  # ours, its deviation and seeds: blank in the small line
    filled: list[Cell] = [
        () if (small and 1 <= index <= repeated) or not text else (text,)
        for index, text in enumerate(cells)
    ]
    return Line(((), (title,), *filled), small=small)


def _record(one: Compared) -> tuple[object, ...]:
    figure, meant, printed = one.figure, one.meant, one.as_printed
    ours = meant.ours
    return (
        *(figure.table, figure.row, figure.column, figure.printed, figure.unit),
        *(figure.corpus, figure.model, figure.C, figure.decoding, figure.metric),
        meant.paper,
        *(
            (ours.value, ours.measured_on, len(ours.of_seeds) or None, ours.deviation, ours.over)
            if ours
            else (None, "", None, None, "")
        ),
        ours and ours.generated,
        *(meant.difference, meant.relative_difference, meant.tolerance, meant.verdict),
        *(_as_printed(printed) if printed else (None,) * 5),
    )


def _as_printed(printed: Reading) -> tuple[object, ...]:
    return (
        *(printed.paper, printed.difference, printed.relative_difference),
        *(printed.tolerance, printed.verdict),
    )
