"""`textvae grammar`: sentences of the embedded grammar, and the file that says their entropy."""

import argparse
from pathlib import Path

from textvae.commands.bounds import at_least
from textvae.errors import one_line


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=20_000, help="sentences in train.txt")
    parser.add_argument("--valid", type=int, default=1_000, help="sentences in valid.txt")
    parser.add_argument("--test", type=int, default=2_000, help="sentences in test.txt")
    parser.add_argument("--seed", type=int, default=1, help="each split draws from its own stream")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.grammar.corpus import write_corpus

    at_least(args, train=1, valid=1, test=1, seed=0)
    sizes = {"train": args.train, "valid": args.valid, "test": args.test}
    summary = write_corpus(args.output, sizes, args.seed)
    print(
        f"{one_line(args.output)}: {sum(sizes.values())} sentences, "
        f"{summary['word_types']} word types, H = {summary['entropy_nats']:.4f} nats, "
        f"mean length {summary['expected_length']:.2f}"
    )
