"""Commands that generate: `codes` draws latent codes, `sample` and `interpolate` decode them."""

import argparse
import hashlib
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from textvae import errors
from textvae.commands import options
from textvae.commands.options import at_least
from textvae.errors import InputError, printable
from textvae.schemes import DecodingStrategy

if TYPE_CHECKING:
    import numpy as np

    from textvae.models.saved import TrainedModel


def codes_arguments(parser: argparse.ArgumentParser) -> None:
    count = parser.add_mutually_exclusive_group(required=True)
    count.add_argument(
        "--sentences",
        type=int,
        help="draw codes for a synthetic corpus of N sentences",
        metavar="N",
    )
    count.add_argument(
        "--corpus",
        type=Path,
        help="draw as many codes as this prepared corpus has training sentences",
    )
    count.add_argument("--lines", type=int, help="draw the two ends of N lines", metavar="N")
    parser.add_argument("--latent", type=int, required=True, help="dimensions of z")
    parser.add_argument("--seed", type=int, default=1, help="seed of the codes")
    parser.add_argument("--copy", type=int, help="number of the copy of the corpus, default 1")
    parser.add_argument("--output", type=Path, required=True, metavar="NPY", help="float32 array")


def run_codes(args: argparse.Namespace) -> None:
    from textvae.corpora.encoded import EncodedCorpus, save_array
    from textvae.generation.codes import corpus_codes, line_ends

    at_least(args, seed=0, copy=1, sentences=1, lines=1, latent=1)
    if args.lines is not None:
        if args.copy is not None:
            raise InputError("--copy: cannot be used with --lines, which all copies share")
        save_array(args.output, line_ends(args.lines, args.latent, args.seed))
        return
    count = args.sentences
    if count is None:
        count = EncodedCorpus(args.corpus).counted("train", "sentences")
    copy = 1 if args.copy is None else args.copy
    save_array(args.output, corpus_codes(count, args.latent, args.seed, copy))


def sample_arguments(parser: argparse.ArgumentParser) -> None:
    options.add_decoder_flags(parser)
    parser.add_argument(
        "--decoding", default="nucleus0.9", metavar="SCHEME", help="greedy, top15, nucleus0.9 ..."
    )
    codes = parser.add_mutually_exclusive_group()
    codes.add_argument(
        "--sentences", type=int, help="number of sentences, from new codes, default 10"
    )
    codes.add_argument("--codes", type=Path, help="file of `textvae codes`, one sentence a code")
    parser.add_argument("--seed", type=int, default=1, help="seed of codes and sampled words")
    parser.add_argument(
        "--copy", type=int, default=1, help="number of the copy; each has its own random numbers"
    )
    parser.add_argument("--output", type=Path, help="text file; printed if not given")
    parser.add_argument(
        "--report", type=Path, help="JSON file to write: settings and counts of the text"
    )


def run_sample(args: argparse.Namespace) -> None:
    # Before importing torch, which takes seconds.
    strategy = DecodingStrategy.parse(args.decoding)
    at_least(args, seed=0, copy=1, sentences=1)

    from textvae.generation.codes import corpus_codes, load
    from textvae.generation.synthesis import Tally, synthesise, warn
    from textvae.io import atomic_write, write_json
    from textvae.models.inference import codes_of

    trained = options.load_model(args)
    _warn_of_all_words("--decoding", strategy, trained)
    max_words = options.max_words(args, trained)
    latent = trained.model.architecture.latent
    if args.codes:
        noise = load(args.codes, 2, latent)
    else:
        count = 10 if args.sentences is None else args.sentences
        noise = corpus_codes(count, latent, args.seed, args.copy)
    codes = codes_of(trained.model, noise)
    tally, sha256 = Tally(), hashlib.sha256()
    sentences = synthesise(trained, codes, strategy, (args.seed, args.copy), max_words, tally)
    with atomic_write(args.output) if args.output else nullcontext(sys.stdout) as file:
        for sentence in sentences:
            line = f"{sentence}\n"
            sha256.update(line.encode())
            file.write(line)
    name = f"{trained.cell}, {args.decoding}, copy {args.copy}"
    warn(name, tally, max_words)
    if args.report:
        # Codes of a file, and the most probable words, are decided by no seed.
        seed = {} if args.codes and strategy.greedy else {"seed": args.seed}
        write_json(
            args.report,
            {
                "cell": trained.cell.as_dict(),
                **options.origin_of(trained),
                "decoding": args.decoding,
                "copy": args.copy,
                **seed,
                "longest": max_words,
                **asdict(tally),
                "sha256": sha256.hexdigest(),
            },
        )


def _warn_of_all_words(flag: str, strategy: DecodingStrategy, trained: "TrainedModel") -> None:
    """Warn if a strategy's most probable words are all there are."""
    words = len(trained.vocabulary)
    if strategy.top_k is not None and strategy.top_k >= words:
        errors.warn(
            f"{flag}: {strategy.name} samples from all {words:,} words of the vocabulary, as"
            " `sample` does"
        )


def interpolate_arguments(parser: argparse.ArgumentParser) -> None:
    options.add_decoder_flags(parser)
    parser.add_argument(
        "--decodings",
        nargs="+",
        default=["greedy"],
        metavar="SCHEME",
        help="greedy, top15, nucleus0.9 ...",
    )
    parser.add_argument(
        "--points", type=int, default=7, help="codes on the line, both ends included"
    )
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--lines", type=Path, help="file of `textvae codes --lines`")
    ends.add_argument(
        "--between",
        nargs=2,
        metavar=("A", "B"),
        help="from the code of one sentence of yours to that of another",
    )
    parser.add_argument("--line", type=int, default=1, help="number of the line, from 1")
    options.add_text_flags(parser)
    parser.add_argument("--seed", type=int, default=1, help="seed of sampled words and new lines")
    parser.add_argument("--output", type=Path, help="JSON file; printed as text if not given")


def run_interpolate(args: argparse.Namespace) -> None:
    strategies = [DecodingStrategy.parse(name) for name in args.decodings]
    at_least(args, points=2, line=1, seed=0)
    if args.between and args.line != 1:
        raise InputError("--line: cannot be used with --between, which is a single line")
    for sentence in args.between or ():
        try:
            sentence.encode()
        except UnicodeEncodeError:
            raise InputError(f"--between: {sentence!r:.80} is not UTF-8") from None
    if args.as_prepared and not args.between:
        raise InputError("--as-prepared: can only be used with --between")

    from textvae.generation.synthesis import Tally, synthesise, warn
    from textvae.io import write_json

    trained = options.load_model(args)
    for strategy in strategies:
        _warn_of_all_words("--decodings", strategy, trained)
    max_words = options.max_words(args, trained)
    unknown: list[str] = []
    if args.between:
        codes, unknown = _between(args, trained)
    else:
        codes = _on_line(args, trained)
    line = "between" if args.between else f"line {args.line}"
    decodings, cut = {}, {}
    for strategy in strategies:
        tally, seed = Tally(), (args.seed, args.line)
        sentences = synthesise(trained, codes, strategy, seed, max_words, tally)
        decodings[strategy.name] = list(sentences)
        cut[strategy.name] = tally.cut
        warn(f"{trained.cell}, {strategy.name}, {line}", tally, max_words)
    if args.output:
        content = {"cell": trained.cell.as_dict(), **options.origin_of(trained)}
        content |= {"between": args.between, "unknown_words": unknown} if args.between else {}
        write_json(
            args.output, content | {"longest": max_words, "cut": cut, "decodings": decodings}
        )
        return
    for name, sentences in decodings.items():
        print(name)
        for number, sentence in enumerate(sentences, start=1):
            print(f"{number:4}  {printable(sentence)}")


def _on_line(args: argparse.Namespace, trained: "TrainedModel") -> "np.ndarray":
    """Return the codes on a line between two samples of the prior, (points, d)."""
    from textvae.generation.codes import line_ends, load
    from textvae.generation.synthesis import codes_on_line

    latent = trained.model.architecture.latent
    ends = load(args.lines, 3, latent) if args.lines else line_ends(args.line, latent, args.seed)
    if args.line > len(ends):
        raise InputError(f"--line: got {args.line}, but {args.lines} has {len(ends)} lines")
    return codes_on_line(trained, ends, args.line, args.points)


def _between(args: argparse.Namespace, trained: "TrainedModel") -> tuple["np.ndarray", list[str]]:
    """Return the codes between the posterior means of two sentences, (points, d).

    Also return the warnings of words in them that the model does not know.
    """
    from textvae.api.model import TextModel

    try:
        with options.printed_warnings("--between") as printed:
            codes = TextModel(trained, args.as_prepared).line(*args.between, args.points)
        return codes, printed
    except InputError as error:
        raise InputError(f"--between: {error}") from None
