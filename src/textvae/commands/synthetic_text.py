"""Flags and output of the commands that measure a synthetic corpus."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textvae.generation.synthesis import Generated


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--text, --report and --output."""
    parser.add_argument("--text", type=Path, required=True, help="the synthetic corpus")
    parser.add_argument(
        "--report", type=Path, required=True, help="what `textvae sample` wrote beside the text"
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON file")


def write(
    args: argparse.Namespace,
    generated: "Generated",
    measurement: str,
    split: str,
    sentences: int,
    settings: Any,
    values: dict[str, Any],
    notes: dict[str, str],
) -> None:
    """One measurement of the corpus to --output; all but the corpus as `report` has it."""
    from textvae.io import write_json
    from textvae.measurements.report import report

    origin = {"decoding": generated.decoding, "copy": generated.copy}
    measured = (measurement, split, sentences, settings, values, notes)
    write_json(args.output, report(generated.cell, *measured, **origin))
