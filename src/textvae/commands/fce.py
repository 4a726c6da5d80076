"""`textvae fce`: forward and reverse cross-entropy of one synthetic corpus."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from textvae.errors import InputError


@dataclass(frozen=True)
class Settings:
    """A cross-entropy has none; those of its language models lie beside them."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", type=Path, required=True, help="the synthetic corpus")
    parser.add_argument(
        "--report", type=Path, required=True, help="what `textvae sample` wrote beside the text"
    )
    parser.add_argument(
        "--corpus", type=Path, required=True, help="prepared corpus folder: its test split is read"
    )
    for name, what in (("synthetic", "the synthetic corpus"), ("real", "real text")):
        parser.add_argument(
            f"--{name}-lstm", type=Path, required=True, help=f"language model of {what}"
        )
        parser.add_argument(
            f"--{name}-kneser-ney", type=Path, required=True, help=f"Kneser-Ney model of {what}"
        )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or auto")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--output", type=Path, required=True, help="JSON file")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.fce import kneser_ney
    from textvae.fce.cross_entropy import cross_entropies
    from textvae.fce.scoring import score
    from textvae.fce.text import counts, encode_file, recode
    from textvae.files import write_json
    from textvae.generation.generated import read_report
    from textvae.models import language_model
    from textvae.models.device import select_device
    from textvae.report import report

    device = select_device(args.device, args.threads)
    generated = read_report(args.report)
    synthetic, dictionary = language_model.load(args.synthetic_lstm, device)
    real, words = language_model.load(args.real_lstm, device)
    if words.digest != dictionary.digest:
        raise InputError(f"{args.real_lstm}: not over the dictionary of {args.synthetic_lstm}")
    corpus = EncodedCorpus(args.corpus)
    test = recode(corpus.split("test"), corpus.vocabulary, dictionary)
    text = encode_file(args.text, dictionary)

    values = cross_entropies(score(synthetic, test), score(real, test), score(real, text))
    second = cross_entropies(
        kneser_ney.score(args.synthetic_kneser_ney, test),
        kneser_ney.score(args.real_kneser_ney, test),
        kneser_ney.score(args.real_kneser_ney, text),
    )
    values |= {f"kn5_{name}": value for name, value in second.items()}
    found, expected = counts(text, dictionary), counts(test, dictionary)
    values |= {
        "vocabulary_size": len(dictionary) - 2,
        "unk_percent": found["unk_percent"],
        "test_vocabulary_size": expected["vocabulary"],
        "test_unk_percent": expected["unk_percent"],
        "test_mean_length": expected["mean_length"],
    }
    # What the LSTM has and the 5-gram model has not.
    missing = {
        f"kn5_{name}": kneser_ney.NOT_BUILT
        for name, value in second.items()
        if value is None and values[name] is not None
    }
    result = report(
        generated.cell,
        "fce",
        "test",
        len(test),
        Settings(),
        values,
        missing,
        decoding=generated.decoding,
        copy=generated.copy,
    )
    write_json(args.output, result)
