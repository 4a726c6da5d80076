"""Training steps on another device than the CPU, as far as a machine without one can tell."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from textvae.models import language_model, vae
from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import pack
from textvae.models.decoders import convolutional
from textvae.models.kernels import recurrence
from textvae.training.trainer import Sums
from tiny import WORDS, tiny_model

# It has shapes and no numbers: to read one, or to mix it with tensors of the CPU, is an error.
META = torch.device("meta")


@pytest.mark.parametrize("model", ["lstm", "gru", "cnn", "language model"])
def test_step_stays_on_its_device_and_reads_nothing_back(monkeypatch, model):
    # Autocast and its precision are unknown there.
    for module in (vae, language_model):
        monkeypatch.setattr(module, "products_in", lambda *_: nullcontext())
    for module in (recurrence, convolutional):
        monkeypatch.setattr(module, "precision_here", lambda tensor: tensor.dtype)
    batch = pack([np.array([2, 3]), np.array([4, 5, 6]), np.array([7])]).to(META)
    if model == "language model":
        whole = language_model.LanguageModel(LanguageModelSizes(), WORDS).to(META)
        nll = whole(batch, torch.float32)
    else:
        whole = vae.TextVAE(tiny_model(model), WORDS).to(META)
        noise = torch.randn(3, whole.architecture.latent, device=META)
        terms = whole(batch, noise, torch.float32)
        nll = terms.distortion + terms.rates.mean()
    nll.backward()
    Sums(("loss",), META).add(9, (nll.detach(),))
    assert nll.device == META
