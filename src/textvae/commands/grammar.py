"""`textvae grammar`: sentences of the embedded grammar, and the file that says their entropy."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=int, default=20_000, help="sentences in train.txt")
    parser.add_argument("--valid", type=int, default=1_000, help="sentences in valid.txt")
    parser.add_argument("--test", type=int, default=2_000, help="sentences in test.txt")
    parser.add_argument("--seed", type=int, default=1, help="each split draws from its own stream")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.grammar.corpus import write_corpus

    sizes = {"train": args.train, "valid": args.valid, "test": args.test}
    summary = write_corpus(args.output, sizes, args.seed)
    print(
        f"{args.output}: {sum(sizes.values())} sentences, {summary['word_types']} word types, "
        f"H = {summary['entropy_nats']:.4f} nats, mean length {summary['expected_length']:.2f}"
    )
