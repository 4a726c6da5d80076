"""`textvae train`: one cell, from an encoded corpus to a model folder."""

import argparse
from pathlib import Path

from textvae.cells import Cell
from textvae.commands import device, interruptible
from textvae.models.architecture import Architecture
from textvae.settings import add_flags, from_flags
from textvae.training.recipe import Recipe


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, required=True, help="prepared corpus folder")
    parser.add_argument("--name", required=True, help="name of the model, as in its cell")
    parser.add_argument("--C", type=float, required=True, help="target of the rate, nats")
    parser.add_argument("--seed", type=int, required=True, help="seed of all random draws")
    interruptible.add_flags(parser)
    add_flags(parser, Architecture)
    add_flags(parser, Recipe)


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.training.cell import train
    from textvae.training.task import Task

    interruptible.check(args)
    corpus = EncodedCorpus(args.corpus)
    task = Task(
        cell=Cell(corpus.name, args.name, args.C, args.seed),
        corpus=corpus,
        architecture=from_flags(Architecture, args),
        recipe=from_flags(Recipe, args),
        device=device.select(args),
    )
    interruptible.run(args, task, train)
