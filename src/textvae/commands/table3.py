"""`textvae table3`: the paper's Table 3, or one like it, from gathered measurements."""

import argparse

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="ours beside the paper's numbers")
    parser.add_argument(
        "--name", default="table3", help="what LaTeX refers to it by, as in \\ref{tab:table3}"
    )


def run(args: argparse.Namespace) -> None:
    import re

    from textvae.cells import NAME
    from textvae.errors import InputError
    from textvae.paper.table3 import table3, table3_csv

    if not re.fullmatch(NAME, args.name):
        raise InputError(
            f"--name {args.name!r}: a name is made of letters, digits, '-', '_' and '.'"
        )
    rows = [row for row in table_files.rows(args) if row.decoding]
    if not rows:
        raise InputError(f"{args.measurements}: holds no measurement of generated text")
    table_files.write(args, table3(rows, args.caption, args.name), table3_csv(rows))
