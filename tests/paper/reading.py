"""Helpers of the tests of exhibits: made-up measurements, and exhibits as a reader sees them."""

import csv
import io
import shutil
import subprocess
from itertools import combinations

import pytest

from textvae.cells import Cell
from textvae.paper.measurements import Measured

needs_latex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")


def measure(values: dict, corpus="cbt", model="lstm", C=3.0, seed=1, sentences=12000):
    """Return measurements of a cell: metric -> value."""
    given = Cell(corpus, model, C, seed), "any", "test", sentences
    return [Measured(*given, metric, value) for metric, value in values.items()]


def measure_as_printed(figures) -> list[Measured]:
    """Return the paper's numbers as if they were measured on our cells, and on as many pairs."""
    return [
        Measured(
            *(Cell(f.corpus, f.model, f.C, 1), "any", "test", 163_124, f.metric, f.value),
            *((f.decoding, 1) if f.decoding else ()),
        )
        for f in figures
    ]


def texts(table) -> list[list[str]]:
    """Return the lines of a table; the numbers of a cell are joined by a slash."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def records(text: str) -> list[dict[str, str]]:
    """Return the lines of a CSV by column."""
    return list(csv.DictReader(io.StringIO(text)))


def compared(text: str, *columns: str) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the lines of a CSV by some of its columns."""
    return {tuple(record[column] for column in columns): record for record in records(text)}


def legend_texts(figure) -> list[str]:
    [legend] = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def legend_is_free(figure) -> bool:
    """Return whether the legend fits the figure and overlaps none of its panels."""
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    fits = 0 <= box.x0 < box.x1 <= figure.bbox.width and box.y0 >= 0
    return fits and not any(box.overlaps(panel.get_tightbbox()) for panel in figure.axes)


def compile_tex(folder, text: str) -> str:
    """Compile a LaTeX document without output and return its log."""
    (folder / "document.tex").write_text(text)
    command = ["pdflatex", "-draftmode", "-no-shell-escape", "-halt-on-error", "document.tex"]
    run = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    log = (folder / "document.log").read_text(errors="replace")
    assert run.returncode == 0, log[-2000:]
    return log


def titles_are_free(figure) -> bool:
    """Return whether the titles of panels fit the figure and do not overlap one another."""
    figure.draw_without_rendering()
    boxes = [panel.title.get_window_extent() for panel in figure.axes if panel.get_title()]
    fit = all(0 <= box.x0 < box.x1 <= figure.bbox.width for box in boxes)
    return fit and not any(one.overlaps(other) for one, other in combinations(boxes, 2))
