"""`textvae fetch`: bring a source's files into a folder, checked."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="name of a source, as in the sources file")
    parser.add_argument(
        "--sources", type=Path, default="config/sources.yaml", help="where sources are declared"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="folder of the files and, last, of manifest.json; files put there by hand are used",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.fetching import fetch
    from textvae.corpora.sources import find_source

    fetch(find_source(args.sources, args.source), args.output)
