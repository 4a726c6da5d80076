"""`textvae comparison`: every number that the paper prints beside ours, with a verdict."""

import argparse

from textvae.commands import gathered, table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    gathered.add_flags_of_all(parser)
    parser.add_argument(
        "--stand-in",
        nargs="*",
        default=[],
        metavar="PAPER=OURS",
        help="a cell of the paper and one that is shown beside it where its own is not run, as"
        " cbt/lstm/C3=mine/lstm/C3",
    )
    table_files.add_output_flags(parser, data="a line for each number, in the paper's order")


def run(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.exhibits.comparison import (
        comparison_table,
        comparison_table_csv,
        summary_table,
    )
    from textvae.paper.measurements import merged
    from textvae.paper.render.html import html
    from textvae.paper.render.latex import latex
    from textvae.paper.stand_ins import parse_stand_ins, read_sizes, split_pairs
    from textvae.paper.verdicts import Reproduction, compare

    stand_ins = parse_stand_ins(split_pairs(args.stand_in))
    ours = Reproduction(merged(args.measurements), read_sizes(args.sizes), stand_ins)
    compared = compare(ours)
    tables = (summary_table(compared, args.caption), comparison_table(compared))
    write_text(args.tex, "".join(map(latex, tables)))
    write_text(args.csv, comparison_table_csv(compared))
    write_text(args.html, html(*tables))
