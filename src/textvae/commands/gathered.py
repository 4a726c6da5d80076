"""The flag of the commands that read the measurements which `textvae gather` gathered."""

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
