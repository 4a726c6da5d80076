"""What `textvae measure` measures: flags and readers of each kind of subject.

The kinds are those of `textvae.measurements`: sentences, lines, minimal pairs, synthetic text.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.commands import options
from textvae.corpora import SPLITS
from textvae.errors import InputError, warn
from textvae.registry import Declaration

if TYPE_CHECKING:
    from textvae.cells import Cell
    from textvae.corpora.encoded import EncodedCorpus, Sentences
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.generation.generated import Generated
    from textvae.models.saved import TrainedModel


@dataclass(frozen=True)
class Subject:
    """The subject of a measurement: arguments of its function, and its description in the JSON.

    arguments: positional arguments before the settings. keywords: keyword arguments. text: the
    split, or the file, that is measured; sentences: its number of sentences. notes: name -> note.
    warnings: names of notes that are also printed. settings: those of a text or of lines. origin:
    `weights` of the model, the SHA-256 of its corpus and of what is measured beside its splits, and
    `decoding` and `copy` of a generated text.
    """

    cell: "Cell"
    text: str
    sentences: int
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


def _add_split_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
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


def _read_split(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model, and a split of its corpus or a text; InputError for fewer than 2 sentences."""
    from textvae.corpora import unknown_words
    from textvae.measurements.bound import read_source

    grammar = getattr(args, "grammar", None)
    for flag, value in (("--split", args.split), ("--grammar", grammar)):
        if args.text and value:
            raise InputError(f"{flag}: can only be used with --corpus, not with --text")
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
        notes["untrained_unk"] = _untrained(sentences)
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
        notes["untrained_unk"] = _untrained(sentences)
    return name, sentences, notes


def _untrained(
    sentences: "Sentences", text: str = "the training split", learner: str = "the model has"
) -> str:
    """Return a note on unknown words of sentences, of which the text of a model has none."""
    from textvae.corpora.unknown_words import counted

    return (
        f"{counted(sentences)} are unknown, but {text} has no <unk>: {learner} not learnt its"
        " probability"
    )


def _read_own_text(path: Path, vocabulary: "Vocabulary") -> tuple["Sentences", dict[str, str]]:
    """Read the sentences of a text file, with notes on format, unknown words and blank lines."""
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.formats import read
    from textvae.corpora.unknown_words import counted, unk_percent

    formats: list[str] = []
    lines = [vocabulary.encode(line.split()) for line in read(path, "plain", warn=formats.append)]
    sentences = Sentences.of([line for line in lines if line])
    unknown = unk_percent(sentences)
    if unknown == 100:
        raise InputError(f"{path}: {counted(sentences)} are unknown to the model")
    notes = {"unknown_words": counted(sentences)} if unknown else {}
    if blank := len(lines) - len(sentences):
        notes["blank_lines"] = f"{blank} left out"
    for message in formats:
        notes["format"] = message
        warn(f"{path}: {message}")
    return sentences, notes


def _add_lines_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    options.add_decoder_flags(parser)
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument("--lines", type=Path, help="file of `textvae codes --lines`")
    lines.add_argument("--count", type=int, help="number of lines to draw, default 200")
    parser.add_argument("--seed", type=int, help="seed of the drawn lines, default 1")


def _read_lines(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model, and the ends of lines through its latent space."""
    from textvae.generation.codes import line_ends, load

    options.at_least(args, seed=0, count=1)
    if args.lines and args.seed is not None:
        raise InputError("--seed: cannot be used with --lines, a file of drawn ones")
    seed = 1 if args.seed is None else args.seed
    trained = options.load_model(args)
    longest = options.max_words(args, trained)
    latent = trained.model.architecture.latent
    count = 200 if args.count is None else args.count
    ends = load(args.lines, 3, latent) if args.lines else line_ends(count, latent, seed)
    return Subject(
        trained.cell,
        "prior",
        len(ends),
        (trained, ends),
        {"longest": longest},
        settings={"longest": longest} | ({} if args.lines else {"seed": seed}),
        # More lines begin with the same ones.
        origin=options.origin_of(trained)
        | {"dimensions": latent, "lines_sha256": sha256(ends[0].tobytes()).hexdigest()},
    )


def _add_text_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    _add_generated_flags(parser)
    parser.add_argument(
        "--grammar",
        action="store_true",
        help="add the share of sentences that the embedded grammar accepts",
    )


def _add_generated_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", type=Path, required=True, help="the synthetic corpus")
    parser.add_argument(
        "--report", type=Path, required=True, help="report of `textvae sample` on the text"
    )


def _read_text(args: argparse.Namespace, declaration: Declaration) -> Subject:
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
        origin=_origin(generated),
    )


def _add_fce_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    _add_generated_flags(parser)
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


def _read_fce(args: argparse.Namespace, declaration: Declaration) -> Subject:
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
    if None not in trained_on and trained_on[0] != trained_on[1]:
        notes["language_models"] = (
            f"that of real text is of {trained_on[1]} sentences, that of the synthetic text of"
            f" {trained_on[0]}, which the excess includes"
        )
    ngrams = (args.synthetic_kneser_ney, args.real_kneser_ney)
    for path, digest in zip(ngrams, (text.digest, trained.get("text")), strict=True):
        kneser_ney.check_model(path, dictionary, digest)
    if unknown_words.too_many(test):
        notes["unknown_words"] = unknown_words.counted(test)
    if UNK_ID in test.tokens and UNK_ID not in text.tokens:
        notes["untrained_unk"] = _untrained(test, "the synthetic text", "its language models have")
    return Subject(
        generated.cell,
        "test",
        len(test),
        (CommonDictionary(dictionary, text, test, (synthetic, real), ngrams, trained_on),),
        notes=notes,
        warnings=tuple(notes),
        settings={"longest": generated.longest},
        origin=_origin(generated),
    )


def _origin(generated: "Generated") -> dict[str, Any]:
    """Return what identifies a generated text beside its cell."""
    recorded = {"corpus_sha256": generated.corpus_sha256, "text_sha256": generated.sha256}
    return {
        "weights": generated.weights,
        **{key: digest for key, digest in recorded.items() if digest},
        "decoding": generated.decoding,
        "copy": generated.copy,
    }


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


def _add_pairs_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
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


def _read_pairs(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model and minimal pairs, and a language model over the same vocabulary."""
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
    name = args.name or str(args.pairs)
    origin = options.origin_of(trained) | origin | {"pairs_sha256": pairs_digest(pairs)}
    return Subject(
        *(trained.cell, name, len(pairs), (trained, pairs), keywords),
        notes=notes,
        warnings=tuple(notes),
        origin=origin,
    )


Flags = Callable[[argparse.ArgumentParser, Declaration], None]
Reader = Callable[[argparse.Namespace, Declaration], Subject]

# Kind of subject -> its flags and its reader.
KINDS: Mapping[str, tuple[Flags, Reader]] = {
    "split": (_add_split_flags, _read_split),
    "lines": (_add_lines_flags, _read_lines),
    "text": (_add_text_flags, _read_text),
    "fce": (_add_fce_flags, _read_fce),
    "pairs": (_add_pairs_flags, _read_pairs),
}
