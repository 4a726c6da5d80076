"""The plain loop does the same work: with the same weights it has the same losses and gradients."""

import pytest
import torch
from benchmarks.plain import PlainLanguageModel, PlainVAE, padded

from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from tiny import WORDS, tiny_corpus, tiny_model


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    split = tiny_corpus(tmp_path_factory.mktemp("corpus")).split("train")
    return [split[i] for i in range(12)]


def with_weights_of(plain, ours):
    plain.load_state_dict(ours.state_dict())
    return plain


def check_gradients(plain, ours):
    for (name, one), (_, other) in zip(
        plain.named_parameters(), ours.named_parameters(), strict=True
    ):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_of_a_vae(sentences, decoder):
    config = tiny_model(decoder).replace(**{"dropout": 0} if decoder == "cnn" else {})
    torch.manual_seed(1)
    ours = TextVAE(config, WORDS + 2)
    plain = with_weights_of(PlainVAE(config, WORDS + 2), ours)
    batch, noise = pack(sentences), torch.randn(len(sentences), config.architecture.latent)
    terms = ours(batch, batch.arrange(noise), torch.float32)
    nll = terms.distortion * len(batch)
    expected, expected_rates = plain(*padded(sentences), noise)
    torch.testing.assert_close(expected, nll)
    torch.testing.assert_close(expected_rates, batch.restore(terms.rates))
    (nll + terms.rates.sum()).backward()
    (expected + expected_rates.sum()).backward()
    check_gradients(plain, ours)


def test_of_a_language_model(sentences):
    sizes = LanguageModelSizes(embedding=6, hidden=8)
    torch.manual_seed(1)
    ours = LanguageModel(sizes, WORDS + 2)
    plain = with_weights_of(PlainLanguageModel(sizes, WORDS + 2), ours)
    nll, expected = ours(pack(sentences), torch.float32), plain(*padded(sentences))
    torch.testing.assert_close(expected, nll)
    nll.backward()
    expected.backward()
    check_gradients(plain, ours)
