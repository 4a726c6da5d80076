"""The text VAE: the terms of a batch against a slow oracle, sizes, gains and initial weights."""

import math
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

from textvae.cells import Cell
from textvae.config.queries import training_settings
from textvae.models.architecture import ModelConfig
from textvae.models.recurrent import initialise
from textvae.models.vae import TextVAE

ROOT = Path(__file__).parents[2]
SMALL = ModelConfig(embedding=5, hidden=6, latent=3, mean_gain=3.0, latent_gain=2.0)


def test_every_size_reaches_its_layer():
    sizes = {"embedding": 3, "hidden": 5, "latent": 7}
    own = {"channels": 11, "bottleneck": 13, "filter_width": 17, "blocks": 3, "dropout": 0.19}
    config = ModelConfig(decoder="cnn", embedding_range=0.07, **sizes, **own)
    model = TextVAE(config, words=23)
    shapes = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    assert {name for name in shapes if "embedding" in name} == {"embedding.weight"}
    assert shapes["embedding.weight"] == (23, 3)
    assert 0.06 < model.embedding.weight.abs().max() <= 0.07
    assert shapes["encoder.recurrence.weight_hh_l0"] == (4 * 5, 5)
    assert shapes["posterior.mean.weight"] == shapes["posterior.log_variance.weight"] == (7, 5)
    assert shapes["decoder.blocks.0.projection.weight"] == (11, 3 + 7)
    assert shapes["decoder.blocks.2.projection.weight"] == (11, 11)
    assert shapes["decoder.blocks.1.gates.causal.weight"] == (13, 13, 17)
    assert shapes["output.weight"] == (23, 11)
    assert len(model.decoder.blocks) == 3
    # Glorot-uniform.
    assert 0.98 * (6 / 34) ** 0.5 < model.output.weight.abs().max() <= (6 / 34) ** 0.5
    assert not model.output.bias.any()
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.19}
    recurrent = TextVAE(config.replace(decoder="gru"), words=23)
    assert recurrent.decoder.recurrence.weight_ih_l0.shape == (3 * 5, 3 + 7)


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_gains_scale_only_mean_and_code_weights(decoder):
    def weights(**gains):
        torch.manual_seed(1)
        config = SMALL.replace(decoder=decoder, **gains)
        return dict(TextVAE(config, words=11).named_parameters())

    expected = weights(mean_gain=1.0, latent_gain=1.0)
    weight = "blocks.0.projection.weight" if decoder == "cnn" else "recurrence.weight_ih_l0"
    with torch.no_grad():
        expected["posterior.mean.weight"] *= 3
        expected[f"decoder.{weight}"][:, 5:] *= 4
    for name, parameter in weights(mean_gain=3, latent_gain=4).items():
        torch.testing.assert_close(parameter, expected[name], msg=name)


@pytest.mark.parametrize(("kind", "ones"), [(nn.LSTM, range(200, 400)), (nn.GRU, [])])
def test_recurrent_layers_start_lecun_normal(kind, ones):
    layer = kind(300, 200)
    initialise(layer)
    # Variance 1 / fan-in, truncated at two standard deviations of the untruncated normal.
    for weight in (layer.weight_ih_l0, layer.weight_hh_l0):
        deviation = math.sqrt(1 / weight.shape[1])
        assert weight.std().item() == pytest.approx(deviation, rel=0.01)
        assert 1.9 * deviation < weight.abs().max().item() <= 2 * deviation / 0.8796
    # The forget gate of an LSTM has bias 1.
    bias = layer.bias_ih_l0 + layer.bias_hh_l0
    assert bias.nonzero().flatten().tolist() == list(ones)
    assert bias.sum() == len(ones)


def test_wide_models_have_twice_the_parameters():
    """Footnote 6 of the paper; 20,000 words besides `<eos>` and `<unk>`."""
    paper = yaml.safe_load((ROOT / "config/config.yaml").read_text())

    def parameters(name):
        config = ModelConfig.resolve(training_settings(paper, Cell("yelp", name, 10, 1)))
        with torch.device("meta"):
            model = TextVAE(config, words=20_002)
        return sum(parameter.numel() for parameter in model.parameters())

    assert parameters("lstm-wide") == pytest.approx(2 * parameters("lstm"), rel=0.01)
    assert parameters("gru-wide") == pytest.approx(2 * parameters("gru"), rel=0.01)
