"""Sentences of a split of a model's corpus, or of a text of one's own."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.commands import options
from textvae.commands.subjects.subject import Subject, untrained_note
from textvae.corpora import SPLITS
from textvae.errors import InputError, warn
from textvae.registry import Declaration

if TYPE_CHECKING:
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.models.saved import TrainedModel


def add_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    """Add the model, and --corpus with --split, or --text."""
    options.add_model_flag(parser)
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--corpus", type=Path, help="prepared corpus folder")
    text.add_argument(
        "--text",
        type=Path,
        help="your own text: one sentence per line, words as in the corpus",
    )
    parser.add_argument("--split", choices=SPLITS, help="split of the corpus, default test")
    if declaration.facts.get("bounded"):
        parser.add_argument(
            "--grammar",
            type=Path,
            help="folder of `textvae grammar` that the corpus was made from: adds the bound",
        )
    options.add_device_flags(parser)


def read(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model, and a split of its corpus or a text; InputError for fewer than 2 sentences."""
    from textvae.corpora import unknown_words
    from textvae.measurements.bound import read_source

    grammar = getattr(args, "grammar", None)
    for flag, value in (("--split", args.split), ("--grammar", grammar)):
        if args.text and value:
            raise InputError(f"{flag}: can only be used with --corpus, not with --text")
    if grammar and args.split == "train":
        raise InputError(
            "--grammar: the bound is of sentences that the model was not trained on, expected"
            " --split valid or test"
        )
    trained = options.load_model(args)
    split = args.split or "test"
    if args.text:
        # A file may have the name of a split.
        text = f"./{args.text}" if str(args.text) in SPLITS else str(args.text)
        sentences, notes = _read_own_text(args.text, trained.vocabulary)
    else:
        text, sentences, notes = _corpus_split(args.corpus, split, trained)
    # With a single sentence, standard errors, covariance and mutual information are undefined.
    if len(sentences) < 2:
        source = args.text or args.corpus
        raise InputError(f"{source}: at least 2 sentences are needed, found {len(sentences)}")
    if trained.unk_percent == 0 and unknown_words.unk_percent(sentences):
        notes["untrained_unk"] = untrained_note(sentences)
    keywords = {}
    if grammar:
        keywords["source"] = read_source(grammar, split, sentences, trained.vocabulary)
    printed = tuple(name for name in ("corpus", "untrained_unk") if name in notes)
    # In a corpus that the model knows some are usual; in a text of your own each may be a mistake.
    if (args.text and "unknown_words" in notes) or unknown_words.too_many(sentences):
        printed += ("unknown_words",)
    origin = options.origin_of(trained)
    if text != split:
        # The corpus of the model says what the sentences of its splits are.
        origin["sentences_sha256"] = sentences.digest
    return Subject(
        trained.cell,
        text,
        len(sentences),
        (trained, sentences),
        keywords,
        notes,
        printed,
        origin=origin,
    )


def _corpus_split(
    folder: Path, split: str, trained: "TrainedModel"
) -> tuple[str, "Sentences", dict[str, str]]:
    """Read a split of a prepared corpus; return its name, its sentences and notes on them.

    The name includes that of the corpus if it is not the corpus of the model. InputError if the
    model has another vocabulary.
    """
    from textvae.corpora import unknown_words
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.models.ownership import difference

    corpus = EncodedCorpus(folder)
    if corpus.vocabulary.digest != trained.vocabulary.digest:
        raise InputError(f"{folder}: its vocabulary is not that of the model")
    sentences = corpus.split(split)
    name, notes = split, {}
    if other := difference(trained, corpus):
        name = f"{corpus.name}: {split}"
        notes["corpus"] = f"measured on {other}"
    if unknown_words.too_many(sentences):
        notes["unknown_words"] = unknown_words.counted(sentences)
    if trained.unk_percent is None and unknown_words.untrained(sentences, corpus):
        notes["untrained_unk"] = untrained_note(sentences)
    return name, sentences, notes


def _read_own_text(path: Path, vocabulary: "Vocabulary") -> tuple["Sentences", dict[str, str]]:
    """Read the sentences of a text file, with notes on format, unknown words and blank lines."""
    from textvae.corpora import formats
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.unknown_words import counted, unk_percent

    others: list[str] = []
    read_lines = formats.read(path, "plain", warn=others.append)
    lines = [vocabulary.encode(line.split()) for line in read_lines]
    sentences = Sentences.of([line for line in lines if line])
    unknown = unk_percent(sentences)
    if unknown == 100:
        raise InputError(f"{path}: {counted(sentences)} are unknown to the model")
    notes = {"unknown_words": counted(sentences)} if unknown else {}
    if blank := len(lines) - len(sentences):
        notes["blank_lines"] = f"{blank} left out"
    for message in others:
        notes["format"] = message
        warn(f"{path}: {message}")
    return sentences, notes
