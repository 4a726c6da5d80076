"""`textvae document`: tables and figures into one PDF."""

import re
import shutil
import subprocess

import pytest

from textvae.cli import main
from textvae.paper.render.latex import latex
from textvae.paper.render.table import Column, Line, Table

HOSTILE = r"\input{/etc/passwd} $x$ 100% <b> é 中"


@pytest.fixture
def files(tmp_path):
    """A table, and a figure that matplotlib drew, both with names that LaTeX would not like."""
    from matplotlib.figure import Figure

    columns = (Column("", "", "text"), Column("$D$", "<i>D</i>"))
    lines = tuple(Line(((f"{HOSTILE} {row}",), (str(row),))) for row in range(60))
    blocks = tuple((line,) for line in lines)
    table = Table("table1", f"Numbers: {HOSTILE}", columns, (), blocks, (HOSTILE,))
    (tmp_path / "a table_%.tex").write_text(latex(table))
    figure = Figure(figsize=(3, 2))
    figure.add_subplot().plot([1, 2], [2, 1])
    figure.savefig(tmp_path / "a figure#.pdf")
    return str(tmp_path / "a table_%.tex"), str(tmp_path / "a figure#.pdf")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_makes_a_document_of_all_of_them(files, tmp_path):
    table, figure = files
    out = tmp_path / "out/paper.pdf"
    argv = ["document", "--verdicts", table, "--tables", table, "--figures", figure, figure]
    argv += [f"--caption={HOSTILE}", "--caption=- a dash first", "--curves", figure]
    assert main([*argv, "--curve-caption=Curves", "--output", str(out)]) == 0
    if shutil.which("pdftotext"):
        subprocess.run(["pdftotext", "-raw", str(out)], check=True)
        text = out.with_suffix(".txt").read_text()
        order = [text.index(word) for word in ("What held", "Tables", "Figures", "Training")]
        assert order == sorted(order)
        numbers = set(re.findall(r"(?:Table|Figure) \d", text))
        assert numbers == {"Table 1", "Table 2", "Figure 1", "Figure 2", "Figure 3"}
        assert r"\input{/etc/passwd}" in text


def test_nothing_to_show(tmp_path, capsys):
    assert main(["document", "--output", str(tmp_path / "paper.pdf")]) == 1
    said = capsys.readouterr().err
    assert said == "textvae document: neither a table nor a figure is given\n"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--caption=a"], "--caption: 1 captions for 0 figures, expected one for each"),
        (["--curves", "a.pdf"], "--curve-caption: 0 captions for 1 figures, expected one for each"),
    ],
)
def test_each_figure_has_a_caption(tmp_path, capsys, flags, said):
    assert main(["document", *flags, "--output", str(tmp_path / "paper.pdf")]) == 1
    assert capsys.readouterr().err == f"textvae document: {said}\n"


def test_without_latex_there_is_a_line_and_no_file(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "paper.pdf"
    assert main(["document", "--tables", files[0], "--output", str(out)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("textvae document: paper.pdf: pdflatex is not installed; install")
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_a_broken_table_leaves_the_document_of_before(tmp_path, capsys):
    (tmp_path / "broken.tex").write_text(r"\begin{tabular}{l}")
    out = tmp_path / "paper.pdf"
    out.write_text("the one of before")
    assert main(["document", "--tables", str(tmp_path / "broken.tex"), "--output", str(out)]) == 1
    assert capsys.readouterr().err.startswith("textvae document: paper.pdf: pdflatex failed")
    assert out.read_text() == "the one of before"
