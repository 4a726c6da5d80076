"""LaTeX compiled to PDF, in a folder that is gone afterwards."""

import shutil
import tempfile

import pytest

from textvae.errors import InputError
from textvae.paper.render.pdf import compile_pdf, first_error

needs_latex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")

DOCUMENT = r"\documentclass{article}\begin{document}\input{exhibit1.tex}\end{document}"


@pytest.fixture
def table(tmp_path):
    """A file of LaTeX, as `compile_pdf` takes it."""

    def write(text):
        (tmp_path / "table 1.tex").write_text(text)
        return {"exhibit1.tex": tmp_path / "table 1.tex"}

    return write


@needs_latex
def test_the_same_document_gives_the_same_pdf_and_nothing_stays(table, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    files = table("Some text.")
    pdf = compile_pdf(DOCUMENT, files, "paper.pdf")
    assert pdf.startswith(b"%PDF")
    assert compile_pdf(DOCUMENT, files, "paper.pdf") == pdf
    assert not list((tmp_path / "scratch").iterdir())


@needs_latex
def test_the_first_error_by_the_file_that_it_is_in(table):
    files = table("Fine.\n\n" + r"Not \fine, not \good.")
    with pytest.raises(InputError) as error:
        compile_pdf(DOCUMENT, files, "paper.pdf")
    assert str(error.value) == (
        f"paper.pdf: pdflatex failed: {files['exhibit1.tex']}, line 3: Undefined control sequence."
    )


@needs_latex
def test_a_package_that_is_not_there(table):
    document = DOCUMENT.replace(r"\begin", r"\usepackage{no-such-package}\begin", 1)
    with pytest.raises(InputError, match=r"File `no-such-package\.sty' not found"):
        compile_pdf(document, table(""), "paper.pdf")


@needs_latex
def test_a_document_without_a_page(table):
    with pytest.raises(InputError, match=r"^paper\.pdf: pdflatex wrote no page$"):
        compile_pdf(DOCUMENT, table(""), "paper.pdf")


@needs_latex
@pytest.mark.parametrize(
    ("kind", "said"), [("missing", "no such file"), ("folder", "is a folder, expected a file")]
)
def test_a_table_that_is_not_there(tmp_path, kind, said):
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    with pytest.raises(InputError) as error:
        compile_pdf(DOCUMENT, {"exhibit1.tex": path}, "paper.pdf")
    assert str(error.value) == f"{path}: {said}"


def test_without_latex(table, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as error:
        compile_pdf(DOCUMENT, table(""), "paper.pdf")
    assert str(error.value) == (
        "paper.pdf: pdflatex is not installed; install a LaTeX with booktabs and colortbl (Debian: "
        "texlive-latex-recommended), or take the tables as they are, .tex, .csv and .html"
    )


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("", "pdflatex failed (it said nothing)"),
        ("This is pdfTeX\nI can't write on file\n\n", "pdflatex failed (I can't write on file)"),
        ("(./document.tex\n./document.tex:7: Too bad.\nl.7 x", "pdflatex failed: Too bad."),
        (
            "./exhibit1.tex:2: LaTeX Error: Oh.\n./exhibit1.tex:3: And.",
            "pdflatex failed: here/table.tex, line 2: Oh.",
        ),
    ],
)
def test_what_its_output_says(log, said, tmp_path):
    assert first_error(log, {"exhibit1.tex": "here/table.tex"}) == said
