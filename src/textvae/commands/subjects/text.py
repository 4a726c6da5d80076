"""A synthetic corpus, with the report of `textvae sample` on it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.commands.subjects.subject import Subject
from textvae.errors import InputError
from textvae.registry import Declaration

if TYPE_CHECKING:
    from textvae.generation.generated import Generated


def add_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    """Add the text, its report, and --grammar."""
    add_generated_flags(parser)
    parser.add_argument(
        "--grammar",
        action="store_true",
        help="add the share of sentences that the embedded grammar accepts",
    )


def add_generated_flags(parser: argparse.ArgumentParser) -> None:
    """Add --text and --report, which all measurements of a synthetic corpus have."""
    parser.add_argument("--text", type=Path, required=True, help="the synthetic corpus")
    parser.add_argument(
        "--report", type=Path, required=True, help="report of `textvae sample` on the text"
    )


def read(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a synthetic corpus."""
    from textvae.generation.generated import GeneratedText, check_text, read_report

    generated = read_report(args.report)
    try:
        text = GeneratedText(args.text)
    except InputError as error:
        raise InputError(f"{generated}: {error}") from None
    check_text(generated, args.text, len(text))
    return Subject(
        generated.cell,
        "synthetic",
        len(text),
        (text,),
        {"generated": generated, "grammar": args.grammar},
        settings={"longest": generated.longest},
        origin=origin_of(generated),
    )


def origin_of(generated: "Generated") -> dict[str, Any]:
    """Return what identifies a generated text beside its cell."""
    recorded = {"corpus_sha256": generated.corpus_sha256, "text_sha256": generated.sha256}
    return {
        "weights": generated.weights,
        **{key: digest for key, digest in recorded.items() if digest},
        "decoding": generated.decoding,
        "copy": generated.copy,
    }
