"""Bounds of numbers that are given as flags."""

import argparse

from textvae.errors import InputError
from textvae.settings import MOST


def at_least(args: argparse.Namespace, **bounds: int) -> None:
    """InputError where a flag that was given is below its bound, or a whole number above MOST."""
    for name, bound in bounds.items():
        value, flag = getattr(args, name), name.replace("_", "-")
        # Not below it, because NaN is not at least anything.
        if value is not None and not value >= bound:
            raise InputError(f"--{flag}: {value} is not a number of at least {bound}")
        if type(value) is int and value > MOST:
            raise InputError(f"--{flag}: {value} is not a number of at most {MOST}")


def shows(args: argparse.Namespace, name: str) -> None:
    """InputError where a flag that was given is not a text that a file and a terminal can show."""
    value = getattr(args, name)
    if value is not None and not value.isprintable():
        raise InputError(f"--{name}: {value!r:.80} has characters in it that do not show")
