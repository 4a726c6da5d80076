"""Table 4 from measurements: the paper's layout, its notes, and ours beside the paper's."""

import csv
import io
import re
import shutil
import subprocess

import pytest

from textvae.cells import Cell
from textvae.paper.exhibits.table4 import table4, table4_csv
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import ROWS

SIMPLE = {
    "agreement.simple.p1": 0.99,
    "agreement.simple.p2": 0.25,
    "agreement.simple.p1_bar": 0.75,
    "agreement.simple.p2_bar": 0.5,
    "agreement.simple.pairs": 140,
    "agreement.simple.coverage": 0.95,
    "agreement.simple.language_model": 0.875,
    "agreement.simple.p1_covered": 1.0,
}
HOSTILE = r"</td><script>alert(1)</script>\input{/etc/passwd} & $x$ % #_^~"


def cell(values: dict, C=3.0, corpus="wiki50", model="lstm", seed=1) -> list[Measured]:
    of = Cell(corpus, model, C, seed)
    return [
        Measured(of, "syntax", "marvin-linzen", 163124, metric, value)
        for metric, value in values.items()
    ]


def the_papers() -> list[Measured]:
    """Every number of the paper's table and its caption, as if we had measured it."""
    return [
        Measured(Cell(f.corpus, f.model, f.C, 1), "any", "test", 1, f.metric, f.value)
        for f in published("table4")
    ]


def table(measured):
    return table4(rows_of(measured), "Caption")


def texts(table) -> list[list[str]]:
    """The lines of a table, as a reader sees them."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def compared(measured) -> dict[tuple[str, str], dict[str, str]]:
    """The lines of the CSV by C and metric, in their order."""
    records = csv.DictReader(io.StringIO(table4_csv(rows_of(measured))))
    return {(record["C"], record["metric"]): record for record in records}


def test_the_papers_own_numbers_give_the_papers_own_table():
    """Row by row as printed, but with the barred of C = 3, which the paper has no space for."""
    found = table(the_papers())
    assert [len(block) for block in found.blocks] == [11, 4, 3]
    lines = texts(found)
    assert lines[0] == ["SUBJECT-VERB AGREEMENT", *[""] * 10]
    none, once = ["–", "–"], ["–", "–"]
    assert lines[1] == ["Simple", "0.81", "0.81", *none, "1.00", "0.23", "0.68", "0.47", *once]
    assert lines[8] == [
        *("Across an object relative (no that)", "0.58", "0.58", *none),
        *("0.94", "0.09", "0.61", "0.44", *once),
    ]
    assert lines[-1] == [
        *("Across a relative clause", "0.37", "0.36", *none),
        *("1.00", "0.00", "0.98", "0.02", *once),
    ]
    assert (
        "WIKI, up to 50 words: – pairs; C = 3: D 103.0, R 3.0 nats; C = 100: D 39.0, R 101.0 nats."
        in found.notes
    )


def test_four_accuracies_for_each_C_then_the_language_model_and_coverage():
    found = table(cell(SIMPLE) + cell(SIMPLE | {"agreement.simple.p2": 0.0}, C=100.0))
    four = ["$p_1$", "$p_2$", r"$\bar{p}_1$", r"$\bar{p}_2$"]
    assert [column.latex for column in found.columns] == ["", *four, *four, "LM", r"cov.\%"]
    assert [(span.title, span.columns) for span in found.spans] == [
        *(("", 1), ("C = 3", 4), ("C = 100", 4), ("", 2))
    ]
    assert texts(found)[1] == [
        *("Simple", "0.99", "0.25", "0.75", "0.50"),
        *("0.99", "0.00", "0.75", "0.50", "0.88", "95.0"),
    ]


def test_latex_and_html_tell_the_same():
    found = table(cell(SIMPLE))
    assert r"Simple & 0.99 & 0.25 & 0.75 & 0.50 & 0.88 & 95.0 \\" in latex(found)
    assert "<td>0.99</td><td>0.25</td><td>0.75</td><td>0.50</td><td>0.88</td>" in html(found)
    assert '<th scope="col"><i>p̄</i><sub>1</sub></th>' in html(found)
    named = table4(rows_of(cell(SIMPLE)), "Caption", name="table4-mine")
    assert r"\label{tab:table4-mine}" in latex(named)


def test_notes_tell_how_many_pairs_and_D_and_R_of_each_C():
    """140 + 60 pairs; of a C where D was not measured R stands alone, or nothing."""
    measured = [
        *cell(SIMPLE | {"mine.pairs": 60, "rate_nats": 3.04, "distortion_nats": 102.96}),
        *cell(SIMPLE | {"rate_nats": 15.0}, C=15.0),
        *cell(SIMPLE, C=100.0),
    ]
    told = "C = 3: D 103.0, R 3.0 nats; C = 15: R 15.0 nats."
    assert f"WIKI, up to 50 words: 200 pairs; {told}" in table(measured).notes


def test_every_corpus_has_its_note():
    notes = table(cell(SIMPLE) + cell({"mine.pairs": 60}, corpus="grammar")).notes
    assert "WIKI, up to 50 words: 140 pairs." in notes
    assert "grammar: 60 pairs." in notes


@pytest.mark.parametrize(
    ("first", "second", "told"), [(0.0001, 0.00025, "at most 0.025%"), (0.0, None, "none")]
)
def test_decisions_that_bfloat16_turns_are_told_at_their_most(first, second, told):
    name = "differs_from_float32"
    measured = cell(SIMPLE | {name: first}) + cell(SIMPLE | {name: second}, C=100.0)
    assert any(f"in bfloat16, {told} of the decisions" in n for n in table(measured).notes)


def test_where_all_was_float32_nothing_is_said_of_bfloat16():
    assert not any("bfloat16" in note for note in table(cell(SIMPLE)).notes)


def test_several_seeds_are_told_of():
    found = table(cell(SIMPLE) + cell(SIMPLE, seed=2))
    assert found.notes[-1].startswith("Means over 2 seeds, with the standard deviation over seeds")
    assert texts(found)[2] == ["", "±0.00", "±0.00", "±0.00", "±0.00", "", ""]
    assert not any("seeds" in note for note in table(cell(SIMPLE)).notes)


def test_csv_has_ours_beside_the_papers():
    """The paper has 0.81 for p1 of the simple row at C = 3, and D of 103."""
    measured = [
        *cell(SIMPLE | {"agreement.simple.p1": 0.5, "distortion_nats": 104.0}),
        *cell(SIMPLE | {"agreement.simple.p1": 1.0}, seed=2),
    ]
    found = compared(measured)
    record = found["3", "agreement.simple.p1"]
    assert float(record.pop("difference")) == pytest.approx(0.75 - 0.81)
    assert record == {
        "corpus": "wiki50",
        "model": "lstm",
        "C": "3",
        "metric": "agreement.simple.p1",
        "ours": "0.75",
        "seeds": "2",
        "standard_deviation": "0.3535533905932738",
        "sentences": "163124",
        "paper": "0.81",
    }
    assert (found["3", "distortion_nats"]["paper"], found["3", "rate_nats"]["paper"]) == (
        "103",
        "3",
    )
    assert found["3", "agreement.simple.p1_bar"]["paper"] == ""
    assert found["3", "agreement.simple.p1_covered"]["ours"] == "1"


def test_csv_has_all_of_the_papers_numbers():
    """94 of them, each equal to itself, and the barred of C = 3 without."""
    found = compared(the_papers())
    papers = {key: record for key, record in found.items() if record["paper"]}
    assert len(papers) == 94
    assert {record["difference"] for record in papers.values()} == {"0"}
    assert {key for key in found if key not in papers} == {
        ("3", f"{row}.{metric}") for row in ROWS for metric in ("p1_bar", "p2_bar")
    }


def test_csv_keeps_the_order_of_the_table_and_leaves_the_probe_to_its_own():
    values = {"zoo.p1": 0.5, "npi.simple.p1": 0.5, "logdetcov": -1, "differs_from_float32": 0}
    values |= {"npi.simple.grammatical_accuracy": 0.5, "npi.simple.items": 9}
    of_row = ("p1", "p2", "p1_bar", "p2_bar")
    assert [metric for _, metric in compared(cell(values | SIMPLE))] == [
        *("distortion_nats", "rate_nats"),
        *(f"agreement.simple.{metric}" for metric in of_row),
        *(f"agreement.simple.{metric}" for metric in ("language_model", "coverage", "pairs")),
        "agreement.simple.p1_covered",
        *(f"npi.simple.{metric}" for metric in of_row),
        *(f"zoo.{metric}" for metric in of_row),
        *("differs_from_float32", "logdetcov"),
    ]


@pytest.mark.parametrize("other", [{"corpus": "wiki"}, {"model": "gru"}, {"C": 15.0}])
def test_a_cell_that_the_paper_has_not_stands_alone(other):
    assert {record["paper"] for record in compared(cell(SIMPLE, **other)).values()} == {""}


def test_names_of_rows_are_text_in_every_markup():
    found = table(cell({f"{HOSTILE}.p1": 0.5}))
    assert texts(found) == [[HOSTILE, "0.50", "–", "–", "–", "–", "–"]]
    assert "<script>" not in html(found)
    assert r"\input" not in latex(found)
    assert r"\textbackslash{}input\{/etc/passwd\} \& \$x\$ \% \#\_" in latex(found).replace(
        r"\hspace{0pt}", ""
    )
    assert compared(cell({f"{HOSTILE}.p1": 0.5}))["3", f"{HOSTILE}.p1"]["ours"] == "0.5"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_two_C_fit_the_text_of_a_bare_article(tmp_path):
    """A wider table would stand out of it on both sides; box 0 holds the table."""
    once = {f"{row}.language_model": 0.5 for row in ROWS} | {f"{row}.coverage": 1 for row in ROWS}
    tex = latex(table(the_papers() + cell(once)))
    told = r"\typeout{\the\wd0<\the\textwidth;}"
    (tmp_path / "document.tex").write_text(
        r"\documentclass{article}\usepackage{booktabs}\begin{document}"
        + tex.replace(r"\end{table*}", rf"{told}\end{{table*}}")
        + r"\end{document}"
    )
    printed = subprocess.run(
        ["pdflatex", "-draftmode", "-no-shell-escape", "-halt-on-error", "document.tex"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    width, of_text = re.search(r"([0-9.]+)pt<([0-9.]+)pt;", printed).groups()
    assert float(width) < float(of_text)
