"""`textvae table1`: the paper's Table 1 from gathered measurements."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--measurements",
        type=Path,
        required=True,
        metavar="CSV",
        help="the tidy table that `textvae gather` wrote",
    )
    parser.add_argument("--caption", required=True, metavar="TEXT", help="plain text, no markup")
    parser.add_argument(
        "--tex", type=Path, required=True, metavar="FILE", help="LaTeX, needs booktabs only"
    )
    parser.add_argument(
        "--csv", type=Path, required=True, metavar="FILE", help="ours beside the paper's numbers"
    )
    parser.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="a page with the table"
    )


def run(args: argparse.Namespace) -> None:
    from textvae.errors import InputError
    from textvae.files import write_text
    from textvae.paper.html import html
    from textvae.paper.latex import latex
    from textvae.paper.measurements import from_csv
    from textvae.paper.rows import rows_of
    from textvae.paper.table1 import table1, table1_csv

    rows = rows_of(from_csv(args.measurements))
    if not rows:
        raise InputError(f"{args.measurements}: holds no measurement")
    table = table1(rows, args.caption)
    write_text(args.tex, latex(table))
    write_text(args.csv, table1_csv(rows))
    write_text(args.html, html(table))
