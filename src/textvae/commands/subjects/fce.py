"""A synthetic corpus and the test split over one dictionary, and their language models."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.commands import options
from textvae.commands.subjects.subject import Subject, untrained_note
from textvae.commands.subjects.text import add_generated_flags, origin_of
from textvae.errors import InputError
from textvae.registry import Declaration

if TYPE_CHECKING:
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.generation.generated import Generated


def add_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    """Add the text, its report, the corpus, and two language models of each."""
    add_generated_flags(parser)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="prepared corpus folder: its test split is read"
    )
    for name, text in (("synthetic", "the synthetic corpus"), ("real", "real text")):
        parser.add_argument(
            f"--{name}-lstm", type=Path, required=True, help=f"language model of {text}"
        )
        parser.add_argument(
            f"--{name}-kneser-ney", type=Path, required=True, help=f"Kneser-Ney model of {text}"
        )
    options.add_device_flags(parser)


def read(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a synthetic corpus and the test split over a dictionary, and their language models."""
    from textvae.corpora import unknown_words
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.corpora.vocabulary import UNK_ID
    from textvae.fce import kneser_ney
    from textvae.fce.dictionary import encode_file, recode
    from textvae.generation.generated import check_text, read_report
    from textvae.measurements.fce import CommonDictionary
    from textvae.models import language_model
    from textvae.training.fingerprint import difference

    device = options.device_of(args)
    generated = read_report(args.report)
    synthetic, dictionary = language_model.load(args.synthetic_lstm, device)
    real, words = language_model.load(args.real_lstm, device)
    if words.digest != dictionary.digest:
        raise InputError(f"{args.real_lstm}: its dictionary is not that of {args.synthetic_lstm}")
    corpus = EncodedCorpus(args.corpus)
    test = recode(corpus.split("test"), corpus.vocabulary, dictionary)
    text = encode_file(args.text, dictionary)
    check_text(generated, args.text, len(text))
    _check_corpus(generated, corpus)
    imitated, trained = map(language_model.origin, (args.synthetic_lstm, args.real_lstm))
    if imitated.get("text") not in (None, text.digest):
        raise InputError(f"{args.synthetic_lstm}: trained on another text than {args.text}")
    if trained and trained.get("corpus") != corpus.fingerprint:
        raise InputError(f"{args.real_lstm}: not trained on the corpus {args.corpus}")
    for name in ("sizes", "recipe"):
        both = imitated.get(name), trained.get(name)
        if None not in both and (reason := difference(*both)):
            raise InputError(
                f"{args.real_lstm}: {reason}, with there {args.synthetic_lstm}; expected the same"
                " language model, trained on real text"
            )
    notes = {}
    trained_on = imitated.get("sentences"), trained.get("sentences")
    if reasons := [*_unequal(*trained_on), *_out_of_epochs(imitated, trained)]:
        notes["language_models"] = "; ".join(reasons)
    ngrams = (args.synthetic_kneser_ney, args.real_kneser_ney)
    for path, digest in zip(ngrams, (text.digest, trained.get("text")), strict=True):
        kneser_ney.check_model(path, dictionary, digest)
    if unknown_words.too_many(test):
        notes["unknown_words"] = unknown_words.counted(test)
    if UNK_ID in test.tokens and UNK_ID not in text.tokens:
        notes["untrained_unk"] = untrained_note(
            test, "the synthetic text", "its language models have"
        )
    return Subject(
        generated.cell,
        "test",
        len(test),
        (CommonDictionary(dictionary, text, test, (synthetic, real), ngrams, trained_on),),
        notes=notes,
        warnings=tuple(notes),
        settings={"longest": generated.longest},
        origin=origin_of(generated) | _measured_with(args.real_lstm, dictionary),
    )


def _measured_with(real: Path, dictionary: "Vocabulary") -> dict[str, str]:
    """Return what all C of a decoding must share: the dictionary, and the model of real text."""
    from textvae.models import language_model

    recorded = {
        "dictionary_sha256": dictionary.digest,
        "floor_sha256": language_model.weights(real),
    }
    return {key: digest for key, digest in recorded.items() if digest}


def _unequal(synthetic: int | None, real: int | None) -> Iterator[str]:
    """Yield a line if the numbers of sentences that two language models learnt differ."""
    if None not in (synthetic, real) and synthetic != real:
        yield (
            f"that of real text is of {real} sentences, that of the synthetic text of {synthetic},"
            " which the excess includes"
        )


def _out_of_epochs(synthetic: dict[str, Any], real: dict[str, Any]) -> Iterator[str]:
    """Yield a line if one of two language models was still improving at the end of its training."""
    records = {"the synthetic text": synthetic, "real text": real}
    texts = [text for text, record in records.items() if record.get("out_of_epochs") is True]
    if texts:
        yield (
            f"that of {' and that of '.join(texts)} still improved in the last epoch, and may be"
            " better with more of them"
        )


def _check_corpus(generated: "Generated", corpus: "EncodedCorpus") -> None:
    """Raise InputError if a corpus is not the one on which a text's model was trained."""
    name = generated.cell.corpus
    if corpus.name == name and generated.corpus_sha256 not in (None, corpus.fingerprint):
        raise InputError(
            f"{corpus.folder}: another text or preparation of {name!r} than that on which the model"
            " of the text was trained"
        )
    if corpus.name != name:
        raise InputError(
            f"{corpus.folder}: the corpus {corpus.name!r}, expected {name!r}, on which the model"
            " of the text was trained"
        )
