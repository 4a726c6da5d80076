"""`textvae language-model`: an LSTM language model of one text, from scratch."""

import argparse

from textvae.commands import device, interruptible, learnt_text
from textvae.fce.recipe import Recipe
from textvae.models.architecture import LanguageModelSizes
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    learnt_text.add_flags(parser)
    interruptible.add_flags(parser)
    add_flags(parser, LanguageModelSizes)
    add_flags(parser, Recipe)


def run(args: argparse.Namespace) -> None:
    from textvae.fce.training import Task, train

    interruptible.check(args)
    sizes, recipe = from_flags(LanguageModelSizes, args), from_flags(Recipe, args)
    text, dictionary = learnt_text.read(args)
    task = Task(args.name, text, dictionary, sizes, recipe, args.seed, device.select(args))
    interruptible.run(args, task, train)
