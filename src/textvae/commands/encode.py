"""`textvae encode`: the codes and rates of the sentences in a text file."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.commands import options
from textvae.errors import InputError, warn

if TYPE_CHECKING:
    from textvae.api.model import TextModel


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_model_flag(parser)
    parser.add_argument(
        "--text", type=Path, required=True, metavar="FILE", help="one sentence per line, UTF-8"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="file.csv: a row a sentence, with rate, mean and standard deviation; or file.npz:"
        " the arrays rate, mean, standard_deviation and sample",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="seed of the sampled codes, and of a rate that has no closed form",
    )
    options.add_text_flags(parser)
    options.add_device_flags(parser)


def run(args: argparse.Namespace) -> None:
    # Before importing torch, which takes seconds.
    options.at_least(args, seed=0)
    if args.output.suffix not in (".csv", ".npz"):
        raise InputError(f"--output: {args.output}, expected a name that ends in .csv or .npz")

    import numpy as np

    from textvae.api.model import TextModel
    from textvae.io import atomic_write

    model = TextModel(options.load_model(args), args.as_prepared)
    sentences = _sentences(args.text, model)
    with options.printed_warnings(str(args.text)):
        encoded = model.encode(sentences, args.seed)
    if args.output.suffix == ".npz":
        with atomic_write(args.output, "wb") as file:
            np.savez(file, **vars(encoded))
    else:
        with atomic_write(args.output) as file:
            encoded.to_frame().to_csv(file, index=False, lineterminator="\n")


def _sentences(path: Path, model: "TextModel") -> list[list[str]]:
    """Return the words of each line; InputError names the line that has none.

    Warns of another format.
    """
    from textvae.corpora.formats import lines
    from textvae.corpora.other_formats import LINES_EXAMINED, other_format

    numbered = list(lines(path))
    if message := other_format([line for _, line in numbered[:LINES_EXAMINED]], "plain"):
        # What follows is how a corpus is prepared from it.
        warn(f"{path}: {message.partition(';')[0]}; expected a sentence a line")
    sentences = []
    for number, line in numbered:
        try:
            sentences.append(model.words(line))
        except InputError:
            raise InputError(f"{path}: line {number} has no words, expected a sentence") from None
    if not sentences:
        raise InputError(f"{path}: empty, expected a sentence a line")
    return sentences
