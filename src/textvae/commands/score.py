"""Commands `score` and `self-bleu`, on plain text files, and `gather`, on measurement files."""

import argparse
import json
from itertools import islice
from pathlib import Path

from textvae.commands.options import at_least
from textvae.errors import InputError, warn


def score_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reference",
        type=Path,
        required=True,
        metavar="FILE",
        help="originals: one sentence per line, words separated by spaces",
    )
    parser.add_argument(
        "--hypothesis",
        type=Path,
        required=True,
        metavar="FILE",
        help="reconstructions, line by line; a blank line is an empty reconstruction",
    )


def run_score(args: argparse.Namespace) -> None:
    from textvae.measurements.overlap import ORDERS, UNDEFINED, overlap_by_bucket
    from textvae.short_sentences import originals_notes

    references, hypotheses = sentences(args.reference), sentences(args.hypothesis)
    if len(references) != len(hypotheses):
        raise InputError(
            f"{args.reference} has {len(references)} lines and {args.hypothesis} has "
            f"{len(hypotheses)}; expected as many"
        )
    if not references:
        raise InputError(f"{args.reference}: empty, expected a sentence a line")
    if [] in references:
        raise InputError(
            f"{args.reference}: line {references.index([]) + 1} is blank, expected words"
        )
    values = overlap_by_bucket(references, hypotheses)
    for n in ORDERS:
        if values[f"bleu{n}_all"] is None:
            warn(f"{args.reference}: BLEU-{n} and ROUGE-{n} are undefined: {UNDEFINED}")
    for note in originals_notes(values).values():
        warn(f"{args.reference}: {note}")
    print(json.dumps(values, indent=2))


def sentences(path: Path) -> list[list[str]]:
    """Return the words of each line of a UTF-8 file, without marks of beginnings and ends.

    Warns of another format, and of `<unk>`, which matches nothing.
    """
    from textvae.corpora.formats import read
    from textvae.corpora.vocabulary import UNK

    lines = [
        line.split()
        for line in read(path, "plain", warn=lambda message: warn(f"{path}: {message}"))
    ]
    unknown, words = sum(line.count(UNK) for line in lines), sum(map(len, lines))
    if unknown:
        warn(f"{path}: {unknown:,} of {words:,} words are {UNK}, which matches no word")
    return lines


def self_bleu_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="one sentence per line, words separated by spaces; a blank line is an empty sentence",
    )
    parser.add_argument(
        "--sentences",
        type=int,
        default=10_000,
        metavar="N",
        help="use the first N sentences; self-BLEU rises with N: compare values of the same N only",
    )


def run_self_bleu(args: argparse.Namespace) -> None:
    from textvae.corpora.formats import read
    from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4, unknown_note
    from textvae.short_sentences import generated_note

    at_least(args, sentences=2)
    lines = read(args.file, "plain", warn=lambda message: warn(f"{args.file}: {message}"))
    first = [line.split() for line in islice(lines, args.sentences)]
    try:
        scores = {"self_bleu4": self_bleu4(first), "pairwise_bleu4": pairwise_bleu4(first)}
    except InputError as error:
        raise InputError(f"{args.file}: {error}") from None
    if unknown := unknown_note(first):
        warn(f"{args.file}: {unknown}")
    if scores["self_bleu4"] is None:
        warn(f"{args.file}: self-BLEU-4 is undefined: no sentence has four words")
    short = sum(len(sentence) < 4 for sentence in first)
    counts = {"self_bleu_sentences": len(first), "sentences_without_4grams": short}
    if note := generated_note(counts):
        warn(f"{args.file}: {note}")
    scores |= {"sentences": len(first), "sentences_without_4grams": short}
    scores |= {"distinct_sentences": len(set(map(tuple, first)))}
    print(json.dumps(scores, indent=2))


def gather_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "measurements",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="measurement files (JSON), of any cells",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="CSV",
        help="table to write: a line for each metric of each cell",
    )
    parser.add_argument(
        "--bootstrap-output",
        type=Path,
        metavar="CSV",
        help="table of the bootstrap replicates in the files, a line for each metric",
    )


def run_gather(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.paper.gathering import gather, gather_replicates, unlike_settings
    from textvae.paper.measurements import replicates_to_csv, to_csv

    table = to_csv(gather(args.measurements))
    for line in unlike_settings(args.measurements):
        warn(line)
    if args.bootstrap_output:
        replicates = gather_replicates(args.measurements)
        write_text(args.bootstrap_output, replicates_to_csv(replicates))
    write_text(args.output, table)
