"""Tables as self-contained HTML pages."""

from html import escape as _html_escape

from textvae.paper.render.table import (
    MAX_TITLE_LENGTH,
    Cell,
    Column,
    Line,
    Span,
    Table,
    Tone,
    cut,
    visible,
)

_STYLE = """\
body { margin: 2rem; font: 15px/1.45 "Libertinus Serif", "Linux Libertine", Georgia, serif;
       color: #1a1a1a; background: #fff; }
figure { display: table; margin: 0 0 2.5rem; }
table { border-collapse: collapse; border-top: 2px solid; border-bottom: 2px solid;
        font-variant-numeric: lining-nums tabular-nums; }
caption { margin-bottom: .7rem; text-align: left; max-width: 60rem; }
th, td { padding: .12rem .55rem; text-align: right; white-space: nowrap; }
th { font-weight: normal; vertical-align: bottom; }
thead tr:last-child th { padding-bottom: .35rem; }
th.span { text-align: center; }
th.span span { display: block; border-bottom: 1px solid; padding-bottom: .1rem; }
.text { text-align: left; padding-left: 0; }
tbody { border-top: 1px solid; }
tbody tr:first-child > * { padding-top: .35rem; }
tbody tr:last-child > * { padding-bottom: .35rem; }
tbody tr.small { font-size: .75em; color: #555; }
sub, sup { line-height: 0; }
figcaption { margin-top: .7rem; font-size: .85em; color: #333; max-width: 60rem; }
figcaption p { margin: .15rem 0; }
"""
_PROSE_STYLE = """\
td, th { vertical-align: top; }
.prose { text-align: left; white-space: normal; overflow-wrap: anywhere; width: 20rem; }
.shaded { background: #ddd; }
"""
_TONE_STYLE = """\
.good { background: #cfe8df; }
.bad { background: #f8d3bd; }
.open { background: #e6e6e6; }
"""


def escape(text: str) -> str:
    """Return plain text, escaped for an HTML element or a quoted attribute."""
    return _html_escape(visible(text))


def html(*tables: Table) -> str:
    """Return an HTML page with the tables, each with its caption above and its notes below."""
    prose = any(column.kind == "prose" for table in tables for column in table.columns)
    tones = any(line.tones for table in tables for block in table.blocks for line in block)
    style = _STYLE + (_PROSE_STYLE if prose else "") + (_TONE_STYLE if tones else "")
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{escape(tables[0].caption)}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        *(line for table in tables for line in _figure(table)),
        *("</body>", "</html>"),
    ]
    return "\n".join(lines) + "\n"


def _figure(table: Table) -> list[str]:
    head = [_headings(table.columns)]
    if table.spans:
        head.insert(0, "".join(_span(span) for span in table.spans))
    lines = [
        "<figure>",
        "<table>",
        f"<caption>{escape(table.caption)}</caption>",
        "<thead>",
        *(f"<tr>{row}</tr>" for row in head),
        "</thead>",
    ]
    for block in table.blocks:
        lines += ["<tbody>", *(_line(table.columns, line) for line in block), "</tbody>"]
    lines.append("</table>")
    if table.notes:
        lines += ["<figcaption>", *(f"<p>{escape(note)}</p>" for note in table.notes)]
        lines.append("</figcaption>")
    return [*lines, "</figure>"]


def _span(span: Span) -> str:
    if not span.title:
        return f'<td colspan="{span.columns}"></td>'
    title = escape(span.title)
    return f'<th class="span" scope="colgroup" colspan="{span.columns}"><span>{title}</span></th>'


def _headings(columns: tuple[Column, ...]) -> str:
    return "".join(f'<th{_class(column)} scope="col">{column.html}</th>' for column in columns)


def _line(columns: tuple[Column, ...], line: Line) -> str:
    tones = dict(line.tones)
    cells = "".join(
        f"<td{_class(column, i in line.shaded, tones.get(i))}>{_cell(column, cell)}</td>"
        for i, (column, cell) in enumerate(zip(columns, line.cells, strict=True))
    )
    small = ' class="small"' if line.small else ""
    return f"<tr{small}>{cells}</tr>"


def _cell(column: Column, cell: Cell) -> str:
    if column.kind == "text":
        cell = tuple(cut(text, MAX_TITLE_LENGTH) for text in cell)
    return "/".join(escape(text) for text in cell)


def _class(column: Column, shaded: bool = False, tone: Tone | None = None) -> str:
    kinds = [column.kind] if column.kind in ("text", "prose") else []
    names = " ".join([*kinds, *(["shaded"] if shaded else []), *([tone] if tone else [])])
    return f' class="{names}"' if names else ""
