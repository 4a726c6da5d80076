"""Commands for corpora and minimal pairs: `grammar`, `fetch`, `split`, `prepare`, `pairs`."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from textvae.cells import MAX_SEED, check_name
from textvae.commands.options import at_least
from textvae.corpora import SPLITS
from textvae.errors import InputError, one_line, warn


def grammar_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=20_000, help="sentences in train.txt")
    parser.add_argument("--valid", type=int, default=1_000, help="sentences in valid.txt")
    parser.add_argument("--test", type=int, default=2_000, help="sentences in test.txt")
    parser.add_argument(
        "--seed", type=int, default=1, help="seed; each split has its own random stream"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run_grammar(args: argparse.Namespace) -> None:
    from textvae.corpora.grammar.corpus import write_corpus

    at_least(args, train=1, valid=1, test=1, seed=0)
    sizes = {"train": args.train, "valid": args.valid, "test": args.test}
    summary = write_corpus(args.output, sizes, args.seed)
    print(
        f"{one_line(args.output)}: {sum(sizes.values())} sentences, "
        f"{summary['word_types']} word types, H = {summary['entropy_nats']:.4f} nats, "
        f"mean length {summary['expected_length']:.2f}"
    )


def fetch_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="name of a source, as in the sources file")
    parser.add_argument(
        "--sources", type=Path, default="config/sources.yaml", help="file that declares the sources"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="folder to write to; files that are already there are verified and used",
    )


def run_fetch(args: argparse.Namespace) -> None:
    from textvae.corpora.download import fetch
    from textvae.corpora.sources import find_source

    fetch(find_source(args.sources, args.source), args.output)


def split_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text",
        type=Path,
        required=True,
        help="text with one sentence or document per line, in any format",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="seed of the random choice of held-out lines"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run_split(args: argparse.Namespace) -> None:
    from textvae.corpora.splitting import split_text

    at_least(args, seed=0)
    counts = split_text(args.text, args.output, args.seed)
    sizes = ", ".join(f"{split} {count:,}" for split, count in counts.lines.items())
    also = ", ".join(f"{split} {count:,}" for split, count in counts.in_train.items())
    print(f"{one_line(args.output)}: lines of {sizes}; also in train: {also}")


def prepare_arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.corpora.settings import Preparation
    from textvae.settings import add_flags

    parser.add_argument("--name", required=True, help="the corpus's name, for tables")
    for split in SPLITS:
        parser.add_argument(f"--{split}", type=Path, required=True, help=f"raw text of {split}")
    parser.add_argument(
        "--words",
        type=Path,
        help="a closed vocabulary, one word per line, used instead of counting",
    )
    add_flags(parser, Preparation)
    parser.add_argument("--output", type=Path, required=True, help="folder of the prepared corpus")


def run_prepare(args: argparse.Namespace) -> None:
    from textvae.corpora.preparation import prepare
    from textvae.corpora.settings import Preparation, tokenised_twice
    from textvae.corpora.statistics import table
    from textvae.settings import from_flags

    check_name("--name", args.name)
    settings = from_flags(Preparation, args)
    if message := tokenised_twice(settings.format, settings.normalise):
        warn(f"--normalise: {message}")
    paths = {split: getattr(args, split) for split in SPLITS}
    print(table(prepare(args.name, paths, settings, args.output, args.words)))


# Defaults of the grammar's pairs. Not defaults of the parser, so that a flag given together with
# --source is noticed.
DEFAULTS = {"combinations": 40, "seed": 1}


def pairs_arguments(parser: argparse.ArgumentParser) -> None:
    origin = parser.add_mutually_exclusive_group(required=True)
    origin.add_argument(
        "--source",
        type=Path,
        metavar="FOLDER",
        help="folder of Marvin and Linzen's pickles, as downloaded by `textvae fetch syneval`",
    )
    origin.add_argument(
        "--grammar",
        type=Path,
        metavar="TRAIN_TXT",
        help="training sentences of the embedded grammar; pairs combine their words in new ways",
    )
    parser.add_argument(
        "--combinations",
        type=int,
        help="noun-verb combinations in each set of the grammar's pairs; "
        f"default {DEFAULTS['combinations']}",
    )
    parser.add_argument(
        "--seed", type=int, help=f"seed of the grammar's pairs; default {DEFAULTS['seed']}"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="table of pairs to write, a TSV file"
    )


def run_pairs(args: argparse.Namespace) -> None:
    from textvae.corpora.formats import read
    from textvae.corpora.grammar.minimal_pairs import minimal_pairs
    from textvae.corpora.minimal_pairs import write_pairs
    from textvae.corpora.syneval import read_folder

    at_least(args, combinations=1, seed=0)
    if args.seed is not None and args.seed > MAX_SEED:
        raise InputError(f"--seed: {args.seed} is not a number of at most {MAX_SEED}")
    flags = {name: getattr(args, name) for name in DEFAULTS if getattr(args, name) is not None}
    if args.source:
        for name in flags:
            raise InputError(f"--{name}: can only be used with --grammar, not with --source")
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
