"""`textvae evaluate MEASUREMENT`: one measurement of a trained model, one JSON file."""

import argparse
import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from textvae.commands import options
from textvae.corpora import SPLITS
from textvae.errors import InputError
from textvae.io import write_text
from textvae.settings import add_flags, from_flags

if TYPE_CHECKING:
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.vocabulary import Vocabulary

MEASUREMENTS = {
    "rate-distortion": "distortion and rate in nats a sentence",
    "posterior": "LogDetCov, squared mean norm, moment-matched KL, active units",
    "information": "mutual information of sentence and code",
    "likelihood": "importance-weighted negative log-likelihood",
    "slope": "-dD/dR, the distortion that one more nat of rate would save",
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
        text.add_argument(
            "--text",
            type=Path,
            help="a text of your own: a sentence a line, words as in the corpus",
        )
        subparser.add_argument("--split", choices=SPLITS, help="of the corpus; if not given, test")
        subparser.add_argument("--output", type=Path, help="JSON file; printed if not given")
        options.add_device_flags(subparser)
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
    from textvae.measurements.bound import read_source
    from textvae.measurements.report import report
    from textvae.models import saved

    module = _module(args.measurement)
    settings = from_flags(module.Settings, args)
    grammar = getattr(args, "grammar", None)
    for flag, value in (("--split", args.split), ("--grammar", grammar)):
        if args.text and value:
            raise InputError(f"{flag}: is of a --corpus, and --text is none")
    trained = saved.load(args.model, options.device_of(args))
    split, notes = args.split or "test", {}
    if args.text:
        sentences, notes = _read(args.text, trained.vocabulary)
    else:
        sentences = _split(args.corpus, split, trained.vocabulary)
    # Of one there is no standard error, no covariance and no other to confuse it with.
    if len(sentences) < 2:
        place = args.text or args.corpus
        raise InputError(f"{place}: at least 2 sentences are needed, found {len(sentences)}")

    if args.measurement == "reconstruction":
        values, pairs = module.measure(trained, sentences, settings)
        if args.pairs:
            lines = (f"{' '.join(original)}\t{' '.join(copy)}\n" for original, copy in pairs)
            write_text(args.pairs, "".join(lines))
    elif grammar:
        source = read_source(grammar, split, sentences, trained.vocabulary)
        values = module.measure(trained, sentences, settings, source)
    else:
        values = module.measure(trained, sentences, settings)
    result = report(
        trained.cell,
        args.measurement,
        str(args.text) if args.text else split,
        # Some measurements are of a sample.
        min(len(sentences), getattr(settings, "sentences", len(sentences))),
        settings,
        values,
        notes,
    )
    options.write_json_output(result, args.output)


def _split(folder: Path, split: str, vocabulary: "Vocabulary") -> "Sentences":
    """A split of a prepared corpus, which must be of the words that the model knows."""
    from textvae.corpora.encoded import EncodedCorpus

    corpus = EncodedCorpus(folder)
    if corpus.vocabulary.digest != vocabulary.digest:
        raise InputError(f"{folder}: its vocabulary is not the one the model was trained with")
    return corpus.split(split)


def _read(path: Path, vocabulary: "Vocabulary") -> tuple["Sentences", dict[str, str]]:
    """The sentences of a text, and notes on what the model does not see of it."""
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.formats import read
    from textvae.corpora.vocabulary import UNK_ID

    lines = [vocabulary.encode(line.split()) for line in read(path, "plain")]
    sentences = [line for line in lines if line]
    words = sum(len(sentence) for sentence in sentences)
    unknown = sum(sentence.count(UNK_ID) for sentence in sentences)
    if words and words == unknown:
        raise InputError(f"{path}: every one of its {words} words is unknown to the model")
    notes = {"unknown_words": f"{unknown} of {words}"} if unknown else {}
    if blank := len(lines) - len(sentences):
        notes["blank_lines"] = f"{blank} left out"
    return Sentences.of(sentences), notes


def _module(measurement: str) -> ModuleType:
    return importlib.import_module(f"textvae.measurements.{measurement.replace('-', '_')}")
