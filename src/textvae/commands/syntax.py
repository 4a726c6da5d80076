"""`textvae syntax`: whether a trained model prefers the grammatical sentence of minimal pairs."""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.commands import judged_pairs
from textvae.errors import InputError
from textvae.settings import add_flags, from_flags

if TYPE_CHECKING:
    import numpy as np

    from textvae.corpora.minimal_pairs import Pair
    from textvae.corpora.vocabulary import Vocabulary

# Below this share of covered pairs something is amiss: the case of letters, or the tokenisation.
LEAST_COVERED = 0.5


def arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.measurements.syntax import Settings

    judged_pairs.add_flags(parser)
    parser.add_argument(
        "--language-model",
        type=Path,
        help="folder of `textvae language-model`, over the same vocabulary, to tell of beside",
    )
    parser.add_argument(
        "--scores", type=Path, help="TSV for the log-odds of each pair, nats, under each code"
    )
    add_flags(parser, Settings)


def run(args: argparse.Namespace) -> None:
    from textvae.io import write_text
    from textvae.measurements.log_odds import encode
    from textvae.measurements.syntax import Settings, measure
    from textvae.models import language_model

    settings = from_flags(Settings, args)
    trained, pairs = judged_pairs.read(args)
    without_code = None
    if args.language_model:
        without_code, words = language_model.load(args.language_model, trained.model.device)
        if words.digest != trained.vocabulary.digest:
            raise InputError(
                f"{args.language_model}: its words are not those of {args.model}, expected a"
                " language model over the same vocabulary"
            )
    encoded = encode(pairs, trained.vocabulary)
    values, log_odds = measure(trained.model, pairs, encoded, settings, without_code)
    if args.scores:
        write_text(args.scores, _table(pairs, encoded.covered, log_odds))
    _tell_unknown(pairs, encoded.covered, trained.vocabulary)
    notes = {metric: "no pair is covered" for metric, value in values.items() if value is None}
    judged_pairs.put(args, trained, "syntax", pairs, settings, values, notes)


def _tell_unknown(pairs: "Sequence[Pair]", covered: "np.ndarray", vocabulary: "Vocabulary") -> None:
    """A line on stderr where the model knows the differing words of few pairs."""
    from textvae.corpora.vocabulary import UNK_ID
    from textvae.measurements.log_odds import differing_words

    if covered.mean() >= LEAST_COVERED:
        return
    unknown = Counter(
        word
        for pair in pairs
        for word in set(differing_words(pair.grammatical.split(), pair.ungrammatical.split()))
        if vocabulary.encode([word]) == [UNK_ID]
    )
    often = ", ".join(repr(word[:40]) for word, _ in unknown.most_common(5))
    print(
        f"textvae syntax: only {covered.sum():,} of {len(pairs):,} pairs differ in words that the"
        f" model knows; unknown are {often} (words must be as in its corpus)",
        file=sys.stderr,
    )


def _table(
    pairs: "Sequence[Pair]", covered: "np.ndarray", log_odds: "Mapping[str, np.ndarray]"
) -> str:
    """A line a pair: what it is, whether its differing words are known, and its log-odds."""
    header = ["row", "set", "subcategory", "grammatical", "ungrammatical", "covered", *log_odds]
    lines = ["\t".join(header)]
    for place, pair in enumerate(pairs):
        words = [pair.row, pair.set, pair.subcategory, pair.grammatical, pair.ungrammatical]
        numbers = [f"{odds[place]:.6g}" for odds in log_odds.values()]
        lines.append("\t".join([*words, "yes" if covered[place] else "no", *numbers]))
    return "".join(f"{line}\n" for line in lines)
