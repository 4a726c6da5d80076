"""Minimal pairs over the words of the tiny models."""

import random

from textvae.corpora.minimal_pairs import Pair
from tiny import WORDS


def random_pairs(count: int, seed: int = 1) -> list[Pair]:
    """Return pairs of two rows, three sets and five subcategories.

    Many sentences share a prefix, some pairs differ in several words or in length, and some words
    are outside the vocabulary.
    """
    draw = random.Random(seed)
    words = [f"w{i}" for i in range(WORDS)] + ["strange", "stranger"]
    prefixes = [draw.choices(words, k=draw.randint(0, 5)) for _ in range(12)]
    pairs: dict[tuple[str, str], Pair] = {}
    while len(pairs) < count:
        good = [*draw.choice(prefixes), *draw.choices(words, k=draw.randint(1, 4))]
        bad = list(good)
        for index in draw.sample(range(len(good)), k=min(len(good), draw.choice([1, 1, 1, 2, 3]))):
            bad[index] = draw.choice(words)
        if draw.random() < 0.2:
            bad.insert(draw.randrange(len(bad) + 1), draw.choice(words))
        if good != bad:
            row, group = draw.choice(["first.row", "second.row"]), draw.randrange(5)
            sentences = (" ".join(good), " ".join(bad))
            pairs[sentences] = Pair(*sentences, row, f"set{group % 3}", f"group{group}")
    return list(pairs.values())
