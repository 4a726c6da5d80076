"""All tables and figures as one LaTeX document."""

from collections.abc import Sequence
from dataclasses import dataclass

from textvae.paper.latex_text import escape

# Tables stand where they come, not as floats: LaTeX holds but so many of those at a time.
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
    """A .tex file with one table, under the name that the document is to read it by."""

    name: str


@dataclass(frozen=True)
class FigureFile:
    """A PDF with one figure, under the name that the document is to read it by."""

    name: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A title (plain text) and what comes under it."""

    title: str
    content: tuple[TableFile | FigureFile, ...]


def document(title: str, sections: Sequence[Section]) -> str:
    """The .tex of a document in which each section with content begins a page of its own.

    Titles and captions are plain text. Names are those of files beside the document, of letters,
    digits and points.
    """
    lines = [
        _PREAMBLE + r"\begin{document}",
        rf"\begin{{center}}\Large {escape(title)}\end{{center}}",
    ]
    shown = [section for section in sections if section.content]
    for place, section in enumerate(shown):
        if place:
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
