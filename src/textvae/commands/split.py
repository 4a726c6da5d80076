"""`textvae split`: one text as splits for training, validation and test."""

import argparse
from pathlib import Path

from textvae.commands.bounds import at_least
from textvae.errors import one_line


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text", type=Path, required=True, help="a sentence, or a document, a line; any format"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the lines that are held out")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.splitting import split_text

    at_least(args, seed=0)
    counts = split_text(args.text, args.output, args.seed)
    told = ", ".join(f"{split} {count:,}" for split, count in counts.items())
    print(f"{one_line(args.output)}: lines of {told}")
