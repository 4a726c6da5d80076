"""Tables as HTML: well formed, self-contained, and any text shown as text."""

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import example, given, settings
from hypothesis import strategies as st

from textvae.paper.render.html import html
from textvae.paper.render.table import MISSING, Column, Line, Span, Table, cut, visible


def table(title="CBT", caption="A caption", note="A note.") -> Table:
    return Table(
        name="table9",
        caption=caption,
        columns=(
            *(Column("", "", "text"), Column("", "<i>C</i>"), Column("", "BL2/RG2", "pair")),
            Column("", "", "prose"),
        ),
        spans=(Span("", 2), Span("All", 2)),
        blocks=(
            (
                Line(((title,), ("3",), ("9.46", "3.54"), ("it is .",)), shaded=(3,)),
                Line(((), (), ("±0.12", "±0.15"), ()), small=True),
            ),
            (Line((("WIKI",), ("3",), (MISSING, MISSING), (title,))),),
        ),
        notes=(note,),
    )


def parse(text: str) -> tuple[list[list[str]], dict[str, str], list[tuple[str, dict]]]:
    """Return the rows of a page, other texts by element, and all elements; it must be XML."""
    head, meta, rest = text.removeprefix("<!DOCTYPE html>").partition('<meta charset="utf-8">')
    page = ElementTree.fromstring(f"{head}{meta[:-1]}/>{rest}")
    rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    others = {tag: "".join(one.text or "" for one in page.iter(tag)) for tag in ELEMENTS}
    return rows, others, [(one.tag, one.attrib) for one in page.iter()]


ELEMENTS = ("caption", "title", "p")
ROWS, TEXTS, TAGS = parse(html(table()))


def test_page_has_lines_and_texts_of_the_table():
    assert ROWS == [
        ["", "All"],
        ["", "C", "BL2/RG2", ""],
        ["CBT", "3", "9.46/3.54", "it is ."],
        ["", "", "±0.12/±0.15", ""],
        ["WIKI", "3", "–/–", "CBT"],
    ]
    assert TEXTS == {"caption": "A caption", "title": "A caption", "p": "A note."}
    classes = {attributes.get("class") for _, attributes in TAGS}
    assert classes == {None, "text", "prose", "prose shaded", "small", "span"}
    # Of two tables the first has the title.
    rows, texts, _ = parse(html(table(), table(caption="B")))
    assert (texts["title"], texts["caption"], len(rows)) == ("A caption", "A captionB", 10)


def test_page_is_self_contained():
    """Styles of prose are only in pages with prose."""
    text = html(table())
    assert text.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in text
    for outside in ("http", "url(", "@import", "<script", "<link"):
        assert outside not in text
    without = replace(table(), columns=(*table().columns[:3], Column("", "")))
    assert ".shaded { background:" in text
    assert ".shaded" not in html(without)


@settings(max_examples=50, deadline=None)
@given(st.text())
@example("<script>alert(1)</script>")
@example('</table>&lt;"><b onload="')
@example(" ".join(["title"] * 50))
def test_any_text_is_shown_as_text(text):
    """Of a long title the first 80 characters: titles do not wrap."""
    rows, texts, tags = parse(html(table(title=text, caption=text, note=text)))
    assert (rows[2][0], rows[4][3]) == (visible(cut(text, 80)), visible(text))
    assert texts == dict.fromkeys(ELEMENTS, visible(text))
    assert tags == TAGS
