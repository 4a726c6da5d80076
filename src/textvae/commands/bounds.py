"""Bounds of numbers that are given as flags."""

import argparse

from textvae.errors import InputError


def at_least(args: argparse.Namespace, **bounds: int) -> None:
    """InputError where a flag that was given is below its bound."""
    for name, bound in bounds.items():
        value = getattr(args, name)
        # Not below it, because NaN is not at least anything.
        if value is not None and not value >= bound:
            flag = name.replace("_", "-")
            raise InputError(f"--{flag}: {value} is not a number of at least {bound}")
