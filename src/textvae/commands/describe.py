"""`textvae describe`: what can be counted of a synthetic corpus."""

import argparse

from textvae.commands import synthetic_text
from textvae.errors import InputError
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.measurements.description import Settings

    synthetic_text.add_flags(parser)
    parser.add_argument(
        "--grammar", action="store_true", help="ask the embedded grammar what it accepts"
    )
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.generation.synthesis import GeneratedText, read_report
    from textvae.measurements import description

    settings = from_flags(description.Settings, args)
    generated = read_report(args.report)
    try:
        sentences = GeneratedText(args.text)
        values = description.measure(sentences, settings)
        values |= {"cut_sentences": generated.cut, "cut_after_words": generated.longest}
    except InputError as error:
        raise InputError(f"{generated}: {error}") from None
    if args.grammar:
        values |= description.grammaticality(sentences)
    measured = ("description", "synthetic", len(sentences), settings, values, {})
    synthetic_text.write(args, generated, *measured)
