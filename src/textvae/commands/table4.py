"""`textvae table4`: the paper's Table 4, and what linear probes read from the same codes."""

import argparse
from pathlib import Path

from textvae.commands import table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    table_files.add_flags(parser, data="ours beside the paper's numbers")
    table_files.add_name_flag(parser, "table4")
    for kind, what in (("tex", "LaTeX"), ("csv", "data"), ("html", "a page")):
        parser.add_argument(
            f"--probe-{kind}",
            type=Path,
            required=True,
            metavar="FILE",
            help=f"the table of probes as {what}",
        )


def run(args: argparse.Namespace) -> None:
    from textvae.errors import InputError
    from textvae.paper.exhibits import probe, table4
    from textvae.paper.exhibits.table4 import with_metrics

    name = table_files.name(args)
    rows = table_files.rows(args)
    tested = with_metrics(rows, table4.METRICS)
    if not tested:
        raise InputError(f"{args.measurements}: holds no syntactic test of any cell")
    probed = with_metrics(rows, probe.METRICS)
    if not probed:
        raise InputError(f"{args.measurements}: holds no linear probe of any cell")
    table_files.write(args, table4.table4(tested, args.caption, name), table4.table4_csv(tested))
    page = argparse.Namespace(tex=args.probe_tex, csv=args.probe_csv, html=args.probe_html)
    of_probes = probe.probe(probed, args.caption, f"{name}-probe")
    table_files.write(page, of_probes, probe.probe_csv(probed))
