"""`textvae evaluate MEASUREMENT`: one measurement of a trained model, one JSON file."""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from textvae.errors import InputError
from textvae.files import read_text, write_json, write_text
from textvae.settings import add_flags, from_flags

if TYPE_CHECKING:
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.vocabulary import Vocabulary

MEASUREMENTS = {
    "rate-distortion": "distortion and rate in nats a sentence",
    "posterior": "LogDetCov, squared mean norm, moment-matched KL, active units",
    "information": "mutual information of sentence and code",
    "likelihood": "importance-weighted negative log-likelihood",
    "reconstruction": "BLEU and ROUGE of greedy reconstructions",
}
BOUNDED = ("rate-distortion", "likelihood")


def arguments(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(dest="measurement", metavar="MEASUREMENT", required=True)
    for name, summary in MEASUREMENTS.items():
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=summary,
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
        subparser.add_argument("--model", type=Path, required=True, help="model folder")
        text = subparser.add_mutually_exclusive_group(required=True)
        text.add_argument("--corpus", type=Path, help="prepared corpus folder")
        text.add_argument("--text", type=Path, help="a text of your own, a sentence a line")
        subparser.add_argument(
            "--split", default="test", choices=("train", "valid", "test"), help="of the corpus"
        )
        subparser.add_argument("--output", type=Path, help="JSON file; printed if not given")
        subparser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or auto")
        subparser.add_argument("--threads", type=int, default=1, help="of the CPU")
        if name in BOUNDED:
            subparser.add_argument(
                "--grammar",
                type=Path,
                help="folder of `textvae grammar` that the corpus was made from: adds the bound",
            )
        if name == "reconstruction":
            subparser.add_argument(
                "--pairs", type=Path, help="file for lines of original TAB reconstruction"
            )
        add_flags(subparser, _module(name).Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.evaluation.bound import read_source
    from textvae.evaluation.report import report
    from textvae.models import saved
    from textvae.models.device import select_device

    trained = saved.load(args.model, select_device(args.device, args.threads))
    if args.text:
        sentences = _read(args.text, trained.vocabulary)
    else:
        corpus = EncodedCorpus(args.corpus)
        if corpus.vocabulary.digest != trained.vocabulary.digest:
            raise InputError(f"{args.corpus}: another vocabulary than that of {args.model}")
        sentences = corpus.split(args.split)

    module = _module(args.measurement)
    settings = from_flags(module.Settings, args)
    if args.measurement == "reconstruction":
        values, pairs = module.measure(trained, sentences, settings)
        if args.pairs:
            lines = (f"{' '.join(original)}\t{' '.join(copy)}\n" for original, copy in pairs)
            write_text(args.pairs, "".join(lines))
    elif getattr(args, "grammar", None):
        source = read_source(args.grammar, args.split, len(sentences))
        values = module.measure(trained, sentences, settings, source)
    else:
        values = module.measure(trained, sentences, settings)
    text = str(args.text) if args.text else args.split
    result = report(trained.cell, args.measurement, text, len(sentences), settings, values)
    if args.output:
        write_json(args.output, result)
    else:
        json.dump(result, sys.stdout, indent=2)
        print()


def _read(path: Path, vocabulary: "Vocabulary") -> "Sentences":
    from textvae.corpora.encoded import Sentences

    lines = [line.split() for line in read_text(path).splitlines()]
    encoded = [vocabulary.encode(words) for words in lines if words]
    if len(encoded) < 2:
        raise InputError(f"{path}: {len(encoded)} sentences, at least 2 are needed")
    return Sentences.of(encoded)


def _module(measurement: str) -> ModuleType:
    return importlib.import_module(f"textvae.evaluation.{measurement.replace('-', '_')}")
