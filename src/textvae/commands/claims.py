"""`textvae claims`: what became of every claim of the paper."""

import argparse
from pathlib import Path

from textvae.commands import gathered, table_files


def arguments(parser: argparse.ArgumentParser) -> None:
    gathered.add_flags_of_all(parser)
    parser.add_argument(
        "--bootstrap",
        type=Path,
        nargs="*",
        default=[],
        metavar="CSV",
        help="their replicates, from its --bootstrap-output",
    )
    parser.add_argument(
        "--configs",
        type=Path,
        nargs="*",
        default=[],
        metavar="CONFIG",
        help="config.json of every cell that was measured",
    )
    table_files.add_output_flags(parser, data="everything that was decided, a line a claim")


def run(args: argparse.Namespace) -> None:
    from textvae.paper.claims.claim import catalogue
    from textvae.paper.claims.decision import decide, decide_as_printed
    from textvae.paper.claims.printed import printed
    from textvae.paper.claims.samples import read_specs, samples_of
    from textvae.paper.exhibits.claims import claims_csv, claims_table
    from textvae.paper.measurements import merged, replicates_from_csv
    from textvae.paper.stand_ins import read_sizes

    found = samples_of(
        merged(args.measurements),
        [row for path in args.bootstrap for row in replicates_from_csv(path)],
        read_specs(args.configs),
        read_sizes(args.sizes),
    )
    theirs = printed()
    pairs = [(decide(claim, found), decide_as_printed(claim, theirs)) for claim in catalogue()]
    table_files.write(args, claims_table(pairs, args.caption), claims_csv(pairs))
