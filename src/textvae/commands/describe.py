"""`textvae describe`: what can be counted of a synthetic corpus."""

import argparse
from pathlib import Path

from textvae.errors import InputError
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.generation.diversity import Settings

    parser.add_argument("--text", type=Path, required=True, help="a sentence a line")
    parser.add_argument(
        "--report", type=Path, required=True, help="what `textvae sample` wrote beside the text"
    )
    parser.add_argument(
        "--grammar", action="store_true", help="ask the embedded grammar what it accepts"
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON file")
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.files import write_json
    from textvae.generation import diversity, grammaticality
    from textvae.generation.generated import read_report, read_sentences
    from textvae.report import report

    settings = from_flags(diversity.Settings, args)
    generated = read_report(args.report)
    try:
        sentences = read_sentences(args.text)
        values = diversity.measure(sentences, settings)
        values |= {"cut_sentences": generated.cut, "cut_after_words": generated.longest}
    except InputError as error:
        raise InputError(f"{generated}: {error}") from None
    if args.grammar:
        values |= grammaticality.measure(sentences)
    result = report(
        generated.cell,
        "description",
        "synthetic",
        len(sentences),
        settings,
        values,
        {},
        decoding=generated.decoding,
        copy=generated.copy,
    )
    write_json(args.output, result)
