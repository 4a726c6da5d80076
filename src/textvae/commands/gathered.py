"""The flags of the commands that read the measurements which `textvae gather` gathered."""

import argparse
from pathlib import Path


def add_flag(parser: argparse.ArgumentParser) -> None:
    """--measurements."""
    parser.add_argument(
        "--measurements",
        type=Path,
        required=True,
        metavar="CSV",
        help="the tidy table that `textvae gather` wrote",
    )


def add_flags_of_all(parser: argparse.ArgumentParser) -> None:
    """--measurements of several experiments, and --sizes of their corpora."""
    parser.add_argument(
        "--measurements",
        type=Path,
        nargs="*",
        default=[],
        metavar="CSV",
        help="tidy tables that `textvae gather` wrote; they may share cells",
    )
    parser.add_argument(
        "--sizes",
        type=Path,
        nargs="*",
        default=[],
        metavar="JSON",
        help="statistics.json of the prepared corpora",
    )
