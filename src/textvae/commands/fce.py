"""`textvae fce`: forward and reverse cross-entropy of one synthetic corpus."""

import argparse
from pathlib import Path
from typing import Any

from textvae.commands import options, synthetic_text
from textvae.errors import InputError
from textvae.settings import add_flags, from_flags


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.measurements.fce import Settings

    synthetic_text.add_flags(parser)
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
    options.add_device_flags(parser)
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae import bootstrap
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.fce import kneser_ney
    from textvae.fce.dictionary import counts, encode_file, recode
    from textvae.generation.synthesis import read_report
    from textvae.measurements.fce import (
        Settings,
        cross_entropies,
        replicated_cross_entropies,
        score,
    )
    from textvae.models import language_model

    settings = from_flags(Settings, args)
    where = options.device_of(args)
    generated = read_report(args.report)
    synthetic, dictionary = language_model.load(args.synthetic_lstm, where)
    real, words = language_model.load(args.real_lstm, where)
    if words.digest != dictionary.digest:
        raise InputError(f"{args.real_lstm}: not over the dictionary of {args.synthetic_lstm}")
    corpus = EncodedCorpus(args.corpus)
    test = recode(corpus.split("test"), corpus.vocabulary, dictionary)
    text = encode_file(args.text, dictionary)

    forward, floor = score(synthetic, test), score(real, test)
    values: dict[str, Any] = dict(cross_entropies(forward, floor, score(real, text)))
    # One after the other, since such models may take gigabytes.
    ngram_forward = kneser_ney.score(kneser_ney.load(args.synthetic_kneser_ney), test)
    ngrams = kneser_ney.load(args.real_kneser_ney)
    ngram_floor = kneser_ney.score(ngrams, test)
    second = cross_entropies(ngram_forward, ngram_floor, kneser_ney.score(ngrams, text))
    values |= {f"kn5_{name}": value for name, value in second.items()}
    found, expected = counts(text, dictionary), counts(test, dictionary)
    values |= {
        "vocabulary_size": dictionary.types,
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
    if settings.bootstrap:
        again = replicated_cross_entropies(ngram_forward, ngram_floor, settings.bootstrap)
        values[bootstrap.KEY] = replicated_cross_entropies(forward, floor, settings.bootstrap) | {
            f"kn5_{name}": replicates for name, replicates in again.items()
        }
    measured = ("fce", "test", len(test), settings, values, missing)
    synthetic_text.write(args, generated, *measured)
