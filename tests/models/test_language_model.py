"""The language model: the decoder of the text VAE without a code, and its folder."""

import json

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model, random_sentences
from textvae.errors import InputError
from textvae.models import language_model, saved
from textvae.models.architecture import LanguageModelSizes, ModelConfig
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from tiny import CPU
from tiny_language_model import SIZES, lively_language_model


def shapes(model):
    return {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


def test_parameters_are_those_of_the_decoder_without_inputs_for_z():
    """Section 3.3.2: "with the parametrisation of our decoder"."""
    with torch.device("meta"):
        ours = shapes(LanguageModel(LanguageModelSizes(), words=12_002))
        theirs = shapes(TextVAE(ModelConfig(latent=64), words=12_002))
    decoder = {
        name: shape
        for name, shape in theirs.items()
        if name.startswith(("embedding.", "decoder.", "output."))
    }
    inputs = "decoder.recurrence.weight_ih_l0"
    assert decoder.pop(inputs) == (4 * 512, 256 + 64)
    assert ours.pop(inputs) == (4 * 512, 256)
    assert ours == decoder


def test_cost_of_a_batch_is_the_sum_over_its_tokens():
    model = lively_language_model()
    batch = pack([*random_sentences(12), np.array([], dtype=np.uint32)])
    total, each = model(batch, torch.float32), model.token_nll(batch)
    assert each.shape == batch.words.shape
    assert total.item() == pytest.approx(each.sum().item(), rel=1e-6)
    assert model(batch, torch.bfloat16).item() == pytest.approx(total.item(), rel=0.01)
    total.backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in model.parameters())


@pytest.fixture
def folder(tmp_path):
    language_model.save(tmp_path / "lm", lively_language_model(), VOCABULARY, {"name": "mine"})
    return tmp_path / "lm"


def test_loaded_model_equals_the_saved_one(folder):
    before = lively_language_model().state_dict()
    model, vocabulary = language_model.load(folder, CPU)
    assert model.sizes == SIZES
    assert vocabulary.words == VOCABULARY.words
    assert not model.training
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(after[name].equal(before[name]) for name in before)
    config = json.loads((folder / "config.json").read_text())
    assert config["language_model"] == {"embedding": 6, "hidden": 8, "embedding_range": 0.5}
    assert config["training"] == {"name": "mine"}


def test_text_vae_and_language_model_are_not_confused(folder, tmp_path):
    saved.save(tmp_path / "vae", lively_model(), {})
    with pytest.raises(InputError, match=r"vae/config\.json: .*language_model"):
        language_model.load(tmp_path / "vae", CPU)
    with pytest.raises(InputError, match=r"lm/config\.json: .* language model"):
        saved.load(folder, CPU)
