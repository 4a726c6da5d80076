"""`textvae table3`: the paper's Table 3, or one like it, from gathered measurements."""

import argparse

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="ours beside the paper's numbers")
    table_files.add_name_flag(parser, "table3")


def run(args: argparse.Namespace) -> None:
    from textvae.paper.exhibits.table3 import table3, table3_csv

    name = table_files.name(args)
    rows = table_files.rows(args, generated=True)
    table_files.write(args, table3(rows, args.caption, name), table3_csv(rows))
