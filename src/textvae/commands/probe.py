"""`textvae probe`: what a linear classifier reads out of the code of a trained model."""

import argparse

from textvae.commands import judged_pairs
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.measurements.probe import Settings

    judged_pairs.add_flags(parser)
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.measurements.probe import Settings, measure

    settings = from_flags(Settings, args)
    trained, pairs = judged_pairs.read(args)
    values, notes = measure(trained, pairs, settings)
    judged_pairs.put(args, trained, "probe", pairs, settings, values, notes)
