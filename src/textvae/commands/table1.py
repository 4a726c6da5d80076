"""`textvae table1`: the paper's Table 1 from gathered measurements."""

import argparse

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="ours beside the paper's numbers")


def run(args: argparse.Namespace) -> None:
    from textvae.paper.exhibits.table1 import table1, table1_csv

    rows = table_files.rows(args)
    table_files.write(args, table1(rows, args.caption), table1_csv(rows))
