"""Tables as LaTeX, for any document that loads booktabs."""

import unicodedata

from textvae.paper.layout import Cell, Column, Line, Table, spelt, visible

# Characters that mean something to LaTeX, or that its default fonts do not have, as it wants them.
# Brackets and stars are braced because one right after the end of a line is an option of that end.
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
    "≤": r"$\leq$",
    "≥": r"$\geq$",
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
_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327",
        ["`", "'", "^", "~", "=", "u", ".", '"', "r", "H", "v", "c"],
        strict=True,
    )
)

_COLUMN_TYPES = {"text": "l", "number": "r", "pair": "r@{/}l"}


def escape(text: str) -> str:
    """Plain text as LaTeX that prints it, whatever it holds; nothing in it is a command.

    A character that a bare LaTeX has no shape for is spelt out, [U+4E2D].
    """
    shown = visible(text)
    # Hyphens and quotes that follow one another would melt into dashes and double quotes.
    return "".join(
        f"{character}{{}}" if shown[i : i + 2] in ("--", "''") else _escaped(character)
        for i, character in enumerate(shown)
    )


def latex(table: Table) -> str:
    """A table* environment; needs \\usepackage{booktabs} and nothing else."""
    column_types = "".join(_COLUMN_TYPES[column.kind] for column in table.columns)
    lines = [
        rf"% Made by `textvae {table.name}`. Needs \usepackage{{booktabs}}.",
        r"\begin{table*}[t]",
        r"\setlength{\tabcolsep}{3pt}",
        r"\sbox0{\scriptsize",
        rf"\begin{{tabular}}{{@{{}}{column_types}@{{}}}}",
        r"\toprule",
        *_headings(table),
    ]
    for block in table.blocks:
        lines.append(r"\midrule")
        for line, following in zip(block, (*block[1:], None), strict=True):
            lines.append(_line(table.columns, line))
            if line.small and following:
                lines.append(r"\addlinespace[2pt]")
    lines += [
        r"\bottomrule",
        r"\end{tabular}}%",
        "% Caption and notes are as wide as the table, which, where it is wider than the text,",
        "% stands out on both sides alike.",
        r"\makebox[\textwidth][c]{\begin{minipage}{\wd0}",
        rf"\caption{{{escape(table.caption)}}}",
        rf"\label{{tab:{table.name}}}",
        r"\smallskip",
        r"\usebox0",
        *(rf"\par\smallskip\scriptsize {escape(note)}" for note in table.notes),
        r"\end{minipage}}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def _headings(table: Table) -> list[str]:
    """The spanning titles with rules under them, then the columns' own."""
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
    """A pair's heading spans its two numbers; a text's stands left and a number's right."""
    if column.kind == "pair":
        return rf"\multicolumn{{2}}{{c}}{{{column.latex}}}"
    return column.latex


def _line(columns: tuple[Column, ...], line: Line) -> str:
    cells = [
        _cell(column, cell, r"\tiny " if line.small else "")
        for column, cell in zip(columns, line.cells, strict=True)
    ]
    return " & ".join(cells) + r" \\"


def _cell(column: Column, cell: Cell, size: str) -> str:
    """A cell's text; a blank or single one in a column of pairs spans it, which hides the slash."""
    texts = [size + escape(text) for text in cell]
    if column.kind == "pair" and len(texts) < 2:
        return rf"\multicolumn{{2}}{{c}}{{{''.join(texts)}}}"
    return " & ".join(texts)


def _width(column: Column) -> int:
    return 2 if column.kind == "pair" else 1


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isascii():
        return character
    base, accents = (decomposed := unicodedata.normalize("NFD", character))[0], decomposed[1:]
    if base.isascii() and base.isalpha() and accents in _ACCENTS:
        return rf"\{_ACCENTS[accents]}{{{base}}}"
    return f"{{{spelt(character)}}}"
