"""The preference between two sentences, against what each of them costs by itself."""

import random

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, OneByOne, lively_decoder, lively_model
from textvae.errors import InputError
from textvae.measurements import log_odds as module
from textvae.measurements.log_odds import Question, log_odds
from textvae.models.batches import pack
from tiny import MODEL
from tiny_language_model import lively_language_model

CODES = torch.randn(5, MODEL.architecture.latent, generator=torch.Generator().manual_seed(1))


def random_questions(count: int, seed: int = 1) -> list[Question]:
    """Many begin alike under one code; some end where the other sentence goes on."""
    draw = random.Random(seed)
    ids = range(1, len(VOCABULARY))
    stems = [draw.choices(ids, k=draw.randint(0, 4)) for _ in range(6)]
    questions = []
    for _ in range(count):
        stem = draw.choice(stems)
        endings = [draw.choices(ids, k=draw.randint(0, 3)) for _ in range(2)]
        first, second = ((*stem, *ending) for ending in endings)
        questions.append(Question(draw.randrange(len(CODES)), first, second))
    return questions


def one_at_a_time(model, questions, codes=CODES):
    """log p(first|z) - log p(second|z), each sentence whole and in a batch of its own."""

    def log_p(sentence, z):
        return -model.distortion(pack([np.array(sentence, dtype=int)]), z[None]).item()

    return [log_p(q.first, codes[q.code]) - log_p(q.second, codes[q.code]) for q in questions]


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_what_is_shared_changes_nothing(decoder):
    model, questions = lively_decoder(decoder), random_questions(300)
    found = log_odds(model, CODES, questions, torch.float32, "test")
    slow = one_at_a_time(model, questions)
    np.testing.assert_allclose(found, slow, atol=2e-5)
    assert ((found > 0) == (np.array(slow) > 0)).all()
    # They are worth asking: preferences of both kinds, by nats.
    assert 0.2 < np.mean(found > 0) < 0.8
    assert np.abs(found).mean() > 1


def test_in_double_precision_and_word_by_word():
    model, questions = lively_model().model, random_questions(40, seed=2)
    slow = OneByOne(model)
    expected = [
        slow.distortion(q.second, CODES[q.code]) - slow.distortion(q.first, CODES[q.code])
        for q in questions
    ]
    found = log_odds(model, CODES, questions, torch.float32, "test")
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_language_model_has_one_code_of_no_dimensions():
    model = lively_language_model()
    questions = [question._replace(code=0) for question in random_questions(60)]

    def log_p(sentence):
        return -model.token_nll(pack([np.array(sentence, dtype=int)])).sum().item()

    found = log_odds(model, torch.empty(1, 0), questions, torch.float32, "test")
    np.testing.assert_allclose(
        found, [log_p(q.first) - log_p(q.second) for q in questions], atol=2e-5
    )


def test_the_same_sentence_twice_is_a_tie_to_the_last_bit():
    question = Question(0, (5, 1, 4), (5, 1, 4))
    others = random_questions(20)
    found = log_odds(lively_model().model, CODES, [*others, question], torch.float32, "test")
    assert found[-1] == 0.0
    alone = log_odds(lively_model().model, CODES, [question], torch.float32, "test")
    assert alone.tolist() == [0.0]


def test_the_other_way_about_is_the_other_sign():
    model, questions = lively_model().model, random_questions(50)
    turned = [Question(q.code, q.second, q.first) for q in questions]
    forth = log_odds(model, CODES, questions, torch.float32, "test")
    np.testing.assert_allclose(
        forth, -log_odds(model, CODES, turned, torch.float32, "test"), atol=2e-5
    )


def test_questions_are_answered_where_they_stand_however_they_are_cut(monkeypatch):
    model, questions = lively_model().model, random_questions(50)
    questions += questions[:10]
    found = log_odds(model, CODES, questions, torch.float32, "test")
    assert (found[:10] == found[50:]).all()
    monkeypatch.setattr(module, "QUESTIONS_PER_WALK", 7)
    cut = log_odds(model, CODES, questions, torch.float32, "test")
    np.testing.assert_allclose(cut, found, atol=2e-5)


def test_each_prefix_is_read_once(monkeypatch):
    model = lively_model().model
    steps = []
    step = model.decoder.step
    monkeypatch.setattr(
        model.decoder, "step", lambda words, *rest: steps.append(len(words)) or step(words, *rest)
    )
    # 2 3 4 and 2 3 5 share two words; 2 6 one; under another code nothing is shared.
    questions = [Question(0, (2, 3, 4), (2, 3, 5)), Question(0, (2, 3, 4), (2, 6))]
    log_odds(model, CODES, questions, torch.float32, "test")
    # <eos>; 2; 2 3 and 2 6; 2 3 4 and 2 3 5.
    assert steps == [1, 1, 2, 2]
    steps.clear()
    log_odds(model, CODES, [*questions, Question(1, (2, 3, 4), (2, 6))], torch.float32, "test")
    assert steps == [2, 2, 4, 3]


def test_what_is_close_in_bfloat16_is_decided_in_float32(monkeypatch):
    model, questions = lively_model().model, random_questions(400)
    exact = log_odds(model, CODES, questions, torch.float32, "test")
    rounded = log_odds(model, CODES, questions, torch.bfloat16, "test")
    close = np.abs(rounded) < module.CLOSE
    assert 0 < close.sum() < 200
    np.testing.assert_allclose(rounded[close], exact[close], atol=2e-5)
    assert ((rounded > 0) == (exact > 0)).all()
    # Elsewhere bfloat16 shows, by less than what counts as close.
    assert 1e-4 < np.abs(rounded - exact).max() < module.CLOSE
    monkeypatch.setattr(module, "CLOSE", 0.0)
    monkeypatch.setattr(module, "CLOSE_A_WORD", 0.0)
    unchecked = log_odds(model, CODES, questions, torch.bfloat16, "test")
    assert np.abs(unchecked[close] - exact[close]).max() > 1e-4


def test_long_endings_are_close_from_farther_off(monkeypatch):
    asked = []
    walk = module._walk

    def walked(model, codes, questions, precision):
        asked.append((precision, len(questions)))
        return walk(model, codes, questions, precision)

    monkeypatch.setattr(module, "_walk", walked)
    monkeypatch.setattr(module, "CLOSE", 0.0)
    # Of the first question two ends are priced, of the second two words and the end of each.
    questions = [Question(0, (2, 3), (2, 4)), Question(0, (5, 3, 3), (6, 3, 3))]
    model = lively_model().model
    odds = np.abs(log_odds(model, CODES, questions, torch.float32, "test"))
    for a_word, again in ((odds[1] / 6, 1), (odds[1] / 8, 0)):
        assert odds[0] > 2 * a_word
        asked.clear()
        monkeypatch.setattr(module, "CLOSE_A_WORD", a_word * 1.01)
        log_odds(model, CODES, questions, torch.bfloat16, "test")
        assert asked == [(torch.bfloat16, 2), (torch.float32, 1)][: 1 + again]


# The second is finite, and its products are not.
@pytest.mark.parametrize("damage", [float("nan"), 3e38])
def test_damaged_weights_are_no_preference(damage):
    model = lively_model().model
    with torch.no_grad():
        model.output.weight[3:8] = damage
    with pytest.raises(InputError, match=r"^p1: log-odds are not finite: the weights are damaged$"):
        log_odds(model, CODES, random_questions(20), torch.float32, "p1")
