"""`textvae measure NAME`: one measurement of a trained model or of generated text, as JSON.

Every registered measurement is a NAME. Its flags are those of its kind of subject (see
`textvae.measurements`) and those of its settings.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from textvae.commands import options
from textvae.commands.subjects import KINDS, Subject
from textvae.errors import InputError, warn
from textvae.help_text import HelpFormatter, add_subcommands
from textvae.measurements import measured_on
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, add_flags, from_flags, settings_class, specs

# Kind of subject -> heading of its measurements.
_TITLES = {
    "split": "of a model, on sentences",
    "lines": "of a model, on lines through its latent space",
    "pairs": "of a model, on minimal pairs",
    "text": "of a synthetic corpus",
    "fce": "of a synthetic corpus, by language models",
}


def measure_arguments(parser: argparse.ArgumentParser) -> None:
    declared = MEASUREMENTS.declared()
    groups = {
        title: {name: declared[name].summary for name in measured_on(kind)}
        for kind, title in _TITLES.items()
    }
    subparsers = add_subcommands(parser, "measurement", groups)
    for kind, (flags, _) in KINDS.items():
        for name in measured_on(kind):
            declaration = declared[name]
            subparser = subparsers.add_parser(
                name,
                description=declaration.summary[0].upper() + declaration.summary[1:] + ".",
                formatter_class=HelpFormatter,
                allow_abbrev=False,
            )
            flags(subparser, declaration)
            texts = declaration.facts.get("texts", {})
            subparser.set_defaults(also_written=tuple(texts))
            for text, content in texts.items():
                subparser.add_argument(f"--{text}", type=Path, help=f"file for {content}")
            subparser.add_argument("--output", type=Path, help="JSON file; printed if not given")
            try:
                add_flags(subparser, settings_class(name, declaration.specs, f"Settings of {name}"))
            except argparse.ArgumentError as error:
                raise InputError(
                    f"{declaration.module}: {name}: {error}; choose another name"
                ) from None


def run_measure(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.measurements.report import Result, report

    declaration = MEASUREMENTS.declared()[args.measurement]
    measure = MEASUREMENTS[args.measurement]
    settings = from_flags(getattr(measure, "Settings", Settings), args)
    _, read = KINDS[declaration.facts["of"]]
    subject = read(args, declaration)
    for note in subject.warnings:
        warn(f"{subject.text}: {note}: {subject.notes[note]}")
    if getattr(settings, "precision", None) == "auto" and _in_bfloat16(subject):
        message = "precision auto is bfloat16, because the model was trained in it"
        print(f"textvae {args.command}: {message}", file=sys.stderr, flush=True)
    result = Result.of(measure(*subject.arguments, settings, **subject.keywords), declaration.name)
    for text in declaration.facts.get("texts", {}):
        if path := getattr(args, text):
            write_text(path, result.texts[text]())
    for name, remark in result.remarks.items():
        warn(f"{subject.text}: {name}: {remark}")
    content = report(
        subject.cell,
        declaration.name,
        subject.text,
        # Some measurements use a sample.
        result.sentences
        or min(subject.sentences, getattr(settings, "sentences", subject.sentences)),
        settings,
        result.values,
        {
            **_too_few(settings, subject.sentences, result.sentences),
            **subject.notes,
            **result.notes,
            **result.remarks,
        },
        subject.settings,
        **subject.origin,
    )
    options.write_json_output(content, args.output)


def _in_bfloat16(subject: Subject) -> bool:
    """Return whether a measurement's model, if it has one, computes in bfloat16."""
    import torch

    from textvae.models.saved import TrainedModel

    models = (each.model for each in subject.arguments if isinstance(each, TrainedModel))
    return any(model.inference_precision == torch.bfloat16 for model in models)


def _too_few(settings: Any, available: int, measured: int | None) -> dict[str, str]:
    """Return a note, also printed, if more sentences are requested than are measured.

    measured: their number, None if all that are available and requested are.
    """
    requested = getattr(settings, "sentences", 0)
    measured = min(requested, available) if measured is None else measured
    if requested <= measured:
        return {}
    default = next(one.default for one in specs(type(settings)) if one.name == "sentences")
    asked = f"{requested} requested" if requested != default else f"{requested} are the default"
    note = f"{asked}, measured on {measured} of {available}"
    warn(f"--sentences: {note}")
    return {"sentences": note}
