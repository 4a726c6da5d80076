"""`textvae gather`: the measurement files of many cells into one tidy CSV, and their replicates."""

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
    parser.add_argument(
        "--bootstrap-output",
        type=Path,
        metavar="CSV",
        help="a table of the bootstrap replicates that the files hold, a line for each metric",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.measurements import gather, gather_replicates, replicates_to_csv, to_csv

    table = to_csv(gather(args.measurements))
    if args.bootstrap_output:
        found = gather_replicates(args.measurements)
        write_text(args.bootstrap_output, replicates_to_csv(found))
    write_text(args.output, table)
