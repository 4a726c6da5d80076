"""Every objective by hand, and the limits in which it is another one."""

import math
from dataclasses import replace

import pytest
import torch

from textvae.errors import InputError
from textvae.models import rate
from textvae.models.batches import pack
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.terms import BatchTerms
from textvae.registry import OBJECTIVES
from textvae.training.cell import CellTrainer
from textvae.training.config import TrainingSettings
from textvae.training.objectives.infovae import mmd
from textvae.training.schedule import Schedule
from tiny import MODEL, tiny_task

# 100 steps.
SCHEDULE = Schedule(TrainingSettings(batch=1, epochs=1), sentences=100)
STEPS = range(100)


def objective(name, C=5.0, **settings):
    cls = OBJECTIVES[name]
    return cls(cls.Settings(**settings), C, SCHEDULE)


def terms(rates, distortion=50.0, z=None):
    """Terms of sentences with these rates by dimension, nats."""
    # N(m, 1) has the rate m^2 / 2.
    mean = (2 * torch.tensor(rates)).sqrt()
    posterior = Gaussian(mean, torch.zeros_like(mean))
    prior = StandardNormal(MODEL.replace(latent=mean.shape[1]).architecture, None)
    drawn, rate_of_each = rate.draw(posterior, prior, torch.zeros_like(mean))
    z = drawn if z is None else z
    return BatchTerms(torch.tensor(distortion), rate_of_each, z, posterior, prior)


def loss(name, rates, step=0, **settings):
    return objective(name, **settings).loss(terms(rates), step).item()


def after(ours, *means, **others):
    """Update an objective with the rates (or other means) of steps; return its log entries."""
    for step, mean in enumerate(means):
        ours.update({"R": torch.tensor(float(mean)), **others}, step)
    return ours.record(len(means))


# Two sentences of two dimensions, whose mean rate is 0.5 nats.
FOUR = [[0.1, 0.5], [0.3, 0.1]]


@pytest.mark.parametrize(
    ("name", "C", "expected"),
    [
        # max(0.25, 0.2) + max(0.25, 0.3)
        ("free-bits-dimension", 0.5, 0.55),
        # (max(0.5, 0.6) + max(0.5, 0.4)) / 2
        ("free-bits-sentence", 0.5, 0.55),
        # (0.25 + 0.5 + 0.3 + 0.25) / 2
        ("free-bits-sentence-dimension", 0.5, 0.65),
        ("free-bits-batch", 0.5, 0.5),
        ("free-bits-batch", 0.7, 0.7),
    ],
)
def test_free_bits_by_hand(name, C, expected):
    assert loss(name, FOUR, C=C) == pytest.approx(50 + expected)
    # A floor in place of C, and the ELBO without one.
    assert loss(name, FOUR, C=5, free_nats=C) == pytest.approx(50 + expected)
    assert loss(name, FOUR, C=0) == pytest.approx(50.5)


@pytest.mark.parametrize("C", [0.0, 0.3, 0.5, 2.0])
def test_batch_floor_adds_what_the_rate_lacks(C):
    assert loss("free-bits-batch", FOUR, C=C) == pytest.approx(50.5 + max(C - 0.5, 0))


@pytest.mark.parametrize(
    "name", [one for one in OBJECTIVES.names() if one.startswith("free-bits-")]
)
def test_rate_below_the_floor_is_not_pushed(name):
    given = terms(FOUR)
    mean = given.posterior.mean.requires_grad_()
    z, rates = rate.draw(given.posterior, given.prior, torch.zeros(2, 2))
    given = BatchTerms(given.distortion, rates, z, given.posterior, given.prior)
    assert torch.autograd.grad(objective(name, C=9).loss(given, 0), mean)[0].abs().max() == 0


def weights(name, **settings):
    """The weights of the rate in each step: of a rate of 1 nat."""
    ours, given = objective(name, **settings), terms([[1.0]], distortion=0.0)
    found = [ours.loss(given, step).item() for step in STEPS]
    assert [ours.record(step)["beta"] for step in STEPS] == pytest.approx(found)
    return found


def test_linear_annealing_rises_from_0_to_1():
    assert weights("linear-annealing", linear_rise=0.5) == pytest.approx(
        [min(1, step / 50) for step in STEPS]
    )


def test_logistic_annealing_follows_the_published_curve():
    # Steps 0, 1000 and 4000 with x0 = 2500 and k = 0.0025.
    found = weights("logistic-annealing", logistic_middle=0.25)
    assert [found[step] for step in (0, 10, 25, 40)] == pytest.approx(
        [0.0019, 0.023, 0.5, 0.977], abs=5e-4
    )


def test_cyclical_annealing_with_one_cycle_is_linear():
    linear = weights("linear-annealing", linear_rise=0.4)
    assert weights("cyclical-annealing", cycles=1, cycle_rise=0.4) == pytest.approx(linear)


def test_cyclical_annealing_starts_each_cycle_at_0():
    found = weights("cyclical-annealing", cycles=4, cycle_rise=0.4)
    cycle = [min(1, step / 10) for step in range(25)]
    assert found == pytest.approx(4 * cycle)
    # (1 - r / 2) S / M, less half a step, because a step has the weight of its start.
    assert sum(found[:25]) == pytest.approx((1 - 0.4 / 2) * 25 - 0.5)


def test_mdr_by_hand():
    # A rise of 0.01 for a nat in each of 100 steps.
    ours = objective("mdr", C=5, mdr_gain=5)
    # u = 0.5 and D + R + u (C - R)
    assert ours.loss(terms([[3.0]]), 0).item() == 54
    assert after(ours, 3)["multiplier"] == pytest.approx(0.52)
    assert ours.loss(terms([[3.0]]), 1).item() == pytest.approx(50 + 3 + 0.52 * 2)


def test_mdr_ends_as_the_elbo_above_its_rate_and_is_bounded_below():
    assert after(objective("mdr", C=5), *[8] * 100)["multiplier"] == 0
    assert after(objective("mdr", C=5, mdr_gain=100), *[0] * 10)["multiplier"] == 2
    assert after(objective("mdr", C=0), *[1] * 100)["multiplier"] == 0
    ours = objective("mdr", C=5, mdr_start=0)
    assert ours.loss(terms([[8.0]]), 0).item() == loss("elbo", [[8.0]]) == 58


def test_mdr_with_a_fixed_multiplier_has_the_gradient_of_a_beta_vae():
    R = torch.tensor([2.0, 4.0], requires_grad=True)
    given = BatchTerms(torch.tensor(50.0), R, None, None, None)
    losses = [objective("mdr", mdr_start=0.3), objective("elbo", beta=0.7)]
    mdr, beta_vae = (torch.autograd.grad(one.loss(given, 0), R)[0] for one in losses)
    torch.testing.assert_close(mdr, beta_vae)


@pytest.mark.parametrize(("R", "expected"), [(3, 0.00119), (7, 0.00881)])
def test_proportional_control_by_hand(R, expected):
    """An error of 2 and of -2 nats, with Kp = 0.01; nothing accumulates."""
    ours = objective("pi-control", C=5, integral_gain=0)
    assert after(ours, *[R] * 3)["beta"] == pytest.approx(expected, abs=1e-5)
    assert ours.loss(terms([[4.0]]), 3).item() == pytest.approx(50 + 4 * expected, abs=1e-4)


def test_integral_control_by_hand():
    # Ki = 0.01; e = -2 twice, then e = 1.
    ours = objective("pi-control", C=5, integral_gain=1)
    expected = 0.01 / (1 + math.exp(1)) + 0.04 - 0.01
    assert after(ours, 7, 7, 4)["beta"] == pytest.approx(expected)


@pytest.mark.parametrize(("before", "then", "bound"), [(0, 9, 0), (10, 4, 1)])
def test_weight_leaves_its_bound_at_once_after_saturation(before, then, bound):
    ours = objective("pi-control", C=5, integral_gain=1)
    assert after(ours, *[before] * 1000)["beta"] == pytest.approx(bound)
    step = 0.01 * abs(5 - then)
    assert abs(after(ours, then)["beta"] - bound) >= step


def test_a_large_error_does_not_overflow():
    assert after(objective("pi-control", C=5000), 0)["beta"] == 0


def test_soft_free_bits_by_hand():
    assert loss("soft-free-bits", [[4.0]]) == pytest.approx(50.4)
    for R, expected in ((4.9, 0.09), (5.1, 0.1), (5.3, 0.11)):
        assert after(objective("soft-free-bits", C=5), R)["weight"] == pytest.approx(expected)
    assert after(objective("soft-free-bits", C=5), *[9] * 50)["weight"] == 1
    assert after(objective("soft-free-bits", C=5), *[0] * 99)["weight"] == pytest.approx(1e-4)


def test_soft_free_bits_need_steps_in_which_the_weight_changes():
    """1.01^10 = 1.105, and 1.1 to the power of a million steps is beyond float64."""
    cls = OBJECTIVES["soft-free-bits"]
    for step, steps, refused in ((0.01, 9, True), (0.01, 10, False), (0.1, 10**6, False)):
        fault = cls.check_job(cls.Settings(soft_step=step), {}, steps, None)
        assert (fault is not None) == refused


def test_geco_by_hand():
    # eta = 0.01 and 10 nats above the target.
    settings = {"geco_start": 1, "geco_gain": 1, "geco_speed": 100, "target_distortion": 90}
    ours = objective("geco", **settings)
    assert ours.loss(terms([[4.0]]), 0).item() == 54
    assert after(ours, 0, D=torch.tensor(100.0))["beta"] == pytest.approx(math.exp(-0.1))
    # The moving mean of 100 and 80 is almost 90 at the second step.
    beta = ours.state["beta"].item()
    ours.update({"D": torch.tensor(80.0)}, 1)
    mean = (0.99 * 100 + 80) / 1.99
    assert ours.state["beta"].item() == pytest.approx(beta * math.exp(0.01 * (90 - mean)))


@pytest.mark.parametrize(("target", "expected"), [(1000, 10), (0, 0.001)])
def test_geco_reaches_its_bounds_for_targets_out_of_reach(target, expected):
    ours = objective("geco", target_distortion=target, geco_speed=20)
    assert after(ours, *[0] * 40, D=torch.tensor(50.0))["beta"] == pytest.approx(expected)


def test_mmd_by_hand():
    codes = torch.randn(5, 3)
    assert mmd(codes, codes.clone(), 1.0) == 0
    zero, two = torch.tensor([[0.0]]), torch.tensor([[2.0]])
    assert mmd(zero, two, 4.0).item() == pytest.approx(2 - 2 * math.exp(-1))


def test_infovae_is_the_elbo_or_a_sum_of_its_terms():
    given = terms(FOUR)
    assert objective("infovae", infovae_alpha=0, infovae_lambda=1).loss(given, 3) == 50.5
    alpha = {"infovae_alpha": 0.5}
    losses = [
        objective("infovae", **alpha, infovae_lambda=weight).loss(given, 3).item()
        for weight in (0.5, 1.5, 2.5)
    ]
    assert losses[0] == pytest.approx(50.25)
    assert losses[2] - losses[1] == pytest.approx(losses[1] - losses[0], rel=1e-4)
    assert losses[1] > losses[0]


def test_draws_of_infovae_depend_on_the_step_alone():
    ours, given = objective("infovae"), terms(FOUR)
    torch.manual_seed(1)
    first, noise = ours.loss(given, 3), torch.randn(2)
    torch.manual_seed(1)
    assert torch.equal(torch.randn(2), noise)
    assert ours.loss(given, 3) == first
    assert ours.loss(given, 4) != first


def test_mmd_weight_separates_a_distant_from_a_near_posterior():
    ours = objective("infovae", infovae_alpha=1, infovae_lambda=1000)
    near, far = torch.randn(200, 2), torch.randn(200, 2) + 3
    given = [terms([[0.0, 0.0]], z=z) for z in (near, far)]
    assert ours.loss(given[0], 0) + 100 < ours.loss(given[1], 0)


@pytest.mark.parametrize(
    ("name", "settings", "named"),
    [
        ("logistic-annealing", {"logistic_middle": 0.9}, "logistic_middle 0.9"),
        ("free-bits-dimension", {"free_nats": 6}, "free_nats 6 is above C = 5"),
        ("free-bits-batch", {"free_nats": 6}, "free_nats 6 is above C = 5"),
        ("mdr", {"mdr_gain": 0.001}, "mdr_gain 0.001"),
        ("pi-control", {"integral_gain": 0.001}, "integral_gain 0.001"),
        ("pi-control", {"integral_gain": 0, "proportional_gain": 0}, "integral_gain is 0"),
        ("pi-control", {"integral_gain": 0, "proportional_gain": 0.009}, "at least 0.01"),
        ("pi-control", {"pi_min_beta": 2}, "pi_min_beta 2"),
        ("geco", {}, "target_distortion"),
        ("geco", {"target_distortion": 9, "geco_speed": 0.01}, "geco_speed 0.01"),
        ("geco", {"target_distortion": 9, "geco_start": 20}, "geco_start 20"),
        ("infovae", {"infovae_alpha": 0.2, "infovae_lambda": 0.1}, "infovae_lambda 0.1"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(name, settings, named):
    cls = OBJECTIVES[name]
    assert named in cls.check(cls.Settings(**settings), 5)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("linear-annealing", "linear_rise", 1.5),
        ("cyclical-annealing", "cycle_rise", 1.5),
        ("geco", "target_distortion", -1),
        ("mdr", "mdr_gain", 0),
    ],
)
def test_settings_out_of_bounds_are_refused(name, setting, value):
    with pytest.raises(InputError, match=f"^--{setting.replace('_', '-')}: {value} "):
        OBJECTIVES[name].Settings(**{setting: value})


@pytest.mark.parametrize(
    ("settings", "expected"), [({}, 3.0), ({"constant_rate": 0.0}, 0.0), ({"latent": 7}, 3.0)]
)
def test_constant_posterior_has_the_rate_C_and_no_information(tmp_path, settings, expected):
    model = MODEL.replace(posterior="constant", **settings)
    trainer = CellTrainer(replace(tiny_task(tmp_path, C=3.0), model=model))
    posterior = trainer.model.encode(pack([trainer.sentences[i] for i in range(30)]))
    noise = torch.randn_like(posterior.mean)
    assert trainer.model.draw(posterior, noise)[1].tolist() == pytest.approx([expected] * 30)
    assert posterior.mean.var(0).max() == 0
    measured = trainer.validate()
    assert measured["R"] == pytest.approx(expected)
    assert measured["I"] == pytest.approx(0, abs=1e-6)
