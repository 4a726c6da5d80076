"""LaTeX of a table: what it says, that nothing in a text is a command, and that it compiles."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.paper.latex import escape, latex
from textvae.paper.layout import MISSING, Column, Line, Span, Table

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


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50% & more_or_less", r"50\% \& more\_or\_less"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("[3pt]*", "{[}3pt{]}{*}"),
        ("a -- b", "a -{}- b"),
        ("D + R ≥ H", r"D + R $\geq$ H"),
        ("−0.39 ± 0.1", r"$-$0.39 $\pm$ 0.1"),
        ("façade", r"fa\c{c}ade"),
        ("中", "{[U+4E2D]}"),
    ],
)
def test_escape(text, escaped):
    assert escape(text) == escaped


# What may come out of escaping: harmless characters, and the few forms that are ours.
SAFE = re.compile(
    r"""( [A-Za-z0-9 !'()+,./:;=?@-]
        | \\[{}$&%#_]                       # a character that is a command when bare
        | \{ [][*A-F0-9U+]* \}               # one that needs braces around it, or just a break
        | \\(text[a-z]+|char\d+|dots)\{\}    # one with a name or a number
        | \\(ss|ae|AE|o|O|oe|OE|l|L)\{\}
        | \\[`'^~=."urHvc]\{[A-Za-z]\}      # an accent over a letter
        | \$(\\[a-z]+|-)\$                   # a symbol
        )*""",
    re.VERBOSE,
)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="\\{}[]$&#%_^~-'`*é中β"))
def test_nothing_of_a_text_stays_a_command(text):
    assert SAFE.fullmatch(escape(text))


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("options", ["", "[twocolumn]"])
def test_compiles_in_a_bare_article(tmp_path, options):
    """Hostile texts included: as a corpus, as a caption and as a note."""
    tables = [latex(table(text, f"Caption: {text}", ["A note.", text])) for text in HOSTILE]
    # LaTeX holds but so many floats at a time.
    body = "\n\\clearpage\n".join([latex(table()), *tables])
    document = rf"""\documentclass{options}{{article}}
\usepackage{{booktabs}}
\begin{{document}}
{body}\end{{document}}
"""
    (tmp_path / "document.tex").write_text(document)
    run = subprocess.run(
        ["pdflatex", "-draftmode", "-no-shell-escape", "-halt-on-error", "document.tex"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    log = (tmp_path / "document.log").read_text(errors="replace")
    assert "Missing character" not in log
    # Only the 300 letters in a row may be wider than the place they have.
    assert log.count("Overfull") <= 2, log
