"""`textvae score`: BLEU and ROUGE of one text file against another, as JSON."""

import argparse
import json
from pathlib import Path

from textvae.errors import InputError
from textvae.io import read_text


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reference",
        type=Path,
        required=True,
        metavar="FILE",
        help="the originals: a sentence a line, words between spaces",
    )
    parser.add_argument(
        "--hypothesis",
        type=Path,
        required=True,
        metavar="FILE",
        help="their reconstructions, line by line; a blank line is an empty reconstruction",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.measurements.overlap import overlap_by_bucket

    references, hypotheses = sentences(args.reference), sentences(args.hypothesis)
    if len(references) != len(hypotheses):
        raise InputError(
            f"{args.reference} has {len(references)} lines and {args.hypothesis} has "
            f"{len(hypotheses)}; they must pair line by line"
        )
    if not references:
        raise InputError(f"{args.reference}: empty, expected a sentence a line")
    if [] in references:
        raise InputError(
            f"{args.reference}: line {references.index([]) + 1} is blank; an original has words"
        )
    print(json.dumps(overlap_by_bucket(references, hypotheses), indent=2))


def sentences(path: Path) -> list[list[str]]:
    """The words of each line of a UTF-8 file; a line break at its very end begins no line."""
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.split() for line in lines]
