"""`textvae train`: one cell, from an encoded corpus to a model folder."""

import argparse
from pathlib import Path

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.models.architecture import Architecture
from textvae.settings import add_flags, from_flags
from textvae.training.recipe import Recipe


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, required=True, help="prepared corpus folder")
    parser.add_argument("--name", required=True, help="name of the model, as in its cell")
    parser.add_argument("--C", type=float, required=True, help="target of the rate, nats")
    parser.add_argument("--seed", type=int, required=True, help="seed of all random draws")
    parser.add_argument("--output", type=Path, required=True, help="model folder to write")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder to keep them in, by default OUTPUT.checkpoints"
    )
    parser.add_argument(
        "--checkpoint-minutes", type=float, default=10, help="between two checkpoints"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or auto")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    add_flags(parser, Architecture)
    add_flags(parser, Recipe)


def run(args: argparse.Namespace) -> None:
    import sys

    from textvae.corpora.encoded import EncodedCorpus
    from textvae.models.device import select_device
    from textvae.optimisation.loop import Stopped
    from textvae.training.cell import train
    from textvae.training.task import Task

    # Not below 0, and NaN is not at least anything.
    if not args.checkpoint_minutes >= 0:
        raise InputError(
            f"--checkpoint-minutes: {args.checkpoint_minutes} is not a number of at least 0"
        )
    if not args.output.name:
        raise InputError(f"--output: {args.output} is not the name of a folder to be made")
    if args.output.is_file():
        raise InputError(f"--output: {args.output} is a file, expected a folder or a new name")
    corpus = EncodedCorpus(args.corpus)
    task = Task(
        cell=Cell(corpus.name, args.name, args.C, args.seed),
        corpus=corpus,
        architecture=from_flags(Architecture, args),
        recipe=from_flags(Recipe, args),
        device=select_device(args.device, args.threads),
    )
    checkpoints = args.checkpoints or args.output.with_name(f"{args.output.name}.checkpoints")
    try:
        train(task, args.output, checkpoints, args.checkpoint_minutes)
    except Stopped as stopped:
        print(f"textvae train: {stopped}, will go on from there", file=sys.stderr)
        # What a process that the signal ended looks like to whoever sent it.
        sys.exit(128 + stopped.signal)
