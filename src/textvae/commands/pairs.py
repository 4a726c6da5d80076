"""`textvae pairs`: minimal pairs as a table, those of Marvin and Linzen or of the grammar."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from textvae.cells import MOST_SEED
from textvae.commands.bounds import at_least
from textvae.errors import InputError

# Of the grammar's pairs, where no flag says otherwise. Not the parser's: there a flag that was
# given beside --source could not be told from one that was not.
DEFAULTS = {"combinations": 40, "seed": 1}


def arguments(parser: argparse.ArgumentParser) -> None:
    origin = parser.add_mutually_exclusive_group(required=True)
    origin.add_argument(
        "--source",
        type=Path,
        metavar="FOLDER",
        help="Marvin and Linzen's pickles, as `textvae fetch syneval` brings them",
    )
    origin.add_argument(
        "--grammar",
        type=Path,
        metavar="TRAIN_TXT",
        help="training sentences of the embedded grammar, whose words are newly combined",
    )
    parser.add_argument(
        "--combinations",
        type=int,
        help="of a noun and a verb, of each set of the grammar's pairs; "
        f"{DEFAULTS['combinations']} if not given",
    )
    parser.add_argument(
        "--seed", type=int, help=f"of the grammar's pairs; {DEFAULTS['seed']} if not given"
    )
    parser.add_argument("--output", type=Path, required=True, help="the table of pairs, a TSV file")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.grammar.minimal_pairs import minimal_pairs
    from textvae.corpora.pairs import write_pairs
    from textvae.corpora.readers import read
    from textvae.corpora.syneval import read_folder

    at_least(args, combinations=1, seed=0)
    if args.seed is not None and args.seed > MOST_SEED:
        raise InputError(f"--seed: {args.seed} is not a number of at most {MOST_SEED}")
    flags = {name: getattr(args, name) for name in DEFAULTS if getattr(args, name) is not None}
    if args.source:
        for name in flags:
            raise InputError(f"--{name}: goes with --grammar, not with --source")
        pairs = read_folder(args.source)
    else:
        sentences = list(read(args.grammar, "plain"))
        try:
            pairs = minimal_pairs(sentences, **DEFAULTS | flags)
        except InputError as error:
            raise InputError(f"{args.grammar}: {error}") from None
    write_pairs(args.output, pairs)
    rows = Counter(pair.row for pair in pairs)
    for row, count in [*rows.items(), ("sum", len(pairs))]:
        print(f"{row:<41}{count:>9,}", file=sys.stderr)
