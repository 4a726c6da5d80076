"""`textvae self-bleu`: how alike the sentences of a text are, as JSON."""

import argparse
import json
from itertools import islice
from pathlib import Path

from textvae.commands.options import at_least
from textvae.errors import InputError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a sentence a line, words between spaces; a blank line is an empty sentence",
    )
    parser.add_argument(
        "--sentences",
        type=int,
        default=10_000,
        metavar="N",
        help="take the first N; self-BLEU rises with N, so compare it at the same N only",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.formats import read
    from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4

    at_least(args, sentences=2)
    first = [line.split() for line in islice(read(args.file, "plain"), args.sentences)]
    try:
        found = {"self_bleu4": self_bleu4(first), "pairwise_bleu4": pairwise_bleu4(first)}
    except InputError as error:
        raise InputError(f"{args.file}: {error}") from None
    found |= {"sentences": len(first), "distinct_sentences": len(set(map(tuple, first)))}
    print(json.dumps(found, indent=2))
