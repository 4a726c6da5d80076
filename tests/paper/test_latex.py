"""LaTeX of a table: what it says, that nothing in a text is a command, and that it compiles."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from textvae.paper.render.latex import latex
from textvae.paper.render.table import MISSING, Column, Line, Span, Table

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


def table(title: str = "CBT", caption: str = "A caption", notes=("A note.",)) -> Table:
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


def test_the_lines_of_a_table():
    text = latex(table())
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
    assert "A note." in text


def prose(sentences, shaded=(3,), name="table8") -> Table:
    """Two columns of text that is wrapped, the second of them shaded where the line says so."""
    return Table(
        name=name,
        caption="A caption",
        columns=(
            *(Column("", "", "text"), Column("$C$", "C")),
            *(Column("Greedy", "", "prose"), Column("Top-15", "", "prose")),
        ),
        spans=(),
        blocks=(tuple(Line(((), ("3",), (s,), (s,)), shaded=shaded) for s in sentences),),
        notes=(),
    )


def test_prose_is_wrapped_and_may_stand_on_grey():
    lines = latex(prose(["a <unk> sat"])).splitlines()
    assert lines[0] == (
        r"% Made by `textvae table8`. Needs \usepackage{booktabs} and \usepackage{colortbl}."
    )
    wrapped = r">{\raggedright\arraybackslash}p{0.430\textwidth}"
    assert rf"\begin{{tabular}}{{@{{}}lr{wrapped}{wrapped}@{{}}}}" in lines
    sentence = r"a \textless{}unk\textgreater{} sat"
    assert rf" & 3 & {sentence} & \cellcolor[gray]{{.87}}{sentence} \\" in lines


def test_of_a_long_title_the_beginning_is_shown():
    """The column of titles does not wrap."""
    title = " ".join(["title"] * 50)
    assert rf"{title[:79]}\dots{{}} & 3 & 9.46 & 3.54 \\" in latex(table(title))


def test_a_table_may_be_made_by_a_command_of_another_name():
    made = replace(table(), name="table9-all", command="table9")
    assert latex(made).startswith("% Made by `textvae table9`. Needs ")
    assert r"\label{tab:table9-all}" in latex(made)


def blocks(count: int, lines: int) -> Table:
    """A table of so many blocks of so many lines: block 1, block 2, ..."""
    first = [Line(((f"block {i + 1}",), ("3",), ("9.46", "3.54"))) for i in range(count)]
    rest = [Line(((), ("3",), ("9.46", "3.54")))] * (lines - 1)
    return replace(table(), blocks=tuple((one, *rest) for one in first))


@pytest.mark.parametrize(
    ("count", "lines", "pages"),
    [(3, 20, [3]), (15, 7, [8, 7]), (5, 30, [2, 2, 1]), (2, 90, [1, 1]), (1, 200, [1])],
)
def test_a_table_taller_than_a_page_goes_on_whole_blocks_on_each(count, lines, pages):
    """A page has 60 lines. Titles stay with their blocks, and pages are filled evenly."""
    _, *parts = latex(blocks(count, lines)).split(r"\begin{table*}")
    assert [part.count("block ") for part in parts] == pages
    assert [part.count("A note.") for part in parts] == [0] * (len(pages) - 1) + [1]
    assert [part.count(r"\label{") for part in parts] == [1] + [0] * (len(pages) - 1)
    for part in parts[1:]:
        assert r"\addtocounter{table}{-1}\caption[]{A caption (continued)}" in part
        assert r"BL2/RG2" in part


def test_prose_is_as_tall_as_the_rows_it_takes():
    """Of 600 letters in half the width about 14 rows: seven of them are more than a page."""
    long, short = prose(["word " * 120]), prose(["word"])
    tall = replace(long, blocks=long.blocks * 7)
    assert latex(tall).count(r"\begin{table*}") == 2
    assert latex(replace(short, blocks=short.blocks * 7)).count(r"\begin{table*}") == 1


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("options", ["", "[twocolumn]"])
def test_compiles_in_a_bare_article(tmp_path, options):
    """Hostile texts included: as a corpus, as a caption and as a note."""
    tables = [latex(table(text, f"Caption: {text}", ["A note.", text])) for text in HOSTILE]
    # LaTeX holds but so many floats at a time.
    log = compiled(tmp_path, options, ["booktabs"], [latex(table()), *tables])
    # Only the 300 letters in a row may be wider than the place they have.
    assert log.count("Overfull") <= 2, log


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_prose_and_tables_over_several_pages_compile(tmp_path):
    hostile = prose(HOSTILE, shaded=(2, 3))
    tables = [latex(hostile), latex(blocks(15, 7))]
    log = compiled(tmp_path, "", ["booktabs", "colortbl"], tables)
    # Only words longer than a column, two of each: 300 letters, and what is spelt out by number.
    assert log.count("Overfull") <= 4, log


def compiled(folder, options: str, packages: list[str], tables: list[str]) -> str:
    """What pdflatex logs of a document of these tables, a page each."""
    body = "\n\\clearpage\n".join(tables)
    document = rf"""\documentclass{options}{{article}}
\usepackage{{{",".join(packages)}}}
\begin{{document}}
{body}\end{{document}}
"""
    (folder / "document.tex").write_text(document)
    run = subprocess.run(
        ["pdflatex", "-draftmode", "-no-shell-escape", "-halt-on-error", "document.tex"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    log = (folder / "document.log").read_text(errors="replace")
    assert "Missing character" not in log
    return log
