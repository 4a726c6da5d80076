"""All tables and figures in one LaTeX document, compiled to PDF."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textvae.errors import InputError, warn
from textvae.paper.render.latex import escape
from textvae.runtime.costs import counting_children

_PROGRAM = "pdflatex"
# Run no commands from the document, ask nothing, stop at the first error, report file and line.
_OPTIONS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")
_NAME = "document"
# The second run reads the auxiliary files of the first.
_TIMES = 2
# How pdflatex reports a page whose content is taller than it.
_BELOW = r"Overfull \vbox"
_ERROR = re.compile(
    # Some errors have no location: "! LaTeX Error: File `x.sty' not found."
    r"^(?:! |(?:\./)?([\w.-]+):(\d+): )(?:LaTeX Error: )?(.*)$",
    re.MULTILINE,
)


def compile_pdf(document: str, files: Mapping[str, Path], title: str) -> bytes:
    """Compile a document with pdflatex; return the PDF.

    files: name in the document -> path. title: prefix of messages. InputError if pdflatex or a file
    is missing, or the document has an error.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise InputError(
            f"{title}: {_PROGRAM} is not installed; install a LaTeX with booktabs and colortbl "
            "(Debian: texlive-latex-recommended), or use the .tex, .csv and .html files of the "
            "tables"
        )
    with tempfile.TemporaryDirectory(prefix="textvae-") as name:
        folder = Path(name)
        (folder / f"{_NAME}.tex").write_text(document, encoding="utf-8")
        for target, source in files.items():
            try:
                shutil.copyfile(source, folder / target)
            except FileNotFoundError:
                raise InputError(f"{source}: no such file") from None
            except IsADirectoryError:
                raise InputError(f"{source}: is a folder, expected a file") from None
        for _ in range(_TIMES):
            with counting_children():
                done = subprocess.run(
                    [program, *_OPTIONS, f"{_NAME}.tex"],
                    cwd=folder,
                    # A fixed date makes the PDF reproducible; no line breaks in the log.
                    env=os.environ
                    | {
                        "SOURCE_DATE_EPOCH": "0",
                        "FORCE_SOURCE_DATE": "1",
                        "max_print_line": "1000",
                    },
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    check=False,
                )
            if done.returncode:
                raise InputError(f"{title}: {first_error(done.stdout, files)}")
        if overfull := done.stdout.count(_BELOW):
            warn(f"{title}: {overfull} of its tables or figures end below the page")
        try:
            return (folder / f"{_NAME}.pdf").read_bytes()
        except FileNotFoundError:
            raise InputError(f"{title}: {_PROGRAM} wrote no page") from None


def first_error(log: str, files: Mapping[str, Path]) -> str:
    """Return the first error in pdflatex's output, with the original path of its file."""
    match = _ERROR.search(log)
    if match is None:
        last = next((line for line in reversed(log.splitlines()) if line.strip()), "")
        return f"{_PROGRAM} failed ({last.strip() or 'without a message'})"
    name, line, message = match.groups()
    path = files.get(name)
    location = f"{path}, line {line}: " if path else ""
    return f"{_PROGRAM} failed: {location}{message}"


# Tables are placed where they occur: LaTeX can hold only a limited number of floats.
_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{booktabs}
\usepackage{colortbl}
\usepackage{graphicx}
\makeatletter
\newenvironment{inplace}[1]
  {\par\bigskip\noindent\begin{minipage}{\textwidth}\def\@captype{#1}}
  {\end{minipage}\par\bigskip}
\renewenvironment{table*}[1][]{\begin{inplace}{table}}{\end{inplace}}
\makeatother
\setlength{\parindent}{0pt}
\raggedbottom
"""


@dataclass(frozen=True)
class TableFile:
    """A .tex file with one table, and its name in the document's folder."""

    name: str


@dataclass(frozen=True)
class FigureFile:
    """A PDF with one figure, and its name in the document's folder."""

    name: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A title (plain text) with its tables and figures."""

    title: str
    content: tuple[TableFile | FigureFile, ...]


def document(title: str, sections: Sequence[Section]) -> str:
    """Return the LaTeX of a document; each section with content begins on a new page.

    Titles and captions are plain text. Names of files consist of letters, digits and points.
    """
    lines = [
        _PREAMBLE + r"\begin{document}",
        rf"\begin{{center}}\Large {escape(title)}\end{{center}}",
    ]
    shown = [section for section in sections if section.content]
    for index, section in enumerate(shown):
        if index:
            lines.append(r"\clearpage")
        lines.append(rf"\section*{{{escape(section.title)}}}")
        for one in section.content:
            lines += _figure(one) if isinstance(one, FigureFile) else [rf"\input{{{one.name}}}"]
    return "\n".join([*lines, r"\end{document}", ""])


def _figure(figure: FigureFile) -> list[str]:
    size = r"width=\textwidth,height=.8\textheight,keepaspectratio"
    return [
        r"\begin{inplace}{figure}\centering",
        rf"\includegraphics[{size}]{{{figure.name}}}",
        rf"\caption{{{escape(figure.caption)}}}",
        r"\end{inplace}",
    ]
