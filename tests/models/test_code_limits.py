"""Parts that cannot have their effect are refused before anything runs."""

import pytest

from textvae.models.architecture import ModelConfig
from textvae.models.limits import part_fault

SPHERE = {"posterior": "von-mises-fisher", "prior": "uniform-sphere"}


@pytest.mark.parametrize(
    ("settings", "C", "words"),
    [
        ({"posterior": "delta", "latent": 4}, 81, ["delta", "C = 81", "C up to 80"]),
        ({"posterior": "delta", "delta_rate": 21.0}, 2, ["delta_rate 21", "at most 20"]),
        ({**SPHERE, "latent": 64}, 233, ["von-mises-fisher", "C = 233", "at most 232"]),
        ({**SPHERE, "latent": 1}, 2, ["latent 1", "at least 2"]),
        ({"posterior": "von-mises-fisher"}, 2, ["uniform-sphere", "standard-normal"]),
        (SPHERE | {"prior": "vamp"}, 15, ["uniform-sphere", "vamp"]),
        ({"prior": "uniform-sphere"}, 2, ["von-mises-fisher", "diagonal-gaussian"]),
        ({"prior": "vamp", "posterior": "batch-norm"}, 2, ["vamp", "batch-norm"]),
        ({"prior": "vamp", "posterior": "semi-amortised"}, 2, ["vamp", "semi-amortised"]),
        ({"prior": "real-nvp", "latent": 1}, 2, ["real-nvp", "at least 2"]),
        ({"posterior": "constant", "prior": "vamp"}, 2, ["constant", "standard-normal", "vamp"]),
    ],
)
def test_parts_that_cannot_be_met_are_named(settings, C, words):
    message = part_fault(ModelConfig(**settings).model_dump(), C, None)
    assert all(word in message for word in words)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("settings", "C"),
    [
        ({"posterior": "delta", "latent": 4}, 80),
        ({**SPHERE, "latent": 64}, 232),
        ({**SPHERE, "vmf_concentration": 80.0}, 1000),
        ({"posterior": "batch-norm", "prior": "gaussian-mixture"}, 15),
    ],
)
def test_parts_that_can_be_met_are_accepted(settings, C):
    assert part_fault(ModelConfig(**settings).model_dump(), C, None) is None


@pytest.mark.parametrize("prior", ["gaussian-mixture", "vamp", "real-nvp", "standard-normal"])
@pytest.mark.parametrize("posterior", ["diagonal-gaussian", "real-nvp"])
def test_floor_of_a_sentence_needs_its_rate_in_closed_form(posterior, prior):
    settings = ModelConfig(posterior=posterior, prior=prior).model_dump()
    message = part_fault(settings | {"objective": "free-bits-sentence"}, 15.0, None)
    known = (posterior, prior) == ("diagonal-gaussian", "standard-normal")
    assert (message is None) == known
    assert known or "free-bits-sentence" in message
    assert part_fault(settings | {"objective": "free-bits-batch"}, 15.0, None) is None
    sphere = ModelConfig(**SPHERE).model_dump() | {"objective": "free-bits-sentence"}
    assert part_fault(sphere, 15.0, None) is None


@pytest.mark.parametrize(
    ("posterior", "latent"), [({"posterior": "delta"}, 4), ({"posterior": "batch-norm"}, 8)]
)
def test_floor_of_a_posterior_leaves_objectives_that_raise_the_rate_nothing_to_do(
    posterior, latent
):
    """Delta by default keeps the rate at C, and so at less than C is asked for in `free_nats`."""
    own = {"delta": {"delta_rate": 0.5}, "batch-norm": {"batch_norm_gamma": 0.5}}
    floor = {4: 2.0, 8: 1.0}[latent]
    settings = ModelConfig(**posterior, **own[posterior["posterior"]], latent=latent).model_dump()
    for name in ("free-bits-dimension", "free-bits-sentence", "free-bits-batch", "mdr"):
        faults = [part_fault(settings | {"objective": name}, C, None) for C in (floor, floor + 1)]
        assert "has no effect" in faults[0], name
        assert faults[1] is None, name
    batch = settings | {"objective": "free-bits-batch"}
    assert "has no effect" in part_fault(batch | {"free_nats": floor}, 15.0, None)
    for name in ("elbo", "rate-target", "soft-free-bits", "pi-control"):
        assert part_fault(settings | {"objective": name}, floor, None) is None, name


@pytest.mark.parametrize("objective", ["rate-target", "pi-control", "mdr", "soft-free-bits"])
@pytest.mark.parametrize(
    "own",
    [
        {"posterior": "delta", "delta_rate": 2.0},
        {"posterior": "batch-norm", "batch_norm_gamma": 2.0},
    ],
)
def test_floor_far_above_C_is_refused_for_objectives_that_want_the_rate_to_be_C(own, objective):
    settings = ModelConfig(**own, latent=4).model_dump() | {"objective": objective}
    assert "8 nats or more, expected at most C = 2" in part_fault(settings, 2.0, None)
    assert part_fault(settings, 8.5, None) is None


@pytest.mark.parametrize(
    "own",
    [
        {"posterior": "delta"},
        {"posterior": "batch-norm"},
        {"posterior": "batch-norm", "batch_norm_gamma": (2 * 15 / 32) ** 0.5},
    ],
)
def test_posterior_with_the_rate_C_leaves_a_floor_at_C_without_effect(own):
    settings = ModelConfig(**own, latent=32).model_dump()
    for name in ("free-bits-batch", "mdr"):
        assert "has no effect" in part_fault(settings | {"objective": name}, 15.0, None)
    for name in ("elbo", "rate-target"):
        assert part_fault(settings | {"objective": name}, 15.0, None) is None


def test_batch_norm_needs_batches_of_several_sentences():
    settings = ModelConfig(posterior="batch-norm").model_dump()
    assert "batch 1 " in part_fault(settings | {"batch": 1}, 2.0, None)
    assert part_fault(settings | {"batch": 2}, 2.0, None) is None
