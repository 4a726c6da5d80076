"""Flags, input and output of the commands that hold a trained model against minimal pairs."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.commands import options
from textvae.commands.options import shows

if TYPE_CHECKING:
    from textvae.corpora.minimal_pairs import Pair
    from textvae.models.saved import TrainedModel


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--model, --pairs, --name, --output, --device and --threads."""
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument(
        "--pairs",
        type=Path,
        required=True,
        help="TSV of `textvae pairs`, or of one's own with the columns grammatical and"
        " ungrammatical, words as in the corpus",
    )
    parser.add_argument("--name", help="of the pairs, in the output; if not given, the file's path")
    parser.add_argument("--output", type=Path, help="JSON file; printed if not given")
    options.add_device_flags(parser)


def read(args: argparse.Namespace) -> "tuple[TrainedModel, list[Pair]]":
    """The model of --model on --device, and the pairs of --pairs."""
    from textvae.corpora.minimal_pairs import read_pairs
    from textvae.models import saved

    shows(args, "name")
    return saved.load(args.model, options.device_of(args)), read_pairs(args.pairs)


def put(
    args: argparse.Namespace,
    trained: "TrainedModel",
    measurement: str,
    pairs: "Sequence[Pair]",
    settings: Any,
    values: dict[str, Any],
    notes: dict[str, str],
) -> None:
    """One measurement of the model on the pairs to --output, or to the terminal."""
    from textvae.measurements.report import report

    name = args.name or str(args.pairs)
    measured = (measurement, name, len(pairs), settings, values, notes)
    options.write_json_output(report(trained.cell, *measured), args.output)
