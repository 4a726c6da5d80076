"""The next word: which words can be drawn, and how often each is."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.models.decoding import choose_tokens, sentence_rng
from textvae.schemes import DecodingStrategy

# Words 0 to 5; the rare ones are equally rare.
SIX = [0.30, 0.05, 0.40, 0.05, 0.15, 0.05]
# What the statistic of a right sampler stays below in 999 of 1,000 runs, by degrees of freedom.
# Seeds are fixed, so a test that passes does so always.
CHI_SQUARED_999 = {
    2: 13.816,
    4: 18.467,
    6: 22.458,
    7: 24.322,
    9: 27.877,
    11: 31.264,
}


class Given:
    """A stream of numbers made by hand."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def random(self) -> float:
        return self.numbers.pop(0)


def logits_of(probabilities, rows: int = 1) -> torch.Tensor:
    return torch.tensor(probabilities, dtype=torch.float64).log().float().expand(rows, -1)


def draws(probabilities, name: str, count: int, seed: int = 1) -> np.ndarray:
    """(count,) words, each drawn by the scheme `name` from the same distribution."""
    own, rows = sentence_rng((seed,), 0), min(count, 10_000)
    logits, scheme = logits_of(probabilities, rows), DecodingStrategy.parse(name)
    # Rows may share a stream: its numbers are independent in whatever row they are used.
    words = [choose_tokens(logits, scheme, [own] * rows) for _ in range(count // rows)]
    return torch.cat(words).numpy()


def exactly(probabilities, name: str) -> np.ndarray:
    """The distribution that a scheme draws from, (V,), by its definition."""
    scheme = DecodingStrategy.parse(name)
    heated = np.asarray(probabilities, dtype=np.float64) ** (1 / scheme.temperature)
    heated /= heated.sum()
    ranked = sorted(range(len(heated)), key=lambda word: (-heated[word], word))
    kept, mass = [], 0.0
    for word in ranked[: scheme.top_k]:
        if mass >= scheme.nucleus:
            break
        kept.append(word)
        mass += heated[word]
    exact = np.zeros(len(heated))
    exact[kept] = heated[kept] / mass
    return exact


def chi_squared(counts: np.ndarray, exact: np.ndarray) -> float:
    """Pearson's statistic; its degrees of freedom are one less than the possible words."""
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
        ("top3", {2, 0, 4}),
        # Of equal words the one with the smaller id comes first.
        ("top4", {2, 0, 4, 1}),
        ("top5", {2, 0, 4, 1, 3}),
        ("top6", {0, 1, 2, 3, 4, 5}),
        ("top100", {0, 1, 2, 3, 4, 5}),
        # 0.4, 0.7, 0.85, 0.9, 0.95: the word that crosses is kept (Holtzman et al. 2019).
        ("nucleus0.01", {2}),
        ("nucleus0.39", {2}),
        ("nucleus0.41", {2, 0}),
        ("nucleus0.69", {2, 0}),
        ("nucleus0.71", {2, 0, 4}),
        ("nucleus0.84", {2, 0, 4}),
        ("nucleus0.86", {2, 0, 4, 1}),
        ("nucleus0.91", {2, 0, 4, 1, 3}),
        ("nucleus0.96", {0, 1, 2, 3, 4, 5}),
        ("sample", {0, 1, 2, 3, 4, 5}),
        # Squared and renormalised the masses of the first are 0.57, 0.89; square roots 0.28, 0.53.
        ("nucleus0.5-t0.5", {2}),
        ("nucleus0.6", {2, 0}),
        ("nucleus0.6-t2", {2, 0, 4}),
        # Temperature changes how often a word is drawn, not its rank.
        ("top3-t0.5", {2, 0, 4}),
        ("top3-t10", {2, 0, 4}),
    ],
)
def test_which_words_can_be_drawn(name, possible):
    assert set(draws(SIX, name, 2000)) == possible
    assert set(np.flatnonzero(exactly(SIX, name))) == possible


@pytest.mark.parametrize(("nucleus", "words"), [("0.5", 2), ("0.75", 3), ("0.9", 4)])
def test_a_nucleus_that_is_full_takes_no_further_word(nucleus, words):
    """Four words of a quarter each, whose sums are exact."""
    assert set(draws([0.25] * 4, f"nucleus{nucleus}", 500)) == set(range(words))


@pytest.mark.parametrize("name", ["top3", "nucleus0.025"])
def test_of_hundreds_of_equal_words_those_with_the_smallest_ids_are_taken(name):
    """What a model says that has learnt nothing. torch.topk takes any of them."""
    words = [0.0] + [0.01] * 100 + [0.0] * 100
    assert set(draws(words, name, 500)) == {1, 2, 3}


def test_greedy_takes_the_smaller_of_two_equal_words_and_draws_nothing():
    logits = torch.tensor([[0.0, 3.0, 3.0], [1.0, 0.0, 1.0]])
    assert choose_tokens(logits, DecodingStrategy.parse("greedy"), ()).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("number", "word"), [(0, 0), (0.42, 0), (0.43, 2), (0.999, 2), (1 - 2**-53, 2)]
)
def test_a_number_draws_from_the_most_probable_by_hand(number, word):
    """3/7 for word 0 and 4/7 for word 2, in the order of their ids."""
    assert (
        choose_tokens(logits_of(SIX), DecodingStrategy.parse("top2"), [Given(number)]).item()
        == word
    )


def test_a_number_outside_the_nucleus_is_drawn_again_from_the_sentence_s_own_stream():
    """By ids: word 0 up to 0.30, 1 to 0.35, 2 to 0.75, 3 to 0.80, 4 to 0.95, 5 to 1."""
    streams = [Given(0.32, 0.99, 0.1), Given(0.74), Given(0.78, 0.36, 0.5)]
    words = choose_tokens(logits_of(SIX, 3), DecodingStrategy.parse("nucleus0.5"), streams)
    assert words.tolist() == [0, 2, 2]
    assert [own.numbers for own in streams] == [[], [], [0.5]]


@pytest.mark.parametrize("name", ["sample", "nucleus0.9", "top2"])
@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_no_number_draws_a_word_of_no_probability(name, number):
    """Neither the least nor the greatest: the first word and the last are impossible."""
    logits = torch.tensor([[-1e4, 0.0, 0.5, -1e4]])
    drawn = choose_tokens(logits, DecodingStrategy.parse(name), [Given(number)]).item()
    assert drawn == (1 if number == 0 else 2)


def test_a_rounding_that_changes_ranks_changes_no_draw():
    """Another batch size may round the logits of two equal words another way."""
    less, more = 1.0, float(np.nextafter(np.float32(1), np.float32(2)))
    scheme = DecodingStrategy.parse("top3")
    for number in np.linspace(0.01, 0.99, 50):
        words = [
            choose_tokens(torch.tensor([[0.5, a, -1.0, b]]), scheme, [Given(number)]).item()
            for a, b in ((less, less), (less, more), (more, less))
        ]
        assert len(set(words)) == 1


TWELVE = [0.01, 0.17, 0.06, 0.11, 0.09, 0.24, 0.03, 0.07, 0.04, 0.13, 0.01, 0.04]


@pytest.mark.parametrize(
    "name",
    ["top5", "top5-t0.7", "nucleus0.5", "nucleus0.9", "nucleus0.9-t0.7", "sample", "sample-t1.5"],
)
def test_frequencies_are_those_of_the_exact_truncated_distribution(name):
    """Chi-squared at a significance of 0.001, over 200,000 draws."""
    counts = np.bincount(draws(TWELVE, name, 200_000), minlength=12)
    exact = exactly(TWELVE, name)
    bound = CHI_SQUARED_999[np.count_nonzero(exact) - 1]
    assert chi_squared(counts, exact) < bound
    # It would see a temperature that is off by 5%.
    off = exact ** (1 / 1.05)
    assert chi_squared(counts, off / off.sum()) > bound


def test_no_word_from_outside_the_nucleus_in_a_million_draws():
    """A probability clipped from below would leak: at 1e-4 a word, some 4,000 times here."""
    zipf = 1 / np.arange(1, 51)
    zipf /= zipf.sum()
    counts = np.bincount(draws(zipf, "nucleus0.9", 1_000_000), minlength=50)
    inside = exactly(zipf, "nucleus0.9") > 0
    assert 0.9 <= zipf[inside].sum() < 0.95
    assert counts.sum() == 1_000_000
    assert counts[~inside].sum() == 0
    assert counts[inside].min() > 0


# Often equal, and otherwise not so near that their probabilities are equal after rounding.
scores = st.integers(-500, 500).map(lambda n: n / 64)


@given(
    st.lists(scores, min_size=1, max_size=9),
    st.sampled_from(["top2", "top5-t0.5", "nucleus0.5", "nucleus0.9", "nucleus0.3-t3", "sample"]),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_what_is_drawn_is_among_the_words_that_may_be(row, name, seed):
    scheme = DecodingStrategy.parse(name)
    word = choose_tokens(torch.tensor([row]), scheme, [sentence_rng((seed,), 0)]).item()
    heated = np.exp(np.array(row) / scheme.temperature)
    before = [v for v in range(len(row)) if (-row[v], v) < (-row[word], word)]
    if scheme.top_k:
        assert len(before) < scheme.top_k
    assert heated[before].sum() / heated.sum() < scheme.nucleus + 1e-5


@pytest.mark.parametrize("name", ["top3", "nucleus0.5", "nucleus0.9-t0.7", "sample"])
def test_a_row_draws_as_it_would_alone(name):
    """Sentences beside it draw once or often; its stream and its word are the same."""
    scheme, own = DecodingStrategy.parse(name), partial(sentence_rng, (3, 1))
    logits = 2 * torch.randn(40, 12, generator=torch.Generator().manual_seed(5))
    logits[::4] = logits[0]
    together = [own(sentence) for sentence in range(40)]
    alone = [own(sentence) for sentence in range(40)]
    for _ in range(3):
        words = choose_tokens(logits, scheme, together).tolist()
        assert words == [
            choose_tokens(logits[i : i + 1], scheme, alone[i : i + 1])[0] for i in range(40)
        ]
    assert [a.random() for a in together] == [a.random() for a in alone]


def test_each_sentence_has_a_stream_of_its_own():
    """Other sentences, other copies, other seeds: other numbers, and none that go together."""
    numbers = sentence_rng((1, 2), 5).random(20_000)
    np.testing.assert_array_equal(numbers, sentence_rng((1, 2), 5).random(20_000))
    assert abs(numbers.mean() - 0.5) < 4 / (12 * 20_000) ** 0.5
    for seed, sentence in [((1, 2), 4), ((1, 2), 6), ((1, 1), 5), ((2, 1), 5), ((2, 2), 5)]:
        other = sentence_rng(seed, sentence).random(20_000)
        assert abs(np.corrcoef(numbers, other)[0, 1]) < 4 / 20_000**0.5
        # A stream that began a little later than another would have numbers in common with it.
        assert not set(numbers) & set(other)


def test_the_first_numbers_of_neighbouring_sentences_are_uniform_and_independent():
    """What a reader would draw of each sentence's first word: chi-squared over ten intervals."""
    first, second = np.array([sentence_rng((1, 1), i).random(2) for i in range(5000)]).T
    for numbers in (first, second, (first[1:] - first[:-1]) % 1, (second - first) % 1):
        counts = np.histogram(numbers, bins=10, range=(0, 1))[0]
        assert chi_squared(counts, np.full(10, 0.1)) < CHI_SQUARED_999[9]
