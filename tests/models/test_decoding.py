"""Decoding of codes: ends of sentences, batches, and the choice of the next word."""

import math
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from one_by_one import LATENT, OneByOne, lively_decoder, lively_model
from textvae.errors import InputError
from textvae.models import decoding
from textvae.models.batches import pack
from textvae.models.decoding import Decoded, WordChoice, choose_tokens, decode, greedy, sentence_rng
from textvae.schemes import DecodingStrategy
from tiny import ENCODERS

CODES = 2 * torch.randn(50, LATENT, generator=torch.Generator().manual_seed(1))
STEPS = 12
STRATEGIES = ["greedy", "top5", "nucleus0.9-t0.7"]


@pytest.fixture
def model():
    return lively_model().model


@pytest.fixture(params=ENCODERS)
def any_model(request):
    return lively_decoder(request.param)


def sentences(model, name="nucleus0.9-t0.7", codes=CODES, seed=(1, 1), steps=STEPS):
    return list(decode(model, codes, steps, DecodingStrategy.parse(name), seed))


def test_greedy_decoding_equals_that_of_single_sentences(model):
    with torch.no_grad():
        model.output.bias[0] += 1
    oracle = OneByOne(model)
    decoded = greedy(model, CODES.clone().requires_grad_(), steps=15)
    assert decoded == [oracle.greedy(code, steps=15) for code in CODES]
    # Some end at once, some later, some are cut.
    assert {len(sentence) for sentence in decoded} == {0, 1, 2, 15}
    assert greedy(model, CODES, 4) == [sentence[:4] for sentence in decoded]
    assert greedy(model, CODES[:3], steps=0) == [[], [], []]
    assert greedy(model, CODES[:0], steps=4) == []


@pytest.mark.parametrize("name", STRATEGIES)
def test_sentence_depends_on_its_code_and_stream_alone(any_model, monkeypatch, name):
    decoded = sentences(any_model, name)
    assert len({tuple(sentence.ids) for sentence in decoded}) > 15
    assert len({len(sentence.ids) for sentence in decoded}) > 3
    assert 0 < sum(not sentence.ended for sentence in decoded) < 30
    others = torch.cat([CODES[:9], torch.randn(300, LATENT)])
    assert sentences(any_model, name, others)[:9] == decoded[:9]
    for size in (1, 7):
        monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", size)
        assert sentences(any_model, name) == decoded
    # In another order, each with its own stream.
    order = torch.randperm(len(CODES)).tolist()
    monkeypatch.setattr(decoding, "sentence_rng", lambda seed, i: sentence_rng(seed, order[i]))
    assert sentences(any_model, name, CODES[order]) == [decoded[i] for i in order]


@torch.no_grad()
def test_features_word_by_word_equal_those_of_whole_sentences(any_model):
    ids = torch.randint(1, 22, (len(CODES), STEPS))
    batch, previous, state = pack([*ids.numpy()]), torch.zeros(len(CODES), dtype=torch.int64), None
    whole = any_model.decoder(any_model.embedding(batch.previous), batch.arrange(CODES), batch)
    for step, words in enumerate([*ids.T, None]):
        features, state = any_model.decoder.step(any_model.embedding(previous), CODES, state)
        expected = batch.restore(whole[batch.steps == step])
        torch.testing.assert_close(features, expected, rtol=0, atol=1e-5)
        previous = words


def test_draws_depend_on_seed_copy_and_number(model):
    codes = CODES[:1].expand(40, -1)
    decoded = sentences(model, codes=codes)
    assert decoded == sentences(model, codes=codes)
    assert len({tuple(sentence.ids) for sentence in decoded}) > 10
    for seed in ((1, 2), (2, 1)):
        assert sentences(model, codes=codes, seed=seed) != decoded
    # Greedy decoding draws nothing.
    assert len({tuple(s.ids) for s in sentences(model, "greedy", codes)}) == 1
    assert sentences(model, "greedy") == sentences(model, "greedy", seed=(2, 1))


def test_end_mark_must_come_within_the_steps(model):
    """A sentence of n words has ended after n + 1 steps, and not after n."""
    ended = [(i, sentence) for i, sentence in enumerate(sentences(model)) if sentence.ended]
    assert len(ended) > 10
    for length in {len(sentence.ids) for _, sentence in ended}:
        longer, shorter = (sentences(model, steps=steps) for steps in (length + 1, length))
        for number, sentence in ended:
            if len(sentence.ids) == length:
                assert longer[number] == sentence
                assert shorter[number] == Decoded(sentence.ids, False)


def test_ended_sentences_are_not_computed(any_model, monkeypatch):
    step = Mock(wraps=any_model.decoder.step)
    monkeypatch.setattr(any_model.decoder, "step", step)
    decoded = sentences(any_model, "sample-t2", steps=1000)
    steps = [len(sentence.ids) + sentence.ended for sentence in decoded]
    assert max(steps) < 1000
    rows = [len(call.args[0]) for call in step.call_args_list]
    assert rows == [sum(own > now for own in steps) for now in range(max(steps))]


def test_batches_are_decoded_only_when_needed(model, monkeypatch):
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", 5)
    streams = Mock(wraps=sentence_rng)
    monkeypatch.setattr(decoding, "sentence_rng", streams)
    next(decode(model, CODES, STEPS, DecodingStrategy.parse("top5")))
    assert [call.args[1] for call in streams.call_args_list] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["greedy", "top3", "nucleus0.9", "sample"])
def test_logits_that_are_not_finite_are_refused(model, name):
    with torch.no_grad():
        model.output.bias[1] = math.nan
    with pytest.raises(InputError, match=r"^logit .*not finite"):
        sentences(model, name)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", STRATEGIES)
def test_sentences_are_the_same_on_a_gpu(any_model, name):
    expected = sentences(any_model, name)
    assert sentences(any_model.cuda(), name) == expected


# Words 0 to 5; the rare ones are equally probable.
SIX = [0.30, 0.05, 0.40, 0.05, 0.15, 0.05]
TWELVE = [0.01, 0.17, 0.06, 0.11, 0.09, 0.24, 0.03, 0.07, 0.04, 0.13, 0.01, 0.04]


class Numbers(list):
    """A random stream of given numbers."""

    def random(self) -> float:
        return self.pop(0)


def logits_of(probabilities, rows: int = 1) -> torch.Tensor:
    return torch.tensor(probabilities, dtype=torch.float64).log().float().expand(rows, -1)


def choose(logits, name: str, *streams) -> list[int]:
    return choose_tokens(logits, DecodingStrategy.parse(name), streams).tolist()


def draws(probabilities, name: str, count: int) -> np.ndarray:
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


def p_value(counts: np.ndarray, exact: np.ndarray) -> float:
    """Return that of Pearson's test; no count may be where the probability is 0."""
    possible = exact > 0
    assert counts[~possible].sum() == 0
    return chisquare(counts[possible], counts.sum() * exact[possible]).pvalue


@pytest.mark.parametrize(
    ("name", "possible"),
    [
        ("greedy", {2}),
        *(("top2", {2, 0}), ("top6", {*range(6)}), ("top100", {*range(6)})),
        # Of equally probable words the smaller ids are taken.
        *(("top4", {2, 0, 4, 1}), ("top5", {2, 0, 4, 1, 3})),
        # Cumulative 0.4, 0.7, 0.85, 0.9, 0.95: the crossing word is kept (Holtzman et al. 2019).
        *(("nucleus0.01", {2}), ("nucleus0.39", {2}), ("nucleus0.41", {2, 0})),
        *(("nucleus0.69", {2, 0}), ("nucleus0.71", {2, 0, 4}), ("nucleus0.86", {2, 0, 4, 1})),
        *(("nucleus0.91", {2, 0, 4, 1, 3}), ("nucleus0.96", {*range(6)}), ("sample", {*range(6)})),
        # Cumulative after squaring: 0.57, 0.89; after square roots: 0.28, 0.53.
        *(("nucleus0.5-t0.5", {2}), ("nucleus0.6", {2, 0}), ("nucleus0.6-t2", {2, 0, 4})),
        # Temperature does not change ranks.
        *(("top3-t0.5", {2, 0, 4}), ("top3-t10", {2, 0, 4})),
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
    assert choose(logits_of(SIX), "top2", Numbers([number])) == [word]


def test_draw_outside_the_nucleus_is_repeated_from_the_same_stream():
    """By ids: word 0 up to 0.30, 1 to 0.35, 2 to 0.75, 3 to 0.80, 4 to 0.95, 5 to 1."""
    streams = [Numbers([0.32, 0.99, 0.1]), Numbers([0.74]), Numbers([0.78, 0.36, 0.5])]
    assert choose(logits_of(SIX, 3), "nucleus0.5", *streams) == [0, 2, 2]
    assert streams == [[], [], [0.5]]


@pytest.mark.parametrize("name", ["sample", "nucleus0.9", "top2"])
@pytest.mark.parametrize(("number", "word"), [(0.0, 1), (1 - 2**-53, 2)])
def test_extreme_numbers_draw_no_word_of_probability_zero(name, number, word):
    """The first and the last word are impossible."""
    logits = torch.tensor([[-1e4, 0.0, 0.5, -1e4]])
    assert choose(logits, name, Numbers([number])) == [word]


def test_rounding_that_changes_ranks_changes_no_draw():
    """The logits of two equal words may be rounded differently in another batch size."""
    less, more = 1.0, float(np.nextafter(np.float32(1), np.float32(2)))
    rows = torch.tensor([[0.5, a, -1.0, b] for a, b in ((less, less), (less, more), (more, less))])
    for number in np.linspace(0.01, 0.99, 50):
        assert len({*choose(rows, "top3", *(Numbers([number]) for _ in rows))}) == 1


@pytest.mark.parametrize(
    "name", ["top5", "top5-t0.7", "nucleus0.5", "nucleus0.9", "nucleus0.9-t0.7", "sample-t1.5"]
)
def test_frequencies_are_those_of_the_truncated_distribution(name):
    counts = np.bincount(draws(TWELVE, name, 200_000), minlength=12)
    exact = exactly(TWELVE, name)
    assert p_value(counts, exact) > 0.001
    # A temperature wrong by 5% would be noticed.
    wrong = exact ** (1 / 1.05)
    assert p_value(counts, wrong / wrong.sum()) < 0.001


def test_sentences_copies_and_seeds_have_independent_streams():
    numbers = sentence_rng((1, 2), 5).random(20_000)
    np.testing.assert_array_equal(numbers, sentence_rng((1, 2), 5).random(20_000))
    assert abs(numbers.mean() - 0.5) < 4 / (12 * 20_000) ** 0.5
    for seed, sentence in [((1, 2), 4), ((1, 2), 6), ((1, 1), 5), ((2, 1), 5), ((2, 2), 5)]:
        other = sentence_rng(seed, sentence).random(20_000)
        assert abs(np.corrcoef(numbers, other)[0, 1]) < 4 / 20_000**0.5
        # A stream that started later in the same sequence would share numbers.
        assert not set(numbers) & set(other)


@torch.no_grad()
def test_greedy_choice_in_bfloat16_is_that_of_exact_logits(model):
    torch.manual_seed(1)
    output = torch.nn.Linear(16, 300)
    # Words that bfloat16 cannot tell apart, but float32 can, and words that are equal.
    output.weight[100:200] = output.weight[:100] * (1 + 1e-4)
    output.weight[200:300] = output.weight[:100]
    output.bias.copy_((torch.arange(300) % 100) / 1e3)
    model.output, features = output, 3 * torch.randn(500, 16)
    model.inference_precision = torch.bfloat16
    chosen = WordChoice(model, DecodingStrategy.parse("greedy"))(features, ())
    exact = features.double() @ output.weight.double().t() + output.bias.double()
    assert chosen.tolist() == exact.argmax(1).tolist()
    rounded = (features.bfloat16() @ output.weight.bfloat16().t()).float() + output.bias
    assert (rounded.argmax(1) != chosen).sum() > 100
    # Of equal words the smallest id.
    assert chosen.max() < 200


def test_draws_from_many_words_are_those_of_cumulative_probabilities():
    torch.manual_seed(1)
    logits = 3 * torch.randn(40, 1000)
    logits[:, 500:] = logits[:, :500].round()
    probabilities = logits.softmax(1).double()
    for name, nucleus in (("nucleus0.9", 0.9), ("nucleus0.5", 0.5), ("sample", 1.0)):
        streams = [sentence_rng((7,), row) for row in range(40)]
        drawn = choose_tokens(logits, DecodingStrategy.parse(name), streams).tolist()
        expected = []
        for number, row in enumerate(probabilities):
            stream = sentence_rng((7,), number)
            ranks = row.sort(descending=True, stable=True).indices
            before = torch.zeros(1000, dtype=torch.float64)
            before[ranks[1:]] = row[ranks].cumsum(0)[:-1]
            word = None
            while word is None or (nucleus < 1 and before[word] >= nucleus):
                word = int(torch.searchsorted(row.cumsum(0), stream.random() * row.sum()))
            expected.append(word)
        assert drawn == expected
