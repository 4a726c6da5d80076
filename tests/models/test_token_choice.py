"""The choice of the next word: which words can be drawn, and how often."""

import numpy as np
import pytest
import torch

from textvae.models.decoding import choose_tokens, sentence_rng
from textvae.schemes import DecodingStrategy

# Words 0 to 5; the rare ones are equally probable.
SIX = [0.30, 0.05, 0.40, 0.05, 0.15, 0.05]
TWELVE = [0.01, 0.17, 0.06, 0.11, 0.09, 0.24, 0.03, 0.07, 0.04, 0.13, 0.01, 0.04]
# The 0.999 quantile of chi-squared by degrees of freedom. Seeds are fixed.
CHI_SQUARED_999 = {2: 13.816, 4: 18.467, 6: 22.458, 7: 24.322, 9: 27.877, 11: 31.264}


class Numbers:
    """A random stream of given numbers."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def random(self) -> float:
        return self.numbers.pop(0)


def logits_of(probabilities, rows: int = 1) -> torch.Tensor:
    return torch.tensor(probabilities, dtype=torch.float64).log().float().expand(rows, -1)


def choose(logits, name: str, *streams) -> list[int]:
    return choose_tokens(logits, DecodingStrategy.parse(name), streams).tolist()


def draws(probabilities, name: str, count: int) -> np.ndarray:
    """Draw `count` words from one distribution with the strategy `name`."""
    stream, rows = sentence_rng((1,), 0), min(count, 10_000)
    logits = logits_of(probabilities, rows)
    # Rows may share a stream: its numbers are independent.
    words = [choose(logits, name, *[stream] * rows) for _ in range(count // rows)]
    return np.concatenate(words)


def exactly(probabilities, name: str) -> np.ndarray:
    """Return the distribution that a strategy draws from, (V,), by its definition."""
    strategy = DecodingStrategy.parse(name)
    tempered = np.asarray(probabilities, dtype=np.float64) ** (1 / strategy.temperature)
    tempered /= tempered.sum()
    ranked = sorted(range(len(tempered)), key=lambda word: (-tempered[word], word))
    kept, mass = [], 0.0
    for word in ranked[: strategy.top_k]:
        if mass >= strategy.nucleus:
            break
        kept.append(word)
        mass += tempered[word]
    exact = np.zeros(len(tempered))
    exact[kept] = tempered[kept] / mass
    return exact


def chi_squared(counts: np.ndarray, exact: np.ndarray) -> float:
    """Return Pearson's statistic; no count may be where the probability is 0."""
    possible = exact > 0
    assert counts[~possible].sum() == 0
    expected = counts.sum() * exact[possible]
    assert expected.min() > 10
    return float(((counts[possible] - expected) ** 2 / expected).sum())


@pytest.mark.parametrize(
    ("name", "possible"),
    [
        ("greedy", {2}),
        ("top2", {2, 0}),
        # Of equally probable words the smaller ids are taken.
        ("top4", {2, 0, 4, 1}),
        ("top5", {2, 0, 4, 1, 3}),
        ("top6", {0, 1, 2, 3, 4, 5}),
        ("top100", {0, 1, 2, 3, 4, 5}),
        # Cumulative 0.4, 0.7, 0.85, 0.9, 0.95: the crossing word is kept (Holtzman et al. 2019).
        ("nucleus0.01", {2}),
        ("nucleus0.39", {2}),
        ("nucleus0.41", {2, 0}),
        ("nucleus0.69", {2, 0}),
        ("nucleus0.71", {2, 0, 4}),
        ("nucleus0.86", {2, 0, 4, 1}),
        ("nucleus0.91", {2, 0, 4, 1, 3}),
        ("nucleus0.96", {0, 1, 2, 3, 4, 5}),
        ("sample", {0, 1, 2, 3, 4, 5}),
        # Cumulative after squaring: 0.57, 0.89; after square roots: 0.28, 0.53.
        ("nucleus0.5-t0.5", {2}),
        ("nucleus0.6", {2, 0}),
        ("nucleus0.6-t2", {2, 0, 4}),
        # Temperature does not change ranks.
        ("top3-t0.5", {2, 0, 4}),
        ("top3-t10", {2, 0, 4}),
    ],
)
def test_words_that_can_be_drawn(name, possible):
    assert set(draws(SIX, name, 2000)) == possible
    assert set(np.flatnonzero(exactly(SIX, name))) == possible


@pytest.mark.parametrize(("nucleus", "words"), [("0.5", 2), ("0.75", 3), ("0.9", 4)])
def test_full_nucleus_takes_no_further_word(nucleus, words):
    """Four words of exactly a quarter each."""
    assert set(draws([0.25] * 4, f"nucleus{nucleus}", 500)) == set(range(words))


@pytest.mark.parametrize("name", ["top3", "nucleus0.025"])
def test_of_many_equal_words_the_smallest_ids_are_taken(name):
    """torch.topk takes any of them."""
    words = [0.0] + [0.01] * 100 + [0.0] * 100
    assert set(draws(words, name, 500)) == {1, 2, 3}
    assert set(draws(words, "greedy", 2)) == {1}


@pytest.mark.parametrize(
    ("number", "word"), [(0, 0), (0.42, 0), (0.43, 2), (0.999, 2), (1 - 2**-53, 2)]
)
def test_top_k_draw_by_hand(number, word):
    """3/7 for word 0 and 4/7 for word 2, in the order of their ids."""
    assert choose(logits_of(SIX), "top2", Numbers(number)) == [word]


def test_draw_outside_the_nucleus_is_repeated_from_the_same_stream():
    """By ids: word 0 up to 0.30, 1 to 0.35, 2 to 0.75, 3 to 0.80, 4 to 0.95, 5 to 1."""
    streams = [Numbers(0.32, 0.99, 0.1), Numbers(0.74), Numbers(0.78, 0.36, 0.5)]
    assert choose(logits_of(SIX, 3), "nucleus0.5", *streams) == [0, 2, 2]
    assert [stream.numbers for stream in streams] == [[], [], [0.5]]


@pytest.mark.parametrize("name", ["sample", "nucleus0.9", "top2"])
@pytest.mark.parametrize(("number", "word"), [(0.0, 1), (1 - 2**-53, 2)])
def test_extreme_numbers_draw_no_word_of_probability_zero(name, number, word):
    """The first and the last word are impossible."""
    logits = torch.tensor([[-1e4, 0.0, 0.5, -1e4]])
    assert choose(logits, name, Numbers(number)) == [word]


def test_rounding_that_changes_ranks_changes_no_draw():
    """The logits of two equal words may be rounded differently in another batch size."""
    less, more = 1.0, float(np.nextafter(np.float32(1), np.float32(2)))
    for number in np.linspace(0.01, 0.99, 50):
        words = [
            choose(torch.tensor([[0.5, a, -1.0, b]]), "top3", Numbers(number))
            for a, b in ((less, less), (less, more), (more, less))
        ]
        assert words[0] == words[1] == words[2]


@pytest.mark.parametrize(
    "name", ["top5", "top5-t0.7", "nucleus0.5", "nucleus0.9", "nucleus0.9-t0.7", "sample-t1.5"]
)
def test_frequencies_are_those_of_the_truncated_distribution(name):
    counts = np.bincount(draws(TWELVE, name, 200_000), minlength=12)
    exact = exactly(TWELVE, name)
    bound = CHI_SQUARED_999[np.count_nonzero(exact) - 1]
    assert chi_squared(counts, exact) < bound
    # A temperature wrong by 5% would be noticed.
    wrong = exact ** (1 / 1.05)
    assert chi_squared(counts, wrong / wrong.sum()) > bound


def test_sentences_copies_and_seeds_have_independent_streams():
    numbers = sentence_rng((1, 2), 5).random(20_000)
    np.testing.assert_array_equal(numbers, sentence_rng((1, 2), 5).random(20_000))
    assert abs(numbers.mean() - 0.5) < 4 / (12 * 20_000) ** 0.5
    for seed, sentence in [((1, 2), 4), ((1, 2), 6), ((1, 1), 5), ((2, 1), 5), ((2, 2), 5)]:
        other = sentence_rng(seed, sentence).random(20_000)
        assert abs(np.corrcoef(numbers, other)[0, 1]) < 4 / 20_000**0.5
        # A stream that started later in the same sequence would share numbers.
        assert not set(numbers) & set(other)
