"""Files of an exhibit: tables in LaTeX and HTML, figures in PDF, SVG and PNG, numbers in CSV."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from textvae.errors import InputError
from textvae.io import write_text
from textvae.paper.exhibit import FIGURE, Rendered


def write(rendered: Rendered, caption: str, command: str, files: Mapping[str, Path]) -> None:
    """Write each form in `files` (form -> path), atomically.

    command: the `textvae` command, for the first line of the LaTeX. caption: plain text, for a
    figure's metadata and a page's heading. InputError if `rendered` lacks a requested form.
    """
    texts = {form: _text(rendered, caption, command, form) for form in files if form not in FIGURE}
    drawn = {form: path for form, path in files.items() if form in FIGURE}
    if drawn:
        from textvae.paper.render.figure import save

        if rendered.figure is None:
            raise InputError(f"{command}: no figure was drawn for .{next(iter(drawn))}")
        save(rendered.figure, caption, drawn)
    for form, text in texts.items():
        write_text(files[form], text)


def _text(rendered: Rendered, caption: str, command: str, form: str) -> str:
    """Return the content of a .csv, .html or .tex file."""
    from textvae.paper.render.html import html
    from textvae.paper.render.latex import latex

    if form == "csv":
        if rendered.data is None:
            raise InputError(f"{command}: no numbers were given for .csv")
        return rendered.data
    if form == "html" and rendered.page is not None:
        from textvae.paper.render.page import page_html

        return page_html(rendered.page, caption)
    if not rendered.tables:
        raise InputError(f"{command}: no table was made for .{form}")
    if form == "html":
        return html(*rendered.tables)
    return "".join(latex(replace(table, command=command)) for table in rendered.tables)
