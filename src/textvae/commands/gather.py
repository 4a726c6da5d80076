"""`textvae gather`: the measurement files of many cells into one tidy CSV."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "measurements",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="measurement files (JSON), of any cells",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="CSV",
        help="the table to write: a line for each metric of each cell",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.files import write_text
    from textvae.paper.measurements import gather, to_csv

    write_text(args.output, to_csv(gather(args.measurements)))
