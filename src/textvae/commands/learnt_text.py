"""Flags of the commands that learn a text over a dictionary: synthetic text, or real."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.cells import MOST_SEED
from textvae.commands.bounds import at_least, shows
from textvae.errors import InputError

if TYPE_CHECKING:
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.vocabulary import Vocabulary


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--name, --dictionary, and --text or --corpus with --sentences."""
    parser.add_argument("--name", required=True, help="whose text it is, for messages")
    parser.add_argument(
        "--dictionary",
        type=Path,
        required=True,
        help="of `textvae common-dictionary`, or a corpus's vocabulary.txt",
    )
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", type=Path, help="a sentence a line")
    text.add_argument("--corpus", type=Path, help="prepared corpus folder: what it trains on")
    parser.add_argument(
        "--sentences", type=int, help="of the corpus, so many at random; all if not given"
    )
    parser.add_argument("--seed", type=int, default=1, help="of all random draws")


def read(args: argparse.Namespace) -> "tuple[Sentences, Vocabulary]":
    """The text's sentences over the dictionary, and the dictionary."""
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.fce.text import encode_file, recode

    shows(args, "name")
    if not 0 <= args.seed <= MOST_SEED:
        raise InputError(f"--seed: {args.seed} is not a number from 0 to {MOST_SEED}")
    dictionary = Vocabulary.load(args.dictionary)
    if args.text:
        if args.sentences is not None:
            raise InputError("--sentences: is of a --corpus, and --text is none")
        return encode_file(args.text, dictionary), dictionary
    corpus = EncodedCorpus(args.corpus)
    sentences = recode(corpus.split("train"), corpus.vocabulary, dictionary)
    if args.sentences is not None:
        at_least(args, sentences=2)
        sentences = sentences.take(sentences.sample(args.sentences, args.seed))
    return sentences, dictionary
