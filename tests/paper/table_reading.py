"""Helpers of the tests of exhibits: made-up measurements, and tables as a reader sees them."""

import csv
import io

from textvae.cells import Cell
from textvae.paper.measurements import Measured


def measure(values: dict, corpus="cbt", model="lstm", C=3.0, seed=1, sentences=12000):
    """Return measurements of a cell: metric -> value."""
    cell = Cell(corpus, model, C, seed)
    return [
        Measured(cell, "any", "test", sentences, metric, value) for metric, value in values.items()
    ]


def measure_as_printed(figures, decoding=False) -> list[Measured]:
    """Return the paper's numbers as if they were measured on our cells."""
    return [
        Measured(
            *(Cell(f.corpus, f.model, f.C, 1), "any", "test", 1, f.metric, f.value),
            *((f.decoding, 1) if decoding else ()),
        )
        for f in figures
    ]


def texts(table) -> list[list[str]]:
    """Return the lines of a table; the numbers of a cell are joined by a slash."""
    return [line for block in block_texts(table.blocks) for line in block]


def block_texts(blocks) -> list[list[list[str]]]:
    return [[["/".join(cell) for cell in line.cells] for line in block] for block in blocks]


def records(text: str) -> list[dict[str, str]]:
    """Return the lines of a CSV by column."""
    return list(csv.DictReader(io.StringIO(text)))
