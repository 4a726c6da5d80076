"""`textvae curves`: how the cells of an experiment trained."""

import argparse
from pathlib import Path

from textvae.commands import figure_files


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="of a model, with config.json and training.jsonl; columns come in this order",
    )
    figure_files.add_flags(parser)


def run(args: argparse.Namespace) -> None:
    from textvae.paper.exhibits.curves import curves, read_records

    figure_files.write(args, curves(read_records(args.folders)))
