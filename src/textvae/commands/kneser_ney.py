"""`textvae kneser-ney`: a modified Kneser-Ney 5-gram model of one text, by KenLM's lmplz."""

import argparse
from pathlib import Path

from textvae.commands import learnt_text


def arguments(parser: argparse.ArgumentParser) -> None:
    learnt_text.add_flags(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="ARPA", help="model to write")


def run(args: argparse.Namespace) -> None:
    from textvae.fce.kneser_ney import train

    text, dictionary = learnt_text.read(args)
    train(text, len(dictionary), args.output, args.name)
