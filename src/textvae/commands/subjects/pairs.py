"""Minimal pairs, and a language model to compare a model with."""

import argparse
from pathlib import Path

from textvae.commands import options
from textvae.commands.subjects.subject import Subject, untrained_note
from textvae.errors import InputError
from textvae.registry import Declaration


def add_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    """Add the model, the pairs and their name, and a language model if it is compared with one."""
    options.add_model_flag(parser)
    parser.add_argument(
        "--pairs",
        type=Path,
        required=True,
        help="TSV of `textvae pairs`, or your own with the columns grammatical and ungrammatical,"
        " words as in the corpus",
    )
    parser.add_argument("--name", help="name of the pairs in the output, default the file's path")
    if declaration.facts.get("language_model"):
        parser.add_argument(
            "--language-model",
            type=Path,
            help="folder of `textvae language-model`, over the same vocabulary, to compare with",
        )
    options.add_device_flags(parser)


def read(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model and minimal pairs, and a language model over the same vocabulary."""
    from textvae.corpora import unknown_words
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.minimal_pairs import pairs_digest, read_pairs
    from textvae.models import language_model

    options.check_printable(args, "name")
    trained, pairs = options.load_model(args), read_pairs(args.pairs)
    keywords, notes, origin = {}, {}, {}
    if folder := getattr(args, "language_model", None):
        keywords["language_model"], words = language_model.load(folder, trained.model.device)
        if words.digest != trained.vocabulary.digest:
            raise InputError(
                f"{folder}: its vocabulary is not that of {args.model}, expected a language model"
                " over the same vocabulary"
            )
        known = language_model.origin(folder)
        corpus = known.get("corpus")
        if corpus and trained.corpus and corpus != trained.corpus:
            raise InputError(
                f"{folder}: trained on another text than {args.model}, expected a language model of"
                " the same corpus"
            )
        if trained.corpus and not corpus:
            notes["language_model"] = (
                f"{folder} was trained on a text that is not known to be that of {args.model}"
            )
        origin["language_model_sha256"] = language_model.weights(folder)
        if "sentences" in known:
            origin["language_model_sentences"] = known["sentences"]
    if trained.unk_percent == 0:
        texts = (text for pair in pairs for text in (pair.grammatical, pair.ungrammatical))
        sentences = Sentences.of(trained.vocabulary.encode(text.split()) for text in texts)
        if unknown_words.unk_percent(sentences):
            notes["untrained_unk"] = untrained_note(sentences)
    name = args.name or str(args.pairs)
    origin = options.origin_of(trained) | origin | {"pairs_sha256": pairs_digest(pairs)}
    return Subject(
        *(trained.cell, name, len(pairs), (trained, pairs), keywords),
        notes=notes,
        warnings=tuple(notes),
        origin=origin,
    )
