"""A language model from scratch: it learns, stops early, and survives being stopped."""

import json
import math
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from one_by_one import VOCABULARY, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce import training
from textvae.fce.dictionary import hold_out
from textvae.fce.kneser_ney import Scores
from textvae.fce.settings import LanguageModelSettings
from textvae.fce.training import LanguageModelTrainer, train
from textvae.models import language_model
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel, score
from textvae.runtime.signals import Stopped
from textvae.settings import check
from textvae.training.checkpoints import Checkpoint
from textvae.training.fingerprint import digest
from textvae.training.trainer import Trainer
from tiny import CPU
from tiny_language_model import SIZES, text_task


def record(folder):
    """The training record, without what depends on the machine's speed."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    return lines


def held_out_losses(folder):
    """Nats a sentence on the held-out text, an epoch each."""
    return [line["loss"] for line in record(folder) if line.get("split") == "valid"]


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def outcome(folder):
    """All that must be the same, bit for bit."""
    return weights(folder), (folder / "config.json").read_text(), record(folder)


def test_it_learns_and_is_saved_with_all_it_needs(tmp_path):
    task = text_task()
    train(task, tmp_path / "lm", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "lm")
    # What it would cost to take every word for as likely as any other.
    _, held_out = hold_out(task.text, 0.2, task.seed)
    ignorance = (held_out.lengths + 1).mean() * math.log(len(VOCABULARY))
    assert losses[0] < ignorance
    assert losses[-1] < losses[0] - 1
    model, dictionary = language_model.load(tmp_path / "lm", CPU)
    assert dictionary.digest == VOCABULARY.digest
    assert score(model, held_out).nll.mean() == min(losses)
    assert not (tmp_path / "keep").exists()
    told = json.loads((tmp_path / "lm/config.json").read_text())["training"]
    assert told == {**task.identity, "held_out_nats": min(losses)}


def test_it_learns_from_the_rest_alone(tmp_path, monkeypatch):
    seen = []
    advance = Trainer.advance

    def advance_and_tell(self, batch):
        seen.extend(batch.lengths.tolist())
        advance(self, batch)

    monkeypatch.setattr(Trainer, "advance", advance_and_tell)
    # Sentences that are told apart by their lengths; a fifth of them is held out.
    text = Sentences.of([[2] * length for length in range(20)])
    task = replace(text_task(epochs=2), text=text)
    train(task, tmp_path / "lm", tmp_path / "keep", 10)
    rest, held_out = hold_out(text, 0.2, task.seed)
    assert len(held_out) == 4
    # Every sentence that is left, with its end, once an epoch.
    assert sorted(seen) == sorted([*(rest.lengths + 1)] * 2)


def follow(monkeypatch, losses):
    """Have the held-out text cost, epoch after epoch, what a script says."""
    script = iter(losses)

    def scripted(model, sentences):
        return Scores(*2 * (np.full(len(sentences), next(script)),))

    monkeypatch.setattr(training, "score", scripted)


@pytest.mark.parametrize(
    ("patience", "losses", "best"),
    [
        # It stops in the first epoch without gain,
        (1, [9, 8, 8.5], 2),
        # and where it gains nothing, too.
        (1, [9, 8, 8], 2),
        # Epochs without gain count in a row: the fourth makes good for the third.
        (2, [9, 8, 8.5, 7, 7.5, 7.25], 4),
        # Never, where there is always gain: the last epoch is the eighth.
        (1, [9, 8, 7, 6, 5, 4, 3, 2], 8),
        # The last epochs are over before patience is.
        (9, [9, 2, 7, 6, 5, 4, 3, 8], 2),
    ],
)
def test_patience_and_the_best_epochs_weights(tmp_path, monkeypatch, patience, losses, best):
    follow(monkeypatch, losses)
    train(text_task(epochs=8, patience=patience), tmp_path / "lm", tmp_path / "keep", 10)
    assert held_out_losses(tmp_path / "lm") == losses
    assert record(tmp_path / "lm")[-1]["epoch"] == len(losses)
    # Without decay, so many epochs of one recipe are the first ones of a longer one.
    follow(monkeypatch, range(best, 0, -1))
    train(text_task(epochs=best), tmp_path / "short", tmp_path / "keep", 10)
    assert weights(tmp_path / "lm") == weights(tmp_path / "short")
    config = json.loads((tmp_path / "lm/config.json").read_text())
    assert config["training"]["held_out_nats"] == min(losses)


def test_a_text_of_noise_is_not_learnt_by_heart(tmp_path):
    """Random words, few sentences and high rates: the text's own loss falls, that of others not."""
    task = text_task(epochs=40, patience=2, learning_rate=0.1)
    task = replace(task, text=random_sentences(60))
    train(task, tmp_path / "lm", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "lm")
    assert len(losses) < 40
    assert min(losses) == losses[-3] < losses[-1]


def stop_after_each_step(monkeypatch):
    advance = Trainer.advance

    def advance_and_be_stopped(self, batch):
        advance(self, batch)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Trainer, "advance", advance_and_be_stopped)


def test_stopped_after_every_step_and_resumed_it_gives_the_same_bits(tmp_path, monkeypatch, capsys):
    # Early stopping has a part in it: of the epochs there are some without gain, and the weights
    # that are saved are of an epoch before the last.
    task = text_task(30, epochs=20, patience=3, learning_rate=0.1)
    train(task, tmp_path / "undisturbed", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "undisturbed")
    assert len(losses) < 20
    assert np.argmin(losses) == len(losses) - 4 > 0
    stop_after_each_step(monkeypatch)
    stops = 0
    while not (tmp_path / "lm/config.json").exists():
        try:
            train(task, tmp_path / "lm", tmp_path / "keep", 10)
        except Stopped:
            stops += 1
    # 24 sentences to learn: two steps an epoch. The last one is not stopped, it is the end.
    assert stops == 2 * len(losses) - 1
    assert f"tiny/text  resuming after step {stops} of 40\n" in capsys.readouterr().err
    assert outcome(tmp_path / "lm") == outcome(tmp_path / "undisturbed")
    assert not (tmp_path / "keep").exists()


def test_before_the_first_epochs_end_the_best_weights_are_the_first_ones(tmp_path, monkeypatch):
    stop_after_each_step(monkeypatch)
    with pytest.raises(Stopped, match="tiny/text: stopped after step 1"):
        train(text_task(), tmp_path / "lm", tmp_path / "keep", 10)
    (folder,) = (tmp_path / "keep").iterdir()
    (checkpoint,) = folder.glob("step*")
    tensors = safetensors.torch.load_file(checkpoint)
    assert tensors["early_stopping"].tolist() == [math.inf, 0]
    torch.manual_seed(text_task().seed)
    first = LanguageModel(SIZES, len(VOCABULARY)).state_dict()
    assert all(torch.equal(tensors[f"best.{name}"], first[name]) for name in first)


@pytest.mark.parametrize("name", ["best.output.bias", "early_stopping", "model.output.bias"])
def test_a_checkpoint_that_lacks_something_is_known(name):
    task = text_task()
    step = LanguageModelTrainer(task, task.text, task.text)
    step.advance(pack(list(task.text)))
    state = step.checkpoint()
    assert step.misfit(state) is None
    rest = {other: tensor for other, tensor in state.tensors.items() if other != name}
    assert step.misfit(Checkpoint(1, rest)) == f"lacks {name}"


CHANGES = {
    "name": "other/text",
    "text": random_sentences(100),
    "dictionary": Vocabulary(f"v{i}" for i in range(20)),
    "seed": 2,
    "recipe": LanguageModelSettings(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_checkpoints_of_another_task_are_not_used(name):
    task = text_task()
    other = replace(task, **{name: CHANGES[name]})
    assert digest(other.identity) != digest(task.identity)


def test_where_sentences_end_is_part_of_the_text():
    task = text_task()
    one, two = (Sentences.of(ids) for ids in ([[2, 3], [4]], [[2], [3, 4]]))
    assert replace(task, text=one).identity != replace(task, text=two).identity


def test_a_text_of_one_sentence_is_refused_with_its_name(tmp_path):
    task = replace(text_task(), text=Sentences.of([[2, 3]]))
    with pytest.raises(InputError) as error:
        train(task, tmp_path / "lm", tmp_path / "keep", 10)
    assert str(error.value) == (
        "tiny/text: at least 2 sentences are needed, one of them to be held out"
    )


def test_sentences_without_words_can_be_learnt(tmp_path):
    task = replace(text_task(epochs=2), text=Sentences.of([[]] * 6))
    train(task, tmp_path / "lm", tmp_path / "keep", 10)
    first, second = held_out_losses(tmp_path / "lm")
    assert 0 < second < first


def test_a_loss_that_is_not_finite_names_text_and_step(tmp_path, monkeypatch):
    follow(monkeypatch, [math.nan])
    with pytest.raises(InputError) as error:
        train(text_task(), tmp_path / "lm", tmp_path / "keep", 10)
    assert str(error.value).startswith("tiny/text: the loss is not finite at step ")
    assert not (tmp_path / "lm").exists()


def test_the_loss_of_a_step_is_the_mean_over_its_sentences():
    """Of as many nats as `score` has for them."""
    task = text_task()
    step = LanguageModelTrainer(task, task.text, task.text)
    loss = step.losses(pack(list(task.text)))["loss"]
    assert loss.item() == pytest.approx(score(step.model, task.text).nll.mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("epochs", 0, "--epochs: 0 is not a number of at least 1"),
        ("patience", 0, "--patience: 0 is not a number of at least 1"),
        ("held_out", 0.6, "--held-out: 0.6 is not a number from 0 to 0.5"),
        ("learning_rate", math.nan, "--learning-rate: nan is not a number above 0"),
        ("precision", "int8", "--precision: int8 is not one of auto, float32, bfloat16"),
    ],
)
def test_settings_out_of_bounds(setting, value, expected):
    with pytest.raises(InputError) as error:
        check(LanguageModelSettings().replace(**{setting: value}))
    assert str(error.value) == expected


def test_bfloat16_learns_too(tmp_path):
    train(text_task(precision="bfloat16"), tmp_path / "lm", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "lm")
    assert losses[-1] < losses[0] - 1
