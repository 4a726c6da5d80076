"""Flags of the commands that let a trained model speak: which one, where, and for how long."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.commands import device
from textvae.commands.bounds import at_least

if TYPE_CHECKING:
    from textvae.models.saved import TrainedModel

LONGEST = 50


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--model, --longest, --corpus, --device and --threads."""
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--longest", type=int, help=f"cut sentences after so many words; if not given, {LONGEST}"
    )
    length.add_argument(
        "--corpus",
        type=Path,
        help="prepared corpus folder: cut after as many words as its longest sentence to train on"
        " has with its end mark",
    )
    device.add_flags(parser)


def model(args: argparse.Namespace) -> "TrainedModel":
    """The model of --model on --device."""
    from textvae.models import saved

    return saved.load(args.model, device.select(args))


def longest(args: argparse.Namespace) -> int:
    """After how many words a sentence is cut."""
    from textvae.corpora.encoded import EncodedCorpus

    if args.corpus is not None:
        return EncodedCorpus(args.corpus).counted("train", "longest") + 1
    if args.longest is None:
        return LONGEST
    at_least(args, longest=1)
    return args.longest
