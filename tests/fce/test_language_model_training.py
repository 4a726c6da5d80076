"""Language models: parameters, scores, early stopping, resuming, identity of a run."""

import json
import math
from dataclasses import replace
from unittest.mock import create_autospec

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model, random_sentences, states_by_hand
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce import training
from textvae.fce.dictionary import hold_out
from textvae.fce.kneser_ney import Scores
from textvae.fce.settings import LanguageModelSettings
from textvae.fce.training import LanguageModelTrainer, train
from textvae.models import batches, language_model, saved
from textvae.models.architecture import LanguageModelSizes, ModelConfig
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel, score
from textvae.models.vae import TextVAE
from textvae.runtime.signals import Stopped
from textvae.training.fingerprint import digest
from textvae.training.trainer import Trainer
from tiny import CPU
from tiny_language_model import SIZES, lively_language_model, text_task
from training_processes import after_steps, outcome, stop


def held_out_losses(folder):
    return [line["loss"] for line in outcome(folder)[2] if line.get("split") == "valid"]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_training_learns_and_saves_the_best_weights(tmp_path, precision):
    job = text_task(precision=precision)
    train(job, tmp_path / "lm", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "lm")
    _, held_out = hold_out(job.text, 0.2, job.seed)
    uniform = (held_out.lengths + 1).mean() * math.log(len(VOCABULARY))
    assert losses[0] < uniform
    assert losses[-1] < losses[0] - 1
    model, dictionary = language_model.load(tmp_path / "lm", CPU)
    assert dictionary.digest == VOCABULARY.digest
    # Where the hardware has no bfloat16, a model that was trained in it is measured in float32.
    same = model.inference_precision == getattr(torch, precision)
    assert score(model, held_out).nll.mean() == pytest.approx(min(losses), rel=0 if same else 1e-3)
    assert not (tmp_path / "keep").exists()
    config = json.loads((tmp_path / "lm/config.json").read_text())
    further = {"held_out_nats": min(losses), "sentences": len(job.text), "out_of_epochs": True}
    assert config["training"] == {**job.identity, **further}
    assert config["language_model"] == {"embedding": 6, "hidden": 8, "embedding_range": 0.5}
    assert model.sizes == SIZES
    assert not model.training


def test_held_out_sentences_are_not_trained_on(tmp_path, monkeypatch):
    advance = create_autospec(Trainer.advance, side_effect=Trainer.advance)
    monkeypatch.setattr(Trainer, "advance", advance)
    # Each sentence has another length; a fifth of them is held out.
    text = Sentences.of([[2] * length for length in range(20)])
    job = replace(text_task(epochs=2), text=text)
    train(job, tmp_path / "lm", tmp_path / "keep", 10)
    rest, held_out = hold_out(text, 0.2, job.seed)
    assert len(held_out) == 4
    lengths = [n for call in advance.call_args_list for n in call.args[1].lengths.tolist()]
    assert sorted(lengths) == sorted([*(rest.lengths + 1)] * 2)


def script(monkeypatch, losses):
    """Replace the loss on the held-out text, epoch after epoch."""
    scores = (Scores(np.full(1, loss), None) for loss in losses)
    monkeypatch.setattr(training, "score", lambda model, sentences: next(scores))


@pytest.mark.parametrize(
    ("patience", "losses", "best"),
    [
        # Stops after the first epoch with a loss that does not fall,
        (1, [9, 8, 8], 2),
        # and only epochs without gain in a row count.
        (2, [9, 8, 8.5, 7, 7.5, 7.25], 4),
        # The eighth epoch is the last.
        (1, [9, 8, 7, 6, 5, 4, 3, 2], 8),
        (9, [9, 2, 7, 6, 5, 4, 3, 8], 2),
    ],
)
def test_early_stopping_keeps_the_weights_of_the_best_epoch(
    tmp_path, monkeypatch, patience, losses, best
):
    script(monkeypatch, losses)
    train(text_task(epochs=8, patience=patience), tmp_path / "lm", tmp_path / "keep", 10)
    assert held_out_losses(tmp_path / "lm") == losses
    assert outcome(tmp_path / "lm")[2][-1]["epoch"] == len(losses)
    # Without decay, a training of `best` epochs is the beginning of a longer one.
    script(monkeypatch, range(best, 0, -1))
    train(text_task(epochs=best), tmp_path / "short", tmp_path / "keep", 10)
    assert outcome(tmp_path / "lm")[0] == outcome(tmp_path / "short")[0]
    config = json.loads((tmp_path / "lm/config.json").read_text())
    assert config["training"]["held_out_nats"] == min(losses)


@pytest.mark.parametrize(
    ("losses", "changes", "told"),
    [
        ([9, 8, 7], {}, True),
        # The last epoch is not the best, or training never stops early,
        ([9, 8, 8], {}, False),
        ([9, 7, 8], {"patience": 2}, False),
        ([9, 8, 7], {"patience": 3}, False),
        # or the learning rate ends with the epochs.
        ([9, 8, 7], {"decay": 0.5}, False),
    ],
)
def test_model_that_still_improves_in_its_last_epoch_is_told(
    tmp_path, monkeypatch, capsys, losses, changes, told
):
    script(monkeypatch, losses)
    train(text_task(epochs=3, **changes), tmp_path / "lm", tmp_path / "keep", 10)
    assert ("still improving in the last of 3 epochs" in capsys.readouterr().err) == told
    assert language_model.origin(tmp_path / "lm")["out_of_epochs"] == told


def test_stopped_after_every_step_and_resumed_gives_the_same_bits(tmp_path, monkeypatch, capsys):
    # Early stopping takes part: the saved weights are of an epoch before the last.
    job = text_task(30, epochs=20, patience=3, learning_rate=0.1)
    train(job, tmp_path / "undisturbed", tmp_path / "keep", 10)
    losses = held_out_losses(tmp_path / "undisturbed")
    assert len(losses) < 20
    assert np.argmin(losses) == len(losses) - 4 > 0
    after_steps(monkeypatch, stop)
    # 24 sentences to train on: two steps an epoch, and no stop after the last.
    stops = 2 * len(losses) - 1
    for _ in range(stops):
        with pytest.raises(Stopped):
            train(job, tmp_path / "lm", tmp_path / "keep", 10)
    train(job, tmp_path / "lm", tmp_path / "keep", 10)
    assert f"tiny/text  resuming after step {stops} of 40\n" in capsys.readouterr().err
    assert outcome(tmp_path / "lm") == outcome(tmp_path / "undisturbed")
    assert not (tmp_path / "keep").exists()


@pytest.mark.parametrize("count", [10, 100])
def test_model_that_stopped_early_is_saved_again_without_another_step(tmp_path, monkeypatch, count):
    """With 10 sentences a step is an epoch, which may have better weights."""
    job = text_task(count, epochs=8)
    script(monkeypatch, [9, 8, 8, 7])
    train(job, tmp_path / "lm", tmp_path / "keep", 10, keep_last=True)
    kept = sorted(tmp_path.glob("keep/**/*.safetensors"))
    train(job, tmp_path / "again", tmp_path / "keep", 10, keep_last=True)
    assert outcome(tmp_path / "again") == outcome(tmp_path / "lm")
    assert sorted(tmp_path.glob("keep/**/*.safetensors")) == kept


def test_identity_depends_on_every_field():
    job = replace(text_task(), text=Sentences.of([[2, 3], [4]]))
    changes = {
        "name": "other/text",
        "seed": 2,
        "recipe": LanguageModelSettings(precision="float32"),
    }
    changes["dictionary"] = Vocabulary(f"v{i}" for i in range(20))
    changes["sizes"] = SIZES.model_copy(update={"hidden": 9})
    jobs = [job, *(replace(job, **{field: value}) for field, value in changes.items())]
    # Other words, and other ends of sentences.
    jobs += [replace(job, text=Sentences.of(ids)) for ids in ([[2, 3], [5]], [[2], [3, 4]])]
    assert len({digest(each.identity) for each in jobs}) == len(jobs) == 8


def test_loss_is_the_mean_over_sentences():
    job = text_task()
    trainer = LanguageModelTrainer(job, job.text, job.text)
    loss = trainer.losses(pack(list(job.text)))["loss"]
    assert loss.item() == pytest.approx(score(trainer.model, job.text).nll.mean(), rel=1e-5)


def test_loss_that_is_not_finite_names_the_text(tmp_path, monkeypatch):
    script(monkeypatch, [math.nan])
    with pytest.raises(InputError, match=r"^tiny/text: .*step \d"):
        train(text_task(), tmp_path / "lm", tmp_path / "keep", 10)
    assert not (tmp_path / "lm").exists()


# With unknown words, and a sentence without words.
TEXT = Sentences.of([*map(list, random_sentences(30)), [1, 4, 1], [], [1], [5, 1]])


@torch.no_grad()
def costs_by_hand(model, sentence):
    """Return -log p of each word given those before it; the last is of the end."""
    words = [*map(int, sentence), 0]
    inputs = [model.embedding.weight[word] for word in [0, *words[:-1]]]
    states = zip(states_by_hand(model.decoder.recurrence, inputs), words, strict=True)
    return [-model.output(state).log_softmax(0)[word].item() for state, word in states]


@pytest.mark.parametrize("budget", [10, 10**6])
def test_scores_are_sums_of_word_costs(monkeypatch, budget):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    model = lively_language_model()
    costs = [costs_by_hand(model, sentence) for sentence in TEXT]
    scores = score(model, TEXT)
    np.testing.assert_allclose(scores.nll, [sum(each) for each in costs], rtol=1e-5)
    # The cost of an unknown word can be left out, but it is context of the next.
    ends = [[*sentence, 0] for sentence in TEXT]
    known = [np.dot(each, np.not_equal(ids, 1)) for each, ids in zip(costs, ends, strict=True)]
    np.testing.assert_allclose(scores.without_unk, known, rtol=1e-5)
    assert scores.nll.dtype == scores.without_unk.dtype == np.float64
    assert len(score(model, TEXT.take(np.arange(0))).nll) == 0


def test_weights_that_are_not_finite_are_refused():
    model = LanguageModel(SIZES, len(VOCABULARY))
    with torch.no_grad():
        model.output.bias[1] = math.nan
    with pytest.raises(InputError, match="not finite"):
        score(model, Sentences.of([[2, 1]]))


def shapes(model):
    return {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


def test_parameters_are_those_of_the_decoder_without_inputs_for_z():
    """Section 3.3.2: "with the parametrisation of our decoder"."""
    with torch.device("meta"):
        ours = shapes(LanguageModel(LanguageModelSizes(), words=12_002))
        theirs = shapes(TextVAE(ModelConfig(latent=64), words=12_002))
    parts = ("embedding.", "decoder.", "output.")
    decoder = {name: shape for name, shape in theirs.items() if name.startswith(parts)}
    inputs = "decoder.recurrence.weight_ih_l0"
    assert (decoder.pop(inputs), ours.pop(inputs)) == ((4 * 512, 256 + 64), (4 * 512, 256))
    assert ours == decoder


def test_text_vae_and_language_model_are_not_confused(tmp_path):
    language_model.save(tmp_path / "lm", lively_language_model(), VOCABULARY, {})
    saved.save(tmp_path / "vae", lively_model(), {})
    with pytest.raises(InputError, match=r"vae/config\.json: .*language_model"):
        language_model.load(tmp_path / "vae", CPU)
    with pytest.raises(InputError, match=r"lm/config\.json: .* language model"):
        saved.load(tmp_path / "lm", CPU)
