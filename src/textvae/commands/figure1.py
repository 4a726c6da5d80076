"""`textvae figure1`: the paper's Figure 1 from gathered measurements."""

import argparse
from pathlib import Path

from textvae.commands import figure_files, gathered


def arguments(parser: argparse.ArgumentParser) -> None:
    gathered.add_flag(parser)
    figure_files.add_flags(parser)
    parser.add_argument(
        "--csv", type=Path, required=True, metavar="FILE", help="the numbers that are drawn"
    )


def run(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.exhibits.figure1 import check, figure1, figure1_csv
    from textvae.paper.measurements import from_csv
    from textvae.paper.rows import rows_of

    # What was measured of generated text has no place in it.
    measured = [one for one in from_csv(args.measurements) if not one.decoding]
    check(measured, args.measurements)
    rows = rows_of(measured)
    figure_files.write(args, figure1(rows))
    write_text(args.csv, figure1_csv(rows))
