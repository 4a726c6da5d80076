"""`textvae sensitivity`: how often neighbouring codes decode to different sentences."""

import argparse
from pathlib import Path

from textvae.commands import options
from textvae.commands.options import at_least
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.measurements.sensitivity import Settings

    options.add_decoder_flags(parser)
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument("--lines", type=Path, help="file of `textvae codes --lines`")
    lines.add_argument("--count", type=int, default=200, help="how many lines, drawn anew")
    parser.add_argument("--seed", type=int, default=1, help="of lines drawn anew")
    parser.add_argument("--output", type=Path, help="JSON file; printed if not given")
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.generation.codes import line_ends, load
    from textvae.measurements.report import report
    from textvae.measurements.sensitivity import Settings, measure

    settings = from_flags(Settings, args)
    at_least(args, seed=0, count=1)
    trained, longest = options.model_of(args), options.max_words(args)
    latent = trained.model.architecture.latent
    ends = load(args.lines, 3, latent) if args.lines else line_ends(args.count, latent, args.seed)
    values = measure(trained, ends, longest, settings)
    result = report(trained.cell, "sensitivity", "prior", len(ends), settings, values, {})
    options.write_json_output(result, args.output)
