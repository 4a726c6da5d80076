"""Each distinct sentence is encoded once, and its code is that of the sentence alone."""

import numpy as np
import pytest
import torch

from one_by_one import OneByOne, lively_model
from textvae.errors import InputError
from textvae.measurements.log_odds import posterior_means


def test_rows_lead_from_sentences_to_their_means():
    model = lively_model().model
    sentences = [(3, 4), (5,), (3, 4), (2, 2, 2), (5,)]
    means, rows = posterior_means(model, sentences)
    assert means.shape == (3, model.architecture.latent)
    assert rows.tolist() == [0, 1, 0, 2, 1]
    slow = OneByOne(model)
    expected = torch.stack([slow.posterior(sentence).mean for sentence in sentences])
    np.testing.assert_allclose(means[rows], expected, atol=1e-5)


def test_codes_that_are_not_finite():
    model = lively_model().model
    with torch.no_grad():
        model.posterior.mean.bias[0] = float("inf")
    with pytest.raises(InputError, match=r"^the model's codes are not finite"):
        posterior_means(model, [(3, 4)])
