"""Tables as LaTeX, for documents that load booktabs (and colortbl, for prose and colours)."""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from textvae.paper.render.table import (
    MAX_TITLE_LENGTH,
    Cell,
    Column,
    Line,
    Table,
    code_point,
    cut,
    visible,
)

# LaTeX's special characters, and characters that its default fonts lack. Brackets and stars are in
# braces: directly after the \\ of a line they would be parsed as its option.
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "–": "--",
    "—": "---",
    "‘": r"\char96{}",
    "’": "'",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "…": r"\dots{}",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "−": r"$-$",
    "→": r"$\to$",
    "✓": r"$\surd$",
    "✗": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∅": r"$\emptyset$",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "β": r"$\beta$",
    "δ": r"$\delta$",
    "θ": r"$\theta$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "φ": r"$\phi$",
}
# Allow a line break after this many characters without a space.
_MAX_UNBROKEN = 16
_BREAK = r"\hspace{0pt}"
_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327",
        ["`", "'", "^", "~", "=", "u", ".", '"', "r", "H", "v", "c"],
        strict=True,
    )
)


def escape(text: str) -> str:
    """Return any plain text, escaped for LaTeX.

    Characters that LaTeX's default fonts lack are shown by number: [U+4E2D].
    """
    shown = visible(text)
    # Prevent ligatures: repeated hyphens and quotes would become dashes and double quotes.
    letters = [
        f"{character}{{}}" if shown[i : i + 2] in ("--", "''") else _escaped(character)
        for i, character in enumerate(shown)
    ]
    return "".join(_breakable(letters))


def _breakable(letters: Iterable[str]) -> Iterator[str]:
    """Yield the letters, with break points inserted in long runs without a space."""
    width = 0
    for letter in letters:
        # A character shown by number is as wide as that text; any other counts as one.
        width = 0 if letter == " " else width + (len(letter) if "U+" in letter else 1)
        yield letter
        if width >= _MAX_UNBROKEN:
            yield _BREAK
            width = 0


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isascii():
        return character
    base, accents = (decomposed := unicodedata.normalize("NFD", character))[0], decomposed[1:]
    if base.isascii() and base.isalpha() and accents in _ACCENTS:
        return rf"\{_ACCENTS[accents]}{{{base}}}"
    return f"{{{code_point(character)}}}"


_COLUMN_TYPES = {"text": "l", "number": "r", "pair": "r@{/}l"}
# The share of the text width for all columns of prose together.
_PROSE = 0.86
_GREY = r"\cellcolor[gray]{.87}"
_TONES = {
    "good": r"\cellcolor[rgb]{.81,.91,.87}",
    "bad": r"\cellcolor[rgb]{.97,.83,.74}",
    "open": r"\cellcolor[gray]{.90}",
}
# Tables with more columns have narrower gaps, to fit the width of a page.
_MAX_COLUMNS = 16
# The height for lines on a page, without caption and notes, in points; the height of a line, in
# points; and the approximate number of letters across the text width.
_MAX_HEIGHT = 480
_LINE = 8
_LETTERS = 100


def latex(table: Table) -> str:
    """Return a table* environment; needs \\usepackage{booktabs}, and colortbl for colours.

    A table taller than a page is split between blocks into several environments.
    """
    coloured = any(column.kind == "prose" for column in table.columns) or any(
        line.tones for block in table.blocks for line in block
    )
    packages = r"\usepackage{booktabs}" + (r" and \usepackage{colortbl}" if coloured else "")
    lines = [rf"% Made by `textvae {table.command or table.name}`. Needs {packages}."]
    pages = _pages(table)
    for page, blocks in enumerate(pages, start=1):
        lines += _environment(table, blocks, first=page == 1, last=page == len(pages))
    return "\n".join(lines) + "\n"


def _environment(
    table: Table, blocks: Sequence[Sequence[Line]], first: bool, last: bool
) -> list[str]:
    """Return a float with some of the blocks; the first has the label, the last the notes."""
    prose = sum(column.kind == "prose" for column in table.columns)
    wrapped = rf">{{\raggedright\arraybackslash}}p{{{_PROSE / max(prose, 1):.3f}\textwidth}}"
    types = _COLUMN_TYPES | {"prose": wrapped}
    column_types = "".join(types[column.kind] for column in table.columns)
    lines = [
        r"\begin{table*}[t]",
        rf"\setlength{{\tabcolsep}}{{{3 if len(table.columns) <= _MAX_COLUMNS else 2}pt}}",
        r"\sbox0{\scriptsize",
        rf"\begin{{tabular}}{{@{{}}{column_types}@{{}}}}",
        r"\toprule",
        *_headings(table),
    ]
    for block in blocks:
        lines.append(r"\midrule")
        for line, following in zip(block, (*block[1:], None), strict=True):
            lines.append(_line(table.columns, line))
            if line.small and following:
                lines.append(r"\addlinespace[2pt]")
    caption = rf"\caption{{{escape(table.caption)}}}"
    if not first:
        caption = rf"\addtocounter{{table}}{{-1}}\caption[]{{{escape(table.caption)} (continued)}}"
    return [
        *lines,
        r"\bottomrule",
        r"\end{tabular}}%",
        "% Caption and notes are as wide as the table. A table that is wider than the text is",
        "% centred.",
        r"\makebox[\textwidth][c]{\begin{minipage}{\wd0}",
        caption,
        *([rf"\label{{tab:{table.name}}}"] if first else []),
        r"\smallskip",
        r"\usebox0",
        *(rf"\par\smallskip\scriptsize {escape(note)}" for note in table.notes if last),
        r"\end{minipage}}",
        r"\end{table*}",
    ]


def _pages(table: Table) -> list[list[Sequence[Line]]]:
    """Distribute the blocks, cut where one is taller than a page, evenly over few pages."""
    blocks = [part for block in table.blocks for part in _parts(table.columns, block)]
    heights = [_height(table.columns, block) for block in blocks]
    min_pages = len(pages := _filled(blocks, heights, _MAX_HEIGHT))
    for height in range(sum(heights) // min_pages, _MAX_HEIGHT):
        if len(even_pages := _filled(blocks, heights, height)) == min_pages:
            return even_pages
    return pages


def _parts(columns: Sequence[Column], block: Sequence[Line]) -> list[Sequence[Line]]:
    """Cut a block that is taller than a page in equal parts; each repeats the title of its lines.

    Standard deviations, in small lines, stay below their means.
    """
    several = math.ceil(_height(columns, block) / _MAX_HEIGHT)
    if several < 2:
        return [block]
    parts: list[list[Line]] = [[]]
    title = block[0].cells[0]
    limit = _height(columns, block) / several
    for line in block:
        title = line.cells[0] or title
        if parts[-1] and not line.small and _height(columns, [*parts[-1], line]) > limit:
            parts.append([])
            line = replace(line, cells=(title, *line.cells[1:]))
        parts[-1].append(line)
    return list(parts)


def _height(columns: Sequence[Column], block: Sequence[Line]) -> int:
    return sum(_LINE * _rows(columns, line) + 2 * line.small for line in block)


def _filled(
    blocks: Sequence[Sequence[Line]], heights: Sequence[int], max_height: int
) -> list[list[Sequence[Line]]]:
    """Fill pages of height `max_height` with as many blocks as fit, at least one each."""
    pages: list[list[Sequence[Line]]] = [[]]
    free = max_height
    for block, height in zip(blocks, heights, strict=True):
        if pages[-1] and height > free:
            pages.append([])
            free = max_height
        pages[-1].append(block)
        free -= height
    return pages


def _rows(columns: Sequence[Column], line: Line) -> int:
    """Estimate the number of rows of a line after its prose is wrapped."""
    prose = [i for i, column in enumerate(columns) if column.kind == "prose"]
    length = max((len("".join(line.cells[i])) for i in prose), default=0)
    return max(1, math.ceil(length * len(prose) / (_PROSE * _LETTERS)))


def _headings(table: Table) -> list[str]:
    """Return the spanning titles with rules under them, then the columns' headings."""
    titles, rules, first = [], [], 1
    columns = list(table.columns)
    for span in table.spans:
        width = sum(_width(column) for column in columns[: span.columns])
        del columns[: span.columns]
        title = escape(span.title)
        titles.append(rf"\multicolumn{{{width}}}{{c}}{{{title}}}")
        if title:
            rules.append(rf"\cmidrule(lr){{{first}-{first + width - 1}}}")
        first += width
    spans = [" & ".join(titles) + r" \\", "".join(rules)] if table.spans else []
    names = [_heading(column) for column in table.columns]
    return [*spans, " & ".join(names) + r" \\"]


def _heading(column: Column) -> str:
    """Return a column's heading; over both numbers of a pair."""
    if column.kind == "pair":
        return rf"\multicolumn{{2}}{{c}}{{{column.latex}}}"
    return column.latex


def _line(columns: tuple[Column, ...], line: Line) -> str:
    colours = dict.fromkeys(line.shaded, _GREY) | {i: _TONES[tone] for i, tone in line.tones}
    cells = [
        _cell(column, cell, colours.get(i, "") + (r"\tiny " if line.small else ""))
        for i, (column, cell) in enumerate(zip(columns, line.cells, strict=True))
    ]
    return " & ".join(cells) + r" \\"


def _cell(column: Column, cell: Cell, style: str) -> str:
    """Return a cell's text; in a column of pairs, a cell without two numbers spans both columns.

    The slash between them is hidden then.
    """
    if column.kind == "text":
        cell = tuple(cut(text, MAX_TITLE_LENGTH) for text in cell)
    texts = [style + escape(text) for text in cell]
    if column.kind == "pair" and len(texts) < 2:
        return rf"\multicolumn{{2}}{{c}}{{{''.join(texts)}}}"
    return " & ".join(texts)


def _width(column: Column) -> int:
    return 2 if column.kind == "pair" else 1
