"""`textvae table2`: the paper's Table 2 from homotopies, and the sensitivity of decoders."""

import argparse
from pathlib import Path

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "homotopies",
        type=Path,
        nargs="+",
        metavar="HOMOTOPY",
        help="of a cell (JSON), with the sentences of each decoding; the first says their order",
    )
    table_files.add_flags(parser, data="the sentences, a line each")
    table_files.add_name_flag(parser, "table2")
    parser.add_argument(
        "--sensitivity",
        type=Path,
        required=True,
        metavar="FILE",
        help="the share of distinct neighbours of each measured cell, as CSV",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.errors import InputError
    from textvae.io import write_text
    from textvae.paper.exhibits.sensitivity import sensitivities, sensitivity_csv
    from textvae.paper.exhibits.table2 import table2, table2_csv
    from textvae.paper.homotopy import read_homotopies
    from textvae.paper.measurements import from_csv

    homotopies = read_homotopies(args.homotopies)
    found = sensitivities(from_csv(args.measurements))
    if not found:
        raise InputError(f"{args.measurements}: holds no sensitivity of any cell")
    table = table2(homotopies, found, args.caption, table_files.name(args))
    table_files.write(args, table, table2_csv(homotopies))
    write_text(args.sensitivity, sensitivity_csv(found))
