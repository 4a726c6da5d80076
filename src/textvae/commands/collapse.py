"""`textvae collapse`: the controls against posterior collapse as a table."""

import argparse
from pathlib import Path

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="the numbers of the table, a line for each row")
    parser.add_argument(
        "--configs",
        type=Path,
        nargs="+",
        required=True,
        metavar="CONFIG",
        help="config.json of every cell that was measured",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.paper.exhibits.collapse import collapse, collapse_csv, join, read_configs

    controls = join(table_files.rows(args), read_configs(args.configs))
    table_files.write(args, collapse(controls, args.caption), collapse_csv(controls))
