"""The language model: the text VAE's decoder without a code, and a folder of its own."""

import json
import math

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model, random_sentences, states_by_hand
from textvae.errors import InputError
from textvae.models import language_model, saved
from textvae.models.architecture import LanguageModelSizes, ModelConfig
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from tiny_language_model import SIZES, lively_language_model

CPU = torch.device("cpu")
# The last one has no words.
SENTENCES = [*random_sentences(12), np.array([], dtype=np.uint32)]
BATCH = pack(SENTENCES)


def shapes(model):
    return {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}


def test_its_parameters_are_those_of_the_decoder_but_for_the_inputs_of_z():
    # Section 3.3.2: "with the parametrisation of our decoder".
    config, sizes = ModelConfig(latent=64), LanguageModelSizes()
    with torch.device("meta"):
        ours = shapes(LanguageModel(sizes, words=12_002))
        theirs = shapes(TextVAE(config, words=12_002))
    decoder = {
        name: shape
        for name, shape in theirs.items()
        if name.startswith(("embedding.", "decoder.", "output."))
    }
    inputs = "decoder.recurrence.weight_ih_l0"
    assert decoder.pop(inputs) == (4 * 512, 256 + 64)
    assert ours.pop(inputs) == (4 * 512, 256)
    assert ours == decoder


def test_it_starts_as_the_decoder_starts():
    torch.manual_seed(1)
    sizes = LanguageModelSizes(embedding=50, hidden=60, embedding_range=0.07)
    model = LanguageModel(sizes, words=200).requires_grad_(False)
    lstm = model.decoder.recurrence
    low, high = model.embedding.weight.aminmax()
    assert -0.07 <= low < -0.069
    assert 0.069 < high <= 0.07
    # Lecun-normal: the variance is one over the number of inputs.
    assert lstm.weight_ih_l0.std() == pytest.approx(math.sqrt(1 / 50), rel=0.05)
    assert lstm.weight_hh_l0.std() == pytest.approx(math.sqrt(1 / 60), rel=0.05)
    forget = torch.zeros(4, 60)
    forget[1] = 1
    assert (lstm.bias_ih_l0 + lstm.bias_hh_l0).equal(forget.flatten())
    # Glorot uniform.
    bound = math.sqrt(6 / (60 + 200))
    assert 0.99 * bound < model.output.weight.abs().max() <= bound
    assert not model.output.bias.any()


def test_the_cost_of_a_batch_is_that_of_its_tokens():
    model = lively_language_model()
    total, each = model(BATCH, torch.float32), model.token_nll(BATCH)
    assert each.shape == BATCH.words.shape
    assert total.item() == pytest.approx(each.sum().item(), rel=1e-6)
    assert model(BATCH, torch.bfloat16).item() == pytest.approx(total.item(), rel=0.01)


def test_gradients_reach_every_parameter_and_are_those_of_a_word_by_word_model():
    model = lively_language_model()
    ours = torch.autograd.grad(model(BATCH, torch.float32), list(model.parameters()))
    cost = torch.zeros(())
    for sentence in SENTENCES:
        words = [*map(int, sentence), 0]
        inputs = [model.embedding.weight[word] for word in [0, *words[:-1]]]
        states = states_by_hand(model.decoder.recurrence, inputs)
        for state, word in zip(states, words, strict=True):
            cost = cost - model.output(state).log_softmax(0)[word]
    for gradient, by_hand in zip(
        ours, torch.autograd.grad(cost, list(model.parameters())), strict=True
    ):
        assert by_hand.abs().max() > 0
        torch.testing.assert_close(gradient, by_hand, rtol=1e-4, atol=1e-5)


@pytest.fixture
def folder(tmp_path):
    language_model.save(tmp_path / "lm", lively_language_model(), VOCABULARY, {"name": "mine"})
    return tmp_path / "lm"


def test_what_is_saved_comes_back_bit_for_bit(folder):
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


def refusal(load, folder):
    with pytest.raises(InputError) as error:
        load(folder, CPU)
    message = str(error.value)
    assert "\n" not in message
    return message.removeprefix(f"{folder}/")


def test_a_text_vae_is_no_language_model_and_the_other_way_round(folder, tmp_path):
    saved.save(tmp_path / "vae", lively_model(), {})
    said = refusal(language_model.load, tmp_path / "vae")
    assert said.startswith("config.json: not the configuration of a model")
    assert refusal(saved.load, folder) == (
        "config.json: not the configuration of a model (it is a language model, which has no code)"
    )


def test_what_does_not_fit_is_named(folder, tmp_path):
    said = refusal(language_model.load, tmp_path / "none")
    assert said == "config.json: no such file"

    config = json.loads((folder / "config.json").read_text())
    for wrong in ([], {}, {**config, "language_model": {**SIZES.__dict__, "hidden": 0}}):
        (folder / "config.json").write_text(json.dumps(wrong))
        assert refusal(language_model.load, folder).startswith("config.json: not the configuration")
    wider = {**config, "language_model": {**SIZES.__dict__, "hidden": 9}}
    (folder / "config.json").write_text(json.dumps(wider))
    said = refusal(language_model.load, folder)
    assert said.startswith("model.safetensors: not the weights that config.json describes")

    (folder / "config.json").write_text(json.dumps(config))
    words = (folder / "vocabulary.txt").read_text()
    (folder / "vocabulary.txt").write_text(words.replace("w3\n", "v3\n"))
    said = refusal(language_model.load, folder)
    assert said == "vocabulary.txt: not the vocabulary the model was trained with"
