"""`textvae probe`: what a linear classifier reads out of the code of a trained model."""

import argparse
from pathlib import Path

from textvae.commands import device, json_output
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.syntax.probe import Settings

    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument(
        "--pairs", type=Path, required=True, help="file of `textvae pairs`, or of its form"
    )
    parser.add_argument("--name", help="what to call the pairs; if not given, the file as given")
    parser.add_argument("--output", type=Path, help="JSON file; printed if not given")
    device.add_flags(parser)
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.pairs import read_pairs
    from textvae.models import saved
    from textvae.report import report
    from textvae.syntax.probe import Settings, measure

    settings = from_flags(Settings, args)
    trained = saved.load(args.model, device.select(args))
    pairs = read_pairs(args.pairs)
    values, notes = measure(trained, pairs, settings)
    text = args.name or str(args.pairs)
    result = report(trained.cell, "probe", text, len(pairs), settings, values, notes)
    json_output.put(result, args.output)
