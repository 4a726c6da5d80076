"""Training strategies and semi-amortised inference, and the limits in which they are plain."""

import numpy as np
import pytest
import torch

from textvae.errors import InputError
from textvae.models.batches import pack
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.posteriors.semi_amortised import SemiAmortised, refined
from textvae.models.vae import TextVAE
from textvae.paper.training_costs import read_steps
from textvae.registry import STRATEGIES
from textvae.training import cell
from textvae.training.cell import CellTrainer, TrainingJob
from tiny import MODEL, TRAINING, tiny_task

BATCH = pack([np.arange(2, 8), np.arange(8, 18), np.array([5])])


def trainer_of(folder, model=MODEL, **settings):
    task = tiny_task(folder)
    training = TRAINING.replace(**settings)
    return CellTrainer(TrainingJob(task.cell, task.corpus, model, training, task.device))


def advance(trainer, steps):
    for _ in range(steps):
        trainer.advance(BATCH)
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def differing(before, after):
    """The modules whose weights differ."""
    return {name.split(".")[0] for name in before if not before[name].equal(after[name])}


OFF = [
    {"strategy": "aggressive", "aggressive_share": 0.0},
    {"strategy": "pretrained-encoder", "pretraining": 0.0, "pretraining_rise": 0.0},
]


@pytest.mark.parametrize("settings", OFF, ids=lambda settings: settings["strategy"])
def test_strategy_switched_off_is_plain_training_bit_for_bit(tmp_path, settings):
    plain = advance(trainer_of(tmp_path), 5)
    assert differing(advance(trainer_of(tmp_path, **settings), 5), plain) == set()


def test_inner_steps_leave_decoder_and_its_moments_alone(tmp_path):
    trainer = trainer_of(tmp_path, strategy="aggressive", aggressive_steps=3)
    before = {name: value.clone() for name, value in trainer.tensors().items()}
    taken = trainer.strategy._train_encoder(BATCH)
    changed = {name for name, value in trainer.tensors().items() if not value.equal(before[name])}
    assert taken == 3
    assert {name.split(".")[1] for name in changed if name.startswith("optimiser")} == {"encoder"}
    weights = {name.split(".")[1] for name in changed if name.startswith("model")}
    assert weights == {"encoder", "posterior"}


def test_inner_steps_stop_when_the_loss_rises(tmp_path, monkeypatch):
    trainer = trainer_of(tmp_path, strategy="aggressive", aggressive_steps=100)
    # Windows of 15 steps, of which the third is worse.
    losses = iter([*[3.0] * 15, *[2.0] * 15, *[2.5] * 15])
    monkeypatch.setattr(trainer, "losses", lambda batch: {"loss": torch.tensor(next(losses))})
    monkeypatch.setattr(trainer, "minimise", lambda *arguments: None)
    monkeypatch.setattr(trainer, "further_batch", lambda inner: BATCH)
    assert trainer.strategy._train_encoder(BATCH) == 45


def test_aggressive_phase_ends_for_good_when_information_falls(tmp_path, monkeypatch):
    settings = {"aggressive_steps": 2, "aggressive_looks": 21}
    trainer, found = trainer_of(tmp_path, strategy="aggressive", **settings), iter([1.0, 2.0, 1.5])
    monkeypatch.setattr(
        "textvae.models.mutual_information.mutual_information",
        lambda z, posterior: type("I", (), {"lower": next(found)}),
    )
    # A look after each of the 21 steps.
    advance(trainer, 5)
    assert trainer.strategy.record() == {"encoder_steps": 3 * 2 + 2, "decoder_steps": 5}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # 21 steps.
        ({"aggressive_looks": 4}, [6, 11, 16, 21]),
        ({"aggressive_looks": 30}, list(range(1, 22))),
        ({"aggressive_looks": 10, "aggressive_share": 0.2}, [3, 5]),
    ],
)
def test_looks_are_as_many_as_asked_for(tmp_path, monkeypatch, settings, expected):
    trainer = trainer_of(tmp_path, strategy="aggressive", aggressive_steps=1, **settings)
    looks = []
    monkeypatch.setattr(trainer.strategy, "_look", lambda: looks.append(trainer.step + 1))
    advance(trainer, 21)
    assert looks == expected


@pytest.mark.parametrize(
    ("share", "looks", "within"),
    [(0.05, 10, 0), (0.19, 10, 1), (0.2, 10, None), (1.0, 1, 1), (0.0, 10, None)],
)
def test_phase_with_too_few_looks_to_see_a_fall_is_refused(share, looks, within):
    strategy = STRATEGIES["aggressive"]
    settings = strategy.Settings(aggressive_share=share, aggressive_looks=looks)
    message = strategy.check(settings, 2.0)
    assert (message is None) == (within is None)
    assert message is None or f"{within} of {looks} looks" in message


def test_log_records_the_steps_of_both_sides(tmp_path):
    task = tiny_task(tmp_path / "corpus", strategy="aggressive", aggressive_steps=2, epochs=1)
    cell.train(task, tmp_path / "model", tmp_path / "checkpoints", 10)
    encoder, decoder = read_steps(tmp_path / "model/training.jsonl")
    assert decoder == 7
    assert 7 <= encoder <= 14


def test_switch_keeps_the_encoder_and_starts_the_decoder_again(tmp_path, monkeypatch):
    # 21 steps, half of which are 10.
    trainer = trainer_of(tmp_path, strategy="pretrained-encoder", objective="elbo")
    fresh = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    before = advance(trainer, 10)
    assert differing(before, fresh) == {"embedding", "encoder", "posterior", "decoder", "output"}
    monkeypatch.setattr(trainer, "minimise", lambda *arguments: None)
    after = advance(trainer, 1)
    assert differing(after, before) == {"decoder", "output"}
    assert differing(after, fresh) == {"embedding", "encoder", "posterior"}
    state = trainer.strategy.optimisers["all"].state
    for name, weight in trainer.model.named_parameters():
        dropped = name.startswith(("decoder", "output"))
        assert (state[weight]["exp_avg_sq"].abs().sum() == 0) == dropped, name


def test_pretraining_minimises_the_distortion_and_then_more_of_the_objective(tmp_path):
    settings = {"pretraining": 0.5, "pretraining_rise": 0.25, "objective": "elbo"}
    trainer = trainer_of(tmp_path, strategy="pretrained-encoder", **settings)
    weights = [trainer.strategy.weight(step) for step in range(21)]
    assert weights == pytest.approx([0] * 10 + [step / 5.25 for step in range(6)] + [1] * 5)
    losses = []
    for _ in range(20):
        losses.append(trainer.strategy.step(BATCH))
        trainer.step += 1
    for weight, one in zip(weights, losses, strict=False):
        assert one["loss"].item() == pytest.approx((one["D"] + weight * one["R"]).item())


@pytest.mark.parametrize(
    "settings",
    [
        {"pretraining": 0.01},
        {"pretraining": 1.0, "pretraining_rise": 0.0},
        {"pretraining": 0.9, "pretraining_rise": 0.2},
    ],
)
def test_pretraining_without_two_phases_is_refused(tmp_path, settings):
    with pytest.raises(InputError, match="pretraining"):
        trainer_of(tmp_path, strategy="pretrained-encoder", **settings)


def test_every_strategy_accepts_its_defaults():
    for strategy in STRATEGIES.all().values():
        assert strategy.check(strategy.Settings(), 2.0) is None


AMORTISED = MODEL.replace(posterior="semi-amortised", svi_steps=4, svi_rate=0.01)


def test_no_steps_are_plain_training_bit_for_bit(tmp_path):
    plain = advance(trainer_of(tmp_path), 3)
    none = MODEL.replace(posterior="semi-amortised", svi_steps=0)
    assert differing(advance(trainer_of(tmp_path, none), 3), plain) == set()


def bound(model, posterior):
    """D + R of a batch, with the same noise for every posterior."""
    noise = torch.randn(50, len(BATCH), 4, generator=torch.Generator().manual_seed(1))
    drawn = [model.draw(posterior, one) for one in noise]
    return sum((model.distortion(BATCH, z) + rates).mean().item() for z, rates in drawn) / 50


def test_refined_posterior_has_a_tighter_bound_and_is_the_posterior():
    torch.manual_seed(1)
    model = TextVAE(AMORTISED.replace(svi_steps=20), 18).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    with torch.no_grad():
        refined_ = model.encode(BATCH)
        features = model.encoder(model.embedding(BATCH.words), BATCH)
        encoded = model.posterior(features)
    assert bound(model, refined_) < bound(model, encoded) - 0.1
    assert model.encode(BATCH).mean.equal(refined_.mean)


def test_gradient_reaches_the_encoder_through_the_refined_parameters():
    start = torch.zeros(3, 4, requires_grad=True)
    settings = SemiAmortised.Settings(svi_rate=0.1)
    ours = refined(
        Gaussian(start, start), lambda q, noise: q.mean.square() - q.mean, DRAWS, settings
    )
    assert ours.mean.abs().min() > 0
    (gradient,) = torch.autograd.grad(ours.mean.square().sum(), start)
    torch.testing.assert_close(gradient, 2 * ours.mean)


DRAWS = torch.randn(400, 3, 4, generator=torch.Generator().manual_seed(1))


def test_steps_converge_to_the_posterior_of_a_linear_gaussian_model():
    # x = 1.5 z + N(0, 1), z of N(0, 1): the posterior is N(1.5 x / 3.25, 1 / 3.25).
    x = torch.tensor([[1.0], [-2.0], [0.5]]).expand(3, 4)

    def loss(q, noise):
        variance = q.log_variance.exp()
        distortion = 0.5 * ((x - 1.5 * q.mean) ** 2 + 1.5**2 * variance)
        return distortion + 0.5 * (variance + q.mean**2 - 1 - q.log_variance)

    settings = SemiAmortised.Settings(svi_rate=0.05)
    ours = refined(Gaussian(torch.zeros(3, 4), torch.zeros(3, 4)), loss, DRAWS, settings)
    torch.testing.assert_close(ours.mean, 1.5 * x / 3.25)
    torch.testing.assert_close(ours.log_variance.exp(), torch.full((3, 4), 1 / 3.25))


def test_step_of_a_sentence_is_clipped_by_its_own_gradient():
    slopes = torch.tensor([[3.0], [0.1], [1000.0]]).expand(3, 4)
    settings = SemiAmortised.Settings(svi_rate=1.0, svi_clip=5.0)
    loss = lambda q, noise: slopes * q.mean  # noqa: E731
    start = Gaussian(torch.zeros(3, 4), torch.zeros(3, 4))
    steps = refined(start, loss, DRAWS[:1], settings).mean.norm(dim=1)
    # 2 times 3 exceeds 5; 2 times 0.1 does not.
    assert steps.tolist() == pytest.approx([5, 0.2, 5])
