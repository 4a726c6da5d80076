"""HTML of a table: well formed, self-contained, and showing any text as text."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.paper.render.html import html
from textvae.paper.render.table import (
    MAX_TITLE_LENGTH,
    MISSING,
    Column,
    Line,
    Span,
    Table,
    cut,
    visible,
)


def table(title: str = "CBT", caption: str = "A caption", note: str = "A note.") -> Table:
    return Table(
        name="table9",
        caption=caption,
        columns=(
            Column("", "", "text"),
            Column("", "<i>C</i>"),
            Column("", "BL2/RG2", "pair"),
        ),
        spans=(Span("", 2), Span("All", 1)),
        blocks=(
            (
                Line(((title,), ("3",), ("9.46", "3.54"))),
                Line(((), (), ("±0.12", "±0.15")), small=True),
            ),
            (Line((("WIKI",), ("3",), (MISSING, MISSING))),),
        ),
        notes=(note,),
    )


class Page(HTMLParser):
    """Checks that elements nest, and keeps the text of some."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.text = {"caption": "", "title": "", "p": ""}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload"}
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


def test_the_lines_of_a_table():
    page = Page(html(table()))
    assert page.rows == [
        ["", "All"],
        ["", "C", "BL2/RG2"],
        ["CBT", "3", "9.46/3.54"],
        ["", "", "±0.12/±0.15"],
        ["WIKI", "3", "–/–"],
    ]
    assert page.text == {"caption": "A caption", "title": "A caption", "p": "A note."}


def test_a_page_needs_nothing_from_elsewhere():
    text = html(table())
    assert text.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in text
    for outside in ("http", "url(", "@import", "<script", "<link"):
        assert outside not in text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "</table>", "&lt;", '"><b onload="'])
def test_markup_in_a_text_is_text(text):
    page = Page(html(table(title=text, caption=text, note=text)))
    assert page.rows[2][0] == page.text["caption"] == page.text["title"] == text
    assert page.tags == Page(html(table())).tags


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_text_is_shown(text):
    page = Page(html(table(title=text, caption=text)))
    assert page.rows[2][0] == visible(cut(text, MAX_TITLE_LENGTH))
    assert page.text["caption"] == visible(text)


def test_of_a_long_title_the_beginning_is_shown():
    """The cells of titles do not wrap."""
    title = " ".join(["title"] * 50)
    assert Page(html(table(title=title))).rows[2][0] == f"{title[:79]}…"


def test_prose_is_wrapped_and_may_stand_on_grey():
    """Only such a table has a style for it."""
    prose = replace(
        table(),
        columns=(Column("", "", "text"), Column("", "", "prose"), Column("", "")),
        spans=(),
        blocks=((Line((("CBT",), ("<b>a sentence</b>",), ("3",)), shaded=(1,)),),),
    )
    text = html(prose)
    assert '<th class="prose" scope="col"></th>' in text
    assert '<td class="prose shaded">&lt;b&gt;a sentence&lt;/b&gt;</td><td>3</td>' in text
    assert ".shaded { background:" in text
    assert "shaded" not in html(table())
    assert Page(text).rows[1] == ["CBT", "<b>a sentence</b>", "3"]
