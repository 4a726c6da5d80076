"""Tables as LaTeX: their lines, text that contains no command, and that they compile."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import compile_tex, needs_latex

from textvae.paper.render.latex import escape, latex
from textvae.paper.render.table import MISSING, Column, Line, Span, Table, decimals, visible

HOSTILE = [
    r"\input{/etc/passwd} \write18{rm} $(rm -rf) `rm`",
    "100% of {it} #1 & co_x^2 ~ [3pt]",
    "[5pt] at the start, * too",
    "--- '' `` << >> ?` !` \" |",
    "naïve Łódź groß Ångström Čapek façade ı",
    "中文 עברית \u202egnirts \x00\x07\x1b ﬁ 😀",
    "β ≥ 0 ± 1 − 2 × 3 – 4 — 5…",
    "\\",
    "",
    "}" * 5,
    "w" * 300,
]


def table(title="CBT", caption="A caption", notes=("A note.",)) -> Table:
    return Table(
        name="table9",
        caption=caption,
        columns=(Column("", "", "text"), Column("$C$", "C"), Column("BL2/RG2", "", "pair")),
        spans=(Span("", 2), Span("All", 1)),
        blocks=(
            (
                Line(((title,), ("3",), ("9.46", "3.54"))),
                Line(((), (), ("±0.12", "±0.15")), small=True),
                Line(((), ("15",), (MISSING, MISSING))),
            ),
            (Line((("WIKI",), ("3",), ())),),
        ),
        notes=tuple(notes),
    )


def prose(sentences, shaded=(3,)) -> Table:
    """Return a table with two columns of wrapped text."""
    return Table(
        name="table8",
        caption="A caption",
        columns=(Column("", "", "text"), Column("$C$", "C"), *[Column("", "", "prose")] * 2),
        spans=(),
        blocks=(tuple(Line(((), ("3",), (s,), (s,)), shaded=shaded) for s in sentences),),
        notes=(),
    )


def blocks(count: int, lines: int) -> Table:
    """Return a table of `count` blocks of `lines` lines."""
    first = [Line(((f"block {i + 1}",), ("3",), ("9.46", "3.54"))) for i in range(count)]
    rest = [Line(((), ("3",), ("9.46", "3.54")))] * (lines - 1)
    return replace(table(), blocks=tuple((one, *rest) for one in first))


def test_lines_of_a_table():
    text = latex(replace(table(), command="render table9"))
    assert text.startswith("% Made by `textvae render table9`. Needs ")
    lines = text.splitlines()
    assert r"\begin{tabular}{@{}lrr@{/}l@{}}" in lines
    start = lines.index(r"\toprule")
    assert lines[start : lines.index(r"\bottomrule") + 1] == [
        r"\toprule",
        r"\multicolumn{2}{c}{} & \multicolumn{2}{c}{All} \\",
        r"\cmidrule(lr){3-4}",
        r" & $C$ & \multicolumn{2}{c}{BL2/RG2} \\",
        r"\midrule",
        r"CBT & 3 & 9.46 & 3.54 \\",
        r" &  & \tiny $\pm$0.12 & \tiny $\pm$0.15 \\",
        r"\addlinespace[2pt]",
        r" & 15 & -- & -- \\",
        r"\midrule",
        r"WIKI & 3 & \multicolumn{2}{c}{} \\",
        r"\bottomrule",
    ]
    assert r"\caption{A caption}" in lines
    assert r"\label{tab:table9}" in lines
    assert r"\par\smallskip\scriptsize A note." in lines


def test_prose_is_wrapped_and_shaded():
    lines = latex(prose(["a <unk> sat"])).splitlines()
    assert lines[0] == (
        r"% Made by `textvae table8`. Needs \usepackage{booktabs} and \usepackage{colortbl}."
    )
    wrapped = r">{\raggedright\arraybackslash}p{0.430\textwidth}"
    assert rf"\begin{{tabular}}{{@{{}}lr{wrapped}{wrapped}@{{}}}}" in lines
    sentence = r"a \textless{}unk\textgreater{} sat"
    assert rf" & 3 & {sentence} & \cellcolor[gray]{{.87}}{sentence} \\" in lines


def test_wide_table_has_narrow_gaps_and_long_titles_are_cut():
    title = " ".join(["title"] * 50)
    assert rf"{title[:79]}\dots{{}} & 3 & 9.46 & 3.54 \\" in latex(table(title))
    for count, gap in ((16, 3), (17, 2)):
        columns = (*table().columns, *[Column("", "")] * (count - 3))
        wide = latex(replace(table(), columns=columns, spans=(), blocks=()))
        assert rf"{{\tabcolsep}}{{{gap}pt}}" in wide


TALL = [(3, 20, [3]), (4, 20, [2, 2]), (15, 7, [8, 7]), (5, 30, [2, 2, 1]), (2, 60, [1, 1])]


@pytest.mark.parametrize(("count", "lines", "pages"), TALL)
def test_tall_table_is_split_between_blocks(count, lines, pages):
    """A page has 60 lines; pages are filled evenly."""
    _, *parts = latex(blocks(count, lines)).split(r"\begin{table*}")
    assert [part.count("block ") for part in parts] == pages
    assert [part.count("A note.") for part in parts] == [0] * (len(pages) - 1) + [1]
    assert [part.count(r"\label{") for part in parts] == [1] + [0] * (len(pages) - 1)
    for part in parts[1:]:
        assert r"\addtocounter{table}{-1}\caption[]{A caption (continued)}" in part
        assert r"BL2/RG2" in part


@pytest.mark.parametrize("small", [False, True])
def test_block_that_is_taller_than_a_page_is_cut(small):
    """Each page begins with the title of its lines, and a deviation is below its mean."""
    [block] = blocks(1, 126).blocks
    lines = [replace(line, small=small and index % 2 == 1) for index, line in enumerate(block)]
    made = latex(replace(blocks(1, 126), blocks=(tuple(lines),)))
    _, *parts = made.split(r"\begin{table*}")
    assert [part.count(" & 3 & 9.46 & 3.54") for part in parts] == [21 if small else 42] * 3
    assert [part.count("block 1 & 3") for part in parts] == [1] * 3
    assert [part.count("A note.") for part in parts] == [0, 0, 1]


def test_height_of_prose_is_that_of_its_wrapped_rows():
    """600 letters in half the width take 14 rows: a page has 4 of these lines."""
    for text, count, pages in (("word " * 120, 4, 1), ("word " * 120, 5, 2), ("word", 60, 1)):
        one = prose([text])
        assert latex(replace(one, blocks=one.blocks * count)).count(r"\begin{table*}") == pages


def test_decimals():
    shown = [decimals(value, 2) for value in (62.04, -0.386, -0.004, None)]
    assert shown == ["62.04", "−0.39", "0.00", "–"]
    assert (decimals(62.04, 1), decimals(64.0, 0)) == ("62.0", "64")
    assert (decimals(8220238268529.3, 1), decimals(9_999_999, 0)) == ("8.2e12", "9999999")


def test_visible_text_is_one_line_of_short_words():
    assert visible("two\nlines\tand\u2028more naïve 中文") == "two lines and more naïve 中文"
    assert visible("\u202egnirts\x07") == "[U+202E]gnirts[U+0007]"
    assert visible(f"a {'w' * 60} {'w' * 61}") == f"a {'w' * 60} {'w' * 59}…"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50% & more_or_less", r"50\% \& more\_or\_less"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("[3pt]*", "{[}3pt{]}{*}"),
        ("a -- b ''", "a -{}- b '{}'"),
        ("D + R ≥ H", r"D + R $\geq$ H"),
        ("−0.39 ± 0.1", r"$-$0.39 $\pm$ 0.1"),
        ("C = 3 → 15", r"C = 3 $\to$ 15"),
        ("façade", r"fa\c{c}ade"),
        ("中文字", r"{[U+4E2D]}{[U+6587]}\hspace{0pt}{[U+5B57]}"),
        (f"{'w' * 30} w", rf"{'w' * 16}\hspace{{0pt}}{'w' * 14} w"),
        ("w" * 100, rf"{'w' * 16}\hspace{{0pt}}" * 3 + "w" * 11 + r"\dots{}"),
    ],
)
def test_escape(text, escaped):
    assert escape(text) == escaped


# The possible output of escape: harmless characters and a few commands.
SAFE = re.compile(
    r"""( [A-Za-z0-9 !'()+,./:;=?@-]
        | \\[{}$&%#_]                       # an escaped character
        | \{ [][*A-F0-9U+]* \}               # one that needs braces around it, or empty braces
        | \\(text[a-z]+|char\d+|dots)\{\}    # a character by name or number
        | \\(ss|ae|AE|o|O|oe|OE|l|L)\{\}
        | \\[`'^~=."urHvc]\{[A-Za-z]\}      # an accent over a letter
        | \$(\\[a-z]+|-)\$                   # a symbol
        | \\hspace\{0pt\}                    # a break point
        )*""",
    re.VERBOSE,
)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="\\{}[]$&#%_^~-'`*é中β→"))
def test_escaped_text_contains_no_command(text):
    assert SAFE.fullmatch(escape(text))


@needs_latex
@pytest.mark.parametrize("options", ["", "[twocolumn]"])
def test_tables_compile_in_a_bare_article(tmp_path, options):
    """With hostile titles, captions, notes and prose, and with tables of several pages."""
    tables = [latex(table(text, f"Caption: {text}", ["A note.", text])) for text in HOSTILE]
    # Only the 300 letters without a space may be too wide.
    assert compile_tables(tmp_path, options, "booktabs", tables).count("Overfull") <= 2
    if not options:
        tables = [latex(prose(HOSTILE, shaded=(2, 3))), latex(blocks(15, 7))]
        # Only words longer than a column: 300 letters, and a spelt-out text, in two columns.
        log = compile_tables(tmp_path, options, "booktabs,colortbl", tables)
        assert log.count("Overfull") <= 4


def compile_tables(folder, options: str, packages: str, tables: list[str]) -> str:
    """Return the log of a document with a page for each table."""
    head = rf"\documentclass{options}{{article}}\usepackage{{{packages}}}\begin{{document}}"
    body = "\n\\clearpage\n".join(tables)
    log = compile_tex(folder, f"{head}\n{body}\\end{{document}}\n")
    assert "Missing character" not in log
    return log
