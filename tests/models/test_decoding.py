"""Codes to sentences: when they end, and that batches do not matter."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_decoder, lively_model
from textvae.models import decoding
from textvae.models.batches import pack
from textvae.models.decoding import Decoded, decode, greedy, sentence_rng
from textvae.schemes import DecodingStrategy
from tiny import ENCODERS

CODES = 2 * torch.randn(50, LATENT, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def model():
    return lively_model().model


@pytest.mark.parametrize("batch", [1, 7, 1024])
def test_in_batches_as_one_after_the_other(model, monkeypatch, batch):
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", batch)
    alone = OneByOne(model)
    sentences = greedy(model, CODES, steps=15)
    assert sentences == [alone.greedy(code, steps=15) for code in CODES]
    # Some end at once, some later, some not in time.
    lengths = {len(sentence) for sentence in sentences}
    assert len(lengths) > 4
    assert max(lengths) == 15


def test_fewer_steps_cut_and_change_nothing_else(model):
    for short, long in zip(greedy(model, CODES, 4), greedy(model, CODES, 15), strict=True):
        assert short == long[:4]


def test_no_steps_no_words(model):
    assert greedy(model, CODES[:3], steps=0) == [[], [], []]


def test_no_end_mark_is_among_the_words_and_nothing_follows_it(model):
    with torch.no_grad():
        model.output.bias[0] += 1
    sentences = greedy(model, CODES, steps=15)
    assert all(0 not in sentence for sentence in sentences)
    assert any(sentence == [] for sentence in sentences)


def test_decoding_keeps_no_gradients(model):
    CODES_WITH_GRADIENT = CODES.clone().requires_grad_()
    assert greedy(model, CODES_WITH_GRADIENT, steps=3) == greedy(model, CODES, steps=3)


STEPS = 12
SCHEMES = ["greedy", "top5", "nucleus0.9-t0.7"]


@pytest.fixture(params=ENCODERS)
def each(request):
    return lively_decoder(request.param)


def sentences(model, name="nucleus0.9-t0.7", codes=CODES, seed=(1, 1), steps=STEPS):
    return list(decode(model, codes, steps, DecodingStrategy.parse(name), seed))


@pytest.fixture
def seen(monkeypatch):
    """Fills up with the logits that each sentence's words were chosen from: number -> steps."""
    seen = defaultdict(list)

    class Numbered:
        def __init__(self, seed, number):
            self.number, self.random = number, sentence_rng(seed, number).random

    def choose(logits, scheme, streams):
        for own, row in zip(streams, logits, strict=True):
            seen[own.number].append(row)
        return choose_unseen(logits, scheme, streams)

    choose_unseen = decoding.choose_tokens
    monkeypatch.setattr(decoding, "sentence_rng", Numbered)
    monkeypatch.setattr(decoding, "choose_tokens", choose)
    return seen


@pytest.mark.parametrize("name", SCHEMES)
def test_each_decoder_says_the_same_in_batches_of_any_size(each, monkeypatch, name):
    said = []
    for size in (1, 7, 1024):
        monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", size)
        said.append(sentences(each, name))
    assert said[0] == said[1] == said[2]
    # They are sentences of many kinds, and some did not end in time.
    assert len({tuple(sentence.ids) for sentence in said[0]}) > 15
    assert len({len(sentence.ids) for sentence in said[0]}) > 3
    assert 0 < sum(not sentence.ended for sentence in said[0]) < 30


def test_each_word_is_chosen_from_the_same_logits_in_batches_of_any_size(each, monkeypatch, seen):
    """To 1e-5: products of matrices may be rounded in another order."""
    logits = []
    for size in (1, 7, 1024):
        monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", size)
        seen.clear()
        sentences(each)
        logits.append({number: torch.stack(steps) for number, steps in seen.items()})
    alone, *batched = logits
    assert sorted(alone) == list(range(len(CODES)))
    for others in batched:
        for number, expected in alone.items():
            torch.testing.assert_close(others[number], expected, rtol=0, atol=1e-5)


def test_word_by_word_a_decoder_has_the_logits_of_the_whole_sentence(each, seen):
    """What training reads at once: the words before each one, and the code."""
    said = sentences(each)
    batch = pack([np.array(sentence.ids, dtype=np.int64) for sentence in said])
    with torch.no_grad():
        z = batch.arrange(CODES)
        read = each.output(each.decoder(each.embedding(batch.previous), z, batch))
    for row, number in enumerate(batch.order.tolist()):
        # A sentence that was cut has no word after its last.
        steps = len(seen[number])
        assert steps == len(said[number].ids) + said[number].ended
        expected = read[batch.rows == row][:steps]
        torch.testing.assert_close(torch.stack(seen[number]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_sentence_depends_on_its_code_and_its_stream_alone(each, name):
    scheme, streams = (
        DecodingStrategy.parse(name),
        [sentence_rng((1, 1), i) for i in range(len(CODES))],
    )
    said = sentences(each, name)
    # The first of fewer; and beside others.
    assert sentences(each, name, CODES[:9]) == said[:9]
    others = torch.cat([CODES[:9], torch.randn(300, LATENT)])
    assert sentences(each, name, others)[:9] == said[:9]
    # In another order, each with the stream that was its own.
    order = torch.randperm(len(CODES)).tolist()
    with torch.no_grad():
        shuffled = decoding._batch(each, CODES[order], STEPS, scheme, [streams[i] for i in order])
    assert shuffled == [said[i] for i in order]


def test_the_draws_of_a_sentence_follow_from_seed_copy_and_number(model):
    same_code = CODES[:1].expand(40, -1)
    said = sentences(model, codes=same_code)
    assert said == sentences(model, codes=same_code)
    assert len({tuple(sentence.ids) for sentence in said}) > 10
    for seed in ((1, 2), (2, 1)):
        assert sentences(model, codes=same_code, seed=seed) != said
    # Greedy decoding draws nothing, so neither matters.
    assert len({tuple(s.ids) for s in sentences(model, "greedy", same_code)}) == 1
    assert sentences(model, "greedy") == sentences(model, "greedy", seed=(2, 1))


def test_sentences_are_cut_at_the_last_step_and_said_not_to_have_ended(model):
    with torch.no_grad():
        model.output.bias[0] = -100
    for sentence in sentences(model, steps=6):
        assert (len(sentence.ids), sentence.ended) == (6, False)


def test_a_sentence_that_ends_at_once_is_empty_and_has_ended(model):
    with torch.no_grad():
        model.output.bias[0] = 100
    assert sentences(model) == [Decoded([], True)] * len(CODES)


def test_the_end_mark_must_come_within_the_steps(model):
    """Of n words and an end, a sentence has ended after n + 1 steps, and not after n."""
    ended = [(i, said) for i, said in enumerate(sentences(model)) if said.ended]
    assert len(ended) > 10
    for number, said in ended:
        length = len(said.ids)
        assert sentences(model, steps=length + 1)[number] == said
        assert sentences(model, steps=length)[number] == Decoded(said.ids, False)


def test_decoding_stops_when_all_have_ended_and_the_ended_cost_nothing(each, monkeypatch):
    rows = []
    step = each.decoder.step
    monkeypatch.setattr(
        each.decoder, "step", lambda words, *others: rows.append(len(words)) or step(words, *others)
    )
    said = sentences(each, "sample-t2", steps=1000)
    taken = [len(sentence.ids) + sentence.ended for sentence in said]
    assert max(taken) < 1000
    assert rows == [sum(steps > now for steps in taken) for now in range(max(taken))]


def test_batches_come_as_they_are_done(model, monkeypatch):
    """A reader of the first sentence need not wait for the last."""
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", 5)
    calls = []
    batch = decoding._batch
    monkeypatch.setattr(decoding, "_batch", lambda *a: calls.append(1) or batch(*a))
    next(decode(model, CODES, STEPS, DecodingStrategy.parse("greedy")))
    assert len(calls) == 1


def exactly(model, code, name: str) -> dict[tuple[int, ...], float]:
    """The distribution of sentences cut after two words, word by word in float64."""
    alone, scheme = OneByOne(model), DecodingStrategy.parse(name)

    def chances(said, state):
        following, state = alone._next(said, code, state)
        heated = following.probs.numpy() ** (1 / scheme.temperature)
        kept, mass = {}, 0.0
        for word in np.argsort(-heated)[: scheme.top_k]:
            if mass < scheme.nucleus * heated.sum():
                kept[int(word)] = heated[word]
                mass += heated[word]
        return {word: heat / mass for word, heat in kept.items()}, state

    whole = {}
    with torch.no_grad():
        firsts, state = chances(0, None)
        for first, p in firsts.items():
            seconds = chances(first, state)[0] if first else {0: 1.0}
            for second, q in seconds.items():
                whole[tuple(word for word in (first, second) if word)] = p * q
    return whole


@pytest.mark.parametrize(
    ("name", "code", "possible", "bound"),
    # What the statistic of a right sampler stays below in 999 of 1,000 runs, by the number of
    # sentences that are possible.
    [("top3", 0, 7, 22.458), ("top3-t0.7", 2, 9, 26.124), ("nucleus0.5-t0.7", 0, 12, 31.264)],
)
def test_sentences_come_as_often_as_their_probability_says(model, name, code, possible, bound):
    """Chi-squared at a significance of 0.001, over 5,000 sentences of one code."""
    exact = exactly(model, CODES[code], name)
    said = sentences(model, name, CODES[code].expand(5000, -1), steps=2)
    counts = Counter(tuple(sentence.ids) for sentence in said)
    assert counts.keys() == exact.keys()
    assert len(exact) == possible
    assert sum((counts[s] - 5000 * p) ** 2 / (5000 * p) for s, p in exact.items()) < bound


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", SCHEMES)
def test_on_a_gpu_the_same_is_said(each, name):
    expected = sentences(each, name)
    assert sentences(each.cuda(), name) == expected
