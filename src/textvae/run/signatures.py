"""Signatures of the functions in rules, computed once."""

import inspect
from collections.abc import Iterable


def keep_signatures(values: Iterable[object]) -> None:
    """Store the signature of each function among `values` in the function itself.

    Snakemake reads a function's parameters several times for each job, and Python computes them
    every time unless they are stored: a tenth of the time of a plan.
    """
    for value in values:
        if inspect.isfunction(value):
            value.__signature__ = inspect.signature(value)
