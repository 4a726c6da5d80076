"""What the commands that make a table share: their flags, what they read and what they write."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.cells import check_name
from textvae.commands import gathered

if TYPE_CHECKING:
    from textvae.paper.render.table import Table
    from textvae.paper.rows import Row


def add_flags(parser: argparse.ArgumentParser, data: str) -> None:
    """--measurements, --caption, --tex, --csv and --html; `data` says what the CSV will hold."""
    gathered.add_flag(parser)
    add_output_flags(parser, data)


def add_output_flags(parser: argparse.ArgumentParser, data: str) -> None:
    """--caption, --tex, --csv and --html; `data` says what the CSV will hold."""
    parser.add_argument("--caption", required=True, metavar="TEXT", help="plain text, no markup")
    parser.add_argument(
        "--tex",
        type=Path,
        required=True,
        metavar="FILE",
        help="LaTeX; it says what packages it needs",
    )
    parser.add_argument("--csv", type=Path, required=True, metavar="FILE", help=data)
    parser.add_argument(
        "--html", type=Path, required=True, metavar="FILE", help="a page with the table"
    )


def add_name_flag(parser: argparse.ArgumentParser, default: str) -> None:
    """--name, for tables that there may be several of."""
    parser.add_argument(
        "--name",
        default=default,
        help=f"what LaTeX refers to it by, as in \\ref{{tab:{default}}}",
    )


def name(args: argparse.Namespace) -> str:
    """The name of --name; InputError if a label cannot be made of it."""
    check_name("--name", args.name)
    return args.name


def rows(args: argparse.Namespace, generated: bool = False) -> "list[Row]":
    """The rows of --measurements that are of generated text, or that are not.

    InputError if it is no tidy table or holds none.
    """
    from textvae.errors import InputError
    from textvae.paper.measurements import from_csv
    from textvae.paper.rows import rows_of

    found = [row for row in rows_of(from_csv(args.measurements)) if bool(row.decoding) == generated]
    if not found:
        what = " of generated text" if generated else ""
        raise InputError(f"{args.measurements}: holds no measurement{what}")
    return found


def write(args: argparse.Namespace, table: "Table", data: str) -> None:
    """The table to --tex and --html, and `data`, a CSV's text, to --csv."""
    from textvae.io import write_text
    from textvae.paper.render.html import html
    from textvae.paper.render.latex import latex

    write_text(args.tex, latex(table))
    write_text(args.csv, data)
    write_text(args.html, html(table))
