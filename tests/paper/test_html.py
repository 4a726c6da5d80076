"""Tables as HTML: well formed, self-contained, and any text shown as text."""

from dataclasses import replace
from html.parser import HTMLParser

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


class Page(HTMLParser):
    """The text of a page by element; checks that elements nest and load nothing."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.text = {"caption": "", "title": "", "p": ""}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert not {name for name, _ in attrs} & {"src", "href", "onload"}
        self.tags.append((tag, dict(attrs).get("class")))
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.text:
            self.text[self.open[-1]] += data
        elif {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


PLAIN = Page(html(table()))


def test_page_has_lines_and_texts_of_the_table():
    assert PLAIN.rows == [
        ["", "All"],
        ["", "C", "BL2/RG2", ""],
        ["CBT", "3", "9.46/3.54", "it is ."],
        ["", "", "±0.12/±0.15", ""],
        ["WIKI", "3", "–/–", "CBT"],
    ]
    assert PLAIN.text == {"caption": "A caption", "title": "A caption", "p": "A note."}
    classes = {kind for _, kind in PLAIN.tags if kind}
    assert classes == {"text", "prose", "prose shaded", "small", "span"}


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


def test_page_of_two_tables_has_the_title_of_the_first():
    page = Page(html(table(), table(caption="B")))
    assert page.text["title"] == "A caption"
    assert page.text["caption"] == "A captionB"
    assert len(page.rows) == 2 * len(PLAIN.rows)


@settings(max_examples=50, deadline=None)
@given(st.text())
@example("<script>alert(1)</script>")
@example('</table>&lt;"><b onload="')
@example(" ".join(["title"] * 50))
def test_any_text_is_shown_as_text(text):
    """Of a long title the first 80 characters: titles do not wrap."""
    page = Page(html(table(title=text, caption=text, note=text)))
    assert page.rows[2][0] == visible(cut(text, 80))
    assert page.rows[4][3] == visible(text)
    assert page.text == dict.fromkeys(("caption", "title", "p"), visible(text))
    assert page.tags == PLAIN.tags
