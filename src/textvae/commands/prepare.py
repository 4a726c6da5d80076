"""`textvae prepare`: raw text of three splits to a prepared corpus."""

import argparse
from pathlib import Path

from textvae.cells import check_name
from textvae.corpora import SPLITS


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.corpora.normalisation import STEPS
    from textvae.corpora.readers import FORMATS

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


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.preparation import Preparation, prepare
    from textvae.corpora.statistics import table

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
