"""Weights that no training gives are told, not averaged."""

import math
from contextlib import suppress

import numpy as np
import pytest
import torch

from one_by_one import LATENT, lively_model, random_sentences
from textvae.errors import InputError
from textvae.measurements import information, likelihood, posterior, rate_distortion, slope
from textvae.models.decoding import decode
from textvae.models.layers import check_finite
from textvae.schemes import DecodingStrategy

MAY_BE_UNDEFINED = {"logdetcov", "moment_matched_kl"}
MEASUREMENTS = [information, likelihood, posterior, rate_distortion, slope]


def test_one_value_is_enough():
    check_finite("rate", np.zeros(3), np.ones(2))
    for wrong in (math.nan, math.inf, -math.inf):
        with pytest.raises(InputError, match=r"^rate of a sentence is not finite"):
            check_finite("rate", np.zeros(3), np.array([1.0, wrong]))


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("size", [1e4, -1e4, 3e38])
@pytest.mark.parametrize("part", ["mean", "log_variance"])
def test_weights_beyond_measure_are_told_by_every_measurement(measurement, size, part):
    trained = lively_model()
    with torch.no_grad():
        getattr(trained.model.posterior, part).bias.fill_(size)
    settings = measurement.measure.Settings()
    with suppress(InputError):
        values = measurement.measure(trained, random_sentences(20), settings)
        # Codes that are all the same have a singular covariance.
        defined = {name: value for name, value in values.items() if name not in MAY_BE_UNDEFINED}
        assert all(value is None or math.isfinite(value) for value in defined.values())


@pytest.mark.parametrize("scheme", ["greedy", "top3", "nucleus0.9", "sample"])
def test_no_sentence_is_decoded_from_weights_beyond_measure(scheme):
    trained = lively_model()
    with torch.no_grad():
        trained.model.output.bias[1] = math.nan
    with pytest.raises(InputError, match=r"^logit of a sentence is not finite"):
        list(decode(trained.model, torch.zeros(2, LATENT), 5, DecodingStrategy.parse(scheme)))
