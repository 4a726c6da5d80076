"""`textvae section3_2`: the paper's section 3.2 as a table, from gathered measurements."""

import argparse

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="ours beside the paper's numbers")


def run(args: argparse.Namespace) -> None:
    from textvae.paper.exhibits.section3_2 import section3_2, section3_2_csv

    rows = table_files.rows(args)
    table_files.write(args, section3_2(rows, args.caption), section3_2_csv(rows))
