"""`textvae pairs`: minimal pairs as a table, those of Marvin and Linzen or of the grammar."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from textvae.cells import MOST_SEED, check_name
from textvae.commands.options import at_least
from textvae.corpora import SPLITS
from textvae.errors import InputError, one_line


def grammar_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=20_000, help="sentences in train.txt")
    parser.add_argument("--valid", type=int, default=1_000, help="sentences in valid.txt")
    parser.add_argument("--test", type=int, default=2_000, help="sentences in test.txt")
    parser.add_argument("--seed", type=int, default=1, help="each split draws from its own stream")
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
        "--sources", type=Path, default="config/sources.yaml", help="where sources are declared"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="folder of the files and, last, of manifest.json; files put there by hand are used",
    )


def run_fetch(args: argparse.Namespace) -> None:
    from textvae.corpora.download import fetch
    from textvae.corpora.sources import find_source

    fetch(find_source(args.sources, args.source), args.output)


def split_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text", type=Path, required=True, help="a sentence, or a document, a line; any format"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the lines that are held out")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run_split(args: argparse.Namespace) -> None:
    from textvae.corpora.splitting import split_text

    at_least(args, seed=0)
    counts = split_text(args.text, args.output, args.seed)
    told = ", ".join(f"{split} {count:,}" for split, count in counts.items())
    print(f"{one_line(args.output)}: lines of {told}")


def prepare_arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.corpora.formats import FORMATS
    from textvae.corpora.normalisation import STEPS

    parser.add_argument("--name", required=True, help="the corpus's name, for tables")
    for split in SPLITS:
        parser.add_argument(f"--{split}", type=Path, required=True, help=f"raw text of {split}")
    parser.add_argument(
        "--format", choices=FORMATS, default="plain", help="how the text is written"
    )
    parser.add_argument(
        "--normalise",
        nargs="*",
        choices=STEPS,
        default=(),
        metavar="STEP",
        help=f"steps on each sentence, in order, of: {', '.join(STEPS)}",
    )
    parser.add_argument("--shortest", type=int, default=1, help="words a sentence has at least")
    parser.add_argument("--longest", type=int, help="words it has at most; longer ones are dropped")
    parser.add_argument(
        "--vocabulary", type=int, help="words to keep, the most frequent of train; else all"
    )
    parser.add_argument(
        "--words", type=Path, help="a closed vocabulary, one word a line, instead of counting"
    )
    for split in SPLITS:
        parser.add_argument(
            f"--{split}-size", type=int, help=f"sentences to draw from {split}; else all"
        )
    parser.add_argument("--seed", type=int, default=1, help="of the draws")
    parser.add_argument("--output", type=Path, required=True, help="folder of the prepared corpus")


def run_prepare(args: argparse.Namespace) -> None:
    from textvae.corpora.preparation import Preparation, prepare, table

    check_name("--name", args.name)
    settings = Preparation(
        format=args.format,
        normalise=tuple(args.normalise),
        shortest=args.shortest,
        longest=args.longest,
        vocabulary=args.vocabulary,
        train_size=args.train_size,
        valid_size=args.valid_size,
        test_size=args.test_size,
        seed=args.seed,
    )
    paths = {split: getattr(args, split) for split in SPLITS}
    print(table(prepare(args.name, paths, settings, args.output, args.words)))


# Of the grammar's pairs, where no flag says otherwise. Not the parser's: there a flag that was
# given beside --source could not be told from one that was not.
DEFAULTS = {"combinations": 40, "seed": 1}


def pairs_arguments(parser: argparse.ArgumentParser) -> None:
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


def run_pairs(args: argparse.Namespace) -> None:
    from textvae.corpora.formats import read
    from textvae.corpora.grammar.minimal_pairs import minimal_pairs
    from textvae.corpora.minimal_pairs import write_pairs
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
