"""`textvae document`: tables and figures in one PDF, compiled in a temporary folder."""

import re
import shutil
import subprocess
import tempfile

import pytest
from matplotlib.figure import Figure

from textvae.cli import main
from textvae.errors import InputError
from textvae.paper.render import pdf
from textvae.paper.render.latex import latex
from textvae.paper.render.table import Column, Line, Table

needs_latex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")

HOSTILE = r"\input{/etc/passwd} $x$ 100% <b> é 中"


@pytest.fixture(scope="module")
def exhibits(tmp_path_factory):
    """The paths of a table and of a figure, with names that LaTeX does not accept."""
    folder = tmp_path_factory.mktemp("exhibits")
    columns = (Column("", "", "text"), Column("$D$", "<i>D</i>"))
    lines = tuple(Line(((f"{HOSTILE} {row}",), (str(row),))) for row in range(60))
    blocks = tuple((line,) for line in lines)
    table = Table("table1", f"Numbers: {HOSTILE}", columns, (), blocks, (HOSTILE,))
    (folder / "a table_%.tex").write_text(latex(table))
    figure = Figure(figsize=(3, 2))
    figure.add_subplot().plot([1, 2], [2, 1])
    figure.savefig(folder / "a figure#.pdf")
    return folder / "a table_%.tex", folder / "a figure#.pdf"


def test_sections_are_in_order_and_begin_a_page_each():
    """Titles and captions are plain text; a section without content is left out."""
    figures = pdf.FigureFile("exhibit2.pdf", HOSTILE), pdf.FigureFile("exhibit3.pdf", "D")
    contents = {"A & B": (pdf.TableFile("exhibit1.tex"),), "Nothing": (), "C": figures}
    sections = [pdf.Section(title, content) for title, content in contents.items()]
    text = pdf.document("50% _less_", sections)
    parts = [
        *(r"\begin{document}", r"50\% \_less\_", r"\section*{A \& B}", r"\input{exhibit1.tex}"),
        *(r"\section*{C}", "{exhibit2.pdf}", r"\textbackslash{}input", "{exhibit3.pdf}"),
        *(r"\caption{D}", r"\end{document}"),
    ]
    assert [text.count(part) for part in parts] == [1] * len(parts)
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "Nothing" not in text
    assert text.count(r"\clearpage") == 1


def refusal(flags, folder, capsys) -> str:
    """Check that the command fails with one line; return it."""
    assert main(["document", *flags, "--output", str(folder / "paper.pdf")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("textvae document: ")
    assert error.count("\n") == 1
    return error


@needs_latex
def test_document_has_every_exhibit_numbered(exhibits, tmp_path, monkeypatch):
    """The same bytes twice, and no temporary files are left."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    table, figure = map(str, exhibits)
    argv = ["document", "--verdicts", table, "--tables", table, "--figures", figure, figure]
    argv += [f"--caption={HOSTILE}", "--caption=- a dash first", "--curves", figure]
    argv += ["--curve-caption=Curves", "--run-tables", table]
    path, again = tmp_path / "out/paper.pdf", tmp_path / "again.pdf"
    assert main([*argv, "--output", str(path)]) == main([*argv, "--output", str(again)]) == 0
    assert path.read_bytes() == again.read_bytes()
    assert not list((tmp_path / "scratch").iterdir())
    if shutil.which("pdftotext"):
        subprocess.run(["pdftotext", "-raw", str(path)], check=True)
        text = path.with_suffix(".txt").read_text()
        numbers = re.findall(r"(?:Table|Figure) \d", text)
        order = ["Table 1", "Table 2", "Figure 1", "Figure 2", "Figure 3", "Table 3"]
        assert list(dict.fromkeys(numbers)) == order
        assert r"\input{/etc/passwd}" in text


@pytest.mark.parametrize(
    ("flags", "parts"),
    [
        *(([], []), (["--caption=a"], ["--caption", "1", "0 figures"])),
        (["--curves", "a.pdf"], ["--curve-caption", "0", "1 figures"]),
        pytest.param(["--tables", "gone.tex"], ["gone.tex"], marks=needs_latex),
        pytest.param(["--tables", "."], [".", "folder"], marks=needs_latex),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path, capsys, flags, parts):
    error = refusal(flags, tmp_path, capsys)
    assert all(part in error for part in parts)
    assert not list(tmp_path.iterdir())


def test_missing_latex_is_one_line(exhibits, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal(["--tables", str(exhibits[0])], tmp_path, capsys)
    assert error.startswith("textvae document: paper.pdf: pdflatex is not installed; install")


@needs_latex
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("Fine.\n\n\\fine, \\good.", "table 1.tex, line 3: Undefined control sequence."),
        (r"\begin{tabular}{l}", "pdflatex failed: "),
    ],
)
def test_broken_table_is_named_and_the_old_document_kept(tmp_path, capsys, content, fault):
    (tmp_path / "table 1.tex").write_text(content)
    (tmp_path / "paper.pdf").write_text("old")
    error = refusal(["--tables", str(tmp_path / "table 1.tex")], tmp_path, capsys)
    assert error.startswith("textvae document: paper.pdf: pdflatex ")
    assert fault in error
    assert (tmp_path / "paper.pdf").read_text() == "old"


@needs_latex
@pytest.mark.parametrize(("notes", "warnings"), [(1, 0), (150, 1)])
def test_content_below_the_page_is_warned_of(tmp_path, capsys, notes, warnings):
    table = Table("table1", "D", (Column("", ""),), (), ((Line((("3",),)),),), ("A note.",) * notes)
    (tmp_path / "table1.tex").write_text(latex(table))
    argv = ["document", "--tables", str(tmp_path / "table1.tex"), "--output"]
    assert main([*argv, str(tmp_path / "a.pdf")]) == 0
    assert capsys.readouterr().err.count("end below the page") == warnings


@needs_latex
def test_document_without_a_page_is_refused():
    with pytest.raises(InputError, match=r"^paper\.pdf: .*no page"):
        pdf.compile_pdf(r"\documentclass{article}\begin{document}\end{document}", {}, "paper.pdf")


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("This is pdfTeX\nI can't write\n\n", "(I can't write)"),
        ("(./document.tex\n./document.tex:7: Too bad.\nl.7 x", ": Too bad."),
        ("! LaTeX Error: File `x.sty' not found.\nl.7 x", ": File `x.sty' not found."),
        ("./exhibit1.tex:2: LaTeX Error: Oh.\n./exhibit1.tex:3: No.", ": table.tex, line 2: Oh."),
    ],
)
def test_first_error_of_a_log(log, shown):
    message = pdf.first_error(log, {"exhibit1.tex": "table.tex"})
    assert message.startswith("pdflatex failed")
    assert message.endswith(shown)
