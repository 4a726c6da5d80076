"""`textvae common-dictionary`: the words that several texts share."""

import argparse
from pathlib import Path

from textvae.errors import one_line


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT", help="a sentence a line")
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="vocabulary.txt of the models"
    )
    parser.add_argument("--output", type=Path, required=True, help="the dictionary, a word a line")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.fce.dictionary import common_dictionary

    dictionary = common_dictionary(args.texts, Vocabulary.load(args.vocabulary))
    dictionary.save(args.output)
    print(f"{one_line(args.output)}: {dictionary.types:,} words common to {len(args.texts)} texts")
