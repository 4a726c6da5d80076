"""Table 2: sentences decoded from the codes between two samples of the prior (section 3.3.1)."""

from collections.abc import Sequence
from itertools import groupby

from textvae.cells import Cell, format_C
from textvae.paper import decodings
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.exhibits.sensitivity import DIRECTIONS, Sensitivity, read_sensitivities
from textvae.paper.homotopy import Homotopy, equal_to_neighbour, read_homotopies
from textvae.paper.render import html
from textvae.paper.render import latex as latex_text
from textvae.paper.render.table import MISSING, Column, Line, Table, decimals, titled
from textvae.paper.rows import corpus_title
from textvae.registry import EXHIBITS

# The characters that begin a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@")
# Shown for an empty sentence.
EMPTY = "∅"

_COLUMNS = (
    Column("", "", "text"),
    Column("$C$", "<i>C</i>"),
    Column("", ""),
)
_CSV_COLUMNS = (
    *("corpus", "model", "C", "seed"),
    *("decoding", "code", "sentence", "equal_to_neighbour"),
)


@EXHIBITS.register(
    "table2",
    forms=TABLE,
    category="Tables",
    accepts_variants=True,
    needs=("sensitivity",),
    reads=("homotopies", "measurements"),
    label="2{variant}",
    # Its cells belong to other experiments, which show their training curves.
    reuses_cells=True,
)
def render(inputs: Inputs) -> Rendered:
    """The paper's Table 2: sentences decoded along a line between two samples of the prior."""
    homotopies = read_homotopies(inputs.homotopies)
    table = table2(homotopies, read_sensitivities(inputs), inputs.caption, inputs.name)
    return Rendered((table,), data=table2_csv(homotopies))


def table2(
    homotopies: Sequence[Homotopy],
    sensitivities: Sequence[Sensitivity],
    caption: str,
    name: str = "table2",
) -> Table:
    """Return the table: a block for each cell, a line for each code, a column for each decoding.

    homotopies: from `read_homotopies`. A sentence is shaded if it equals the one above or below.
    """
    columns = [_column(name) for name in homotopies[0].sentences]
    cells = [one.cell for one in homotopies]
    blocks: list[tuple[Line, ...]] = []
    for title, group in groupby(homotopies, key=lambda one: _title(one.cell, cells)):
        first, *others = (_lines(one) for one in group)
        blocks += [titled(title, first), *map(tuple, others)]
    notes = (
        _legend(homotopies),
        *_cut_note(homotopies),
        *_unknown_note(homotopies),
        *_sensitivity_note(cells, sensitivities),
    )
    return Table(name, caption, (*_COLUMNS, *columns), (), tuple(blocks), notes)


def table2_csv(homotopies: Sequence[Homotopy]) -> str:
    """Return a CSV line for each sentence: code from 1; equal_to_neighbour 1 if shaded, else 0.

    Sentences that a spreadsheet would evaluate as a formula are preceded by a space.
    """
    return csv_text(
        _CSV_COLUMNS,
        [
            (
                *(one.cell.corpus, one.cell.model, one.cell.C, one.cell.seed),
                *(name, code, f" {sentence}" if sentence[:1] in FORMULA else sentence, int(equal)),
            )
            for one in homotopies
            for name, sentences in one.sentences.items()
            for code, (sentence, equal) in enumerate(
                zip(sentences, equal_to_neighbour(sentences), strict=True), start=1
            )
        ],
    )


def _column(name: str) -> Column:
    heading = decodings.heading(name)
    return Column(latex_text.escape(heading), html.escape(heading), "prose")


def _lines(homotopy: Homotopy) -> list[Line]:
    """Return a line for each code; the first line shows C."""
    columns = homotopy.sentences.values()
    equal = [equal_to_neighbour(sentences) for sentences in columns]
    return [
        Line(
            (
                (),
                () if code else (format_C(homotopy.cell.C),),
                (str(code + 1),),
                *((sentences[code].strip() or EMPTY,) for sentences in columns),
            ),
            shaded=tuple(i for i, each in enumerate(equal, start=len(_COLUMNS)) if each[code]),
        )
        for code in range(homotopy.codes)
    ]


def _title(cell: Cell, cells: Sequence[Cell]) -> str:
    """Return the title of a cell: its corpus, with model and seed if the table has several."""
    model = [cell.model] if len({each.model for each in cells}) > 1 else []
    seed = [f"seed {cell.seed}"] if len({each.seed for each in cells}) > 1 else []
    more = ", ".join([*model, *seed])
    return corpus_title(cell.corpus) + (f" ({more})" if more else "")


def _legend(homotopies: Sequence[Homotopy]) -> str:
    """Return a note that explains the codes, the shading and the mark of empty sentences."""
    codes = homotopies[0].codes
    between = {2: "", 3: "; code 2 is half-way between them"}.get(
        codes, f"; codes 2 to {codes - 1} are at equal steps between them"
    )
    empty = any(
        not sentence.strip()
        for one in homotopies
        for sentences in one.sentences.values()
        for sentence in sentences
    )
    mark = f" {EMPTY}: an empty sentence." if empty else ""
    ends = {
        "the posterior means of two given sentences" if one.between else "samples of the prior"
        for one in homotopies
    }
    return (
        f"Codes 1 and {codes} are {' or '.join(sorted(ends))}{between}. Grey: the same sentence as "
        f"the one above or below it.{mark}"
    )


def _cut_note(homotopies: Sequence[Homotopy]) -> list[str]:
    """Return a note on the cells with sentences that were cut at the maximum length."""
    cut = [
        f"{cell}, {decodings.heading(name)}, {count} of {one.codes} after {one.longest} words"
        for cell, one in _named(homotopies)
        for name, count in one.cut.items()
        if count
    ]
    return [f"Sentences cut at the maximum length: {'; '.join(cut)}."] if cut else []


def _unknown_note(homotopies: Sequence[Homotopy]) -> list[str]:
    """Return a note on words of the given sentences that a model does not know."""
    warnings = [
        f"{cell}: {warning}" for cell, one in _named(homotopies) for warning in one.unknown_words
    ]
    return [f"Unknown words of the given sentences: {'; '.join(warnings)}."] if warnings else []


def _named(homotopies: Sequence[Homotopy]) -> list[tuple[str, Homotopy]]:
    """Return each homotopy with its cell as notes name it: CBT, C = 3."""
    cells = [one.cell for one in homotopies]
    return [(f"{_title(one.cell, cells)}, C = {format_C(one.cell.C)}", one) for one in homotopies]


def _sensitivity_note(cells: Sequence[Cell], measured: Sequence[Sensitivity]) -> list[str]:
    """Return a note with the shares of distinct neighbours of the table's cells, if measured."""
    of_cells = {(one.cell, one.direction): one for one in measured if one.cell in cells}
    if not of_cells:
        return []
    shares = []
    for title, group in groupby(cells, key=lambda cell: _title(cell, cells)):
        each = [
            f"C = {format_C(cell.C)}: "
            + " / ".join(_share(of_cells.get((cell, direction))) for direction in DIRECTIONS)
            for cell in group
        ]
        shares.append(f"{title}, {'; '.join(each)}.")
    cut = max(one.cut_percent or 0 for one in of_cells.values())
    lines, codes = (
        {decimals(getattr(one, name), 0) for one in of_cells.values()}
        for name in ("lines", "codes")
    )
    return [
        "Share of neighbouring codes that decode greedily to different sentences, in % ± standard "
        f"error, on {' or '.join(sorted(lines))} lines of {' or '.join(sorted(codes))} codes each: "
        "between two samples of the prior / up the gradient of log p(x|z) / down the gradient. "
        + " ".join(shares)
        + _compared_up_to(cut)
    ]


def _compared_up_to(cut: float) -> str:
    """Return a sentence on sentences that were cut, given the largest percentage of a cell."""
    if not cut:
        return ""
    return (
        f" Up to {decimals(cut, 1)}% of the sentences of a cell were cut at the maximum length, and"
        " are compared up to there."
    )


def _share(one: Sensitivity | None) -> str:
    """Format a share in percent with its standard error: 31.2 ± 1.1."""
    if one is None or one.distinct_share is None:
        return MISSING
    error = "" if one.standard_error is None else f" ± {decimals(100 * one.standard_error, 1)}"
    return f"{decimals(100 * one.distinct_share, 1)}{error}"
