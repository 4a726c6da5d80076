"""The recurrent encoder and decoder against the equations of their gates, sentence by sentence."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from one_by_one import states_by_hand
from textvae.models.batches import pack
from textvae.models.recurrent import RecurrentDecoder, RecurrentEncoder, initialise

SENTENCES = [np.array([4, 2, 9]), np.array([3]), np.array([8, 8, 5, 2, 7])]
KINDS = [nn.LSTM, nn.GRU]


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(1)


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_the_state_at_each_sentences_own_end(kind):
    encoder, batch, words = RecurrentEncoder(kind, 5, 6), pack(SENTENCES), torch.randn(11, 5)
    features = batch.restore(encoder(words[batch.words], batch))
    for sentence, feature in zip(SENTENCES, features, strict=True):
        read = [words[word] for word in [*sentence, 0]]
        torch.testing.assert_close(feature, states_by_hand(encoder.recurrence, read)[-1])


@pytest.mark.parametrize("kind", KINDS)
def test_the_decoder_reads_the_code_beside_every_word(kind):
    decoder = RecurrentDecoder(kind, embedding=5, latent=3, hidden=6, latent_gain=2.0)
    batch, words, z = pack(SENTENCES), torch.randn(11, 5), torch.randn(len(SENTENCES), 3)
    features = decoder(words[batch.previous], z[batch.order], batch)
    for row, index in enumerate(batch.order.tolist()):
        read = [torch.cat([words[word], z[index]]) for word in [0, *SENTENCES[index]]]
        by_hand = torch.stack(states_by_hand(decoder.recurrence, read))
        torch.testing.assert_close(features[batch.rows == row], by_hand)


@pytest.mark.parametrize("kind", KINDS)
def test_the_latent_gain_is_on_the_weights_of_the_code_alone(kind):
    decoders = []
    for gain in (1.0, 4.0):
        torch.manual_seed(2)
        decoders.append(RecurrentDecoder(kind, 5, 3, 6, latent_gain=gain))
    plain, gained = decoders
    ratio = gained.recurrence.weight_ih_l0 / plain.recurrence.weight_ih_l0
    torch.testing.assert_close(ratio[:, :5], torch.ones_like(ratio[:, :5]))
    torch.testing.assert_close(ratio[:, 5:], torch.full_like(ratio[:, 5:], 4))


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_start_lecun_normal(kind):
    layer = kind(300, 200)
    initialise(layer)
    # Variance 1 / fan-in, nothing beyond two deviations of the uncut normal.
    for weight in (layer.weight_ih_l0, layer.weight_hh_l0):
        deviation = math.sqrt(1 / weight.shape[1])
        assert weight.std().item() == pytest.approx(deviation, rel=0.01)
        assert weight.abs().max().item() <= 2 * deviation / 0.8796


def test_biases_start_at_zero_but_for_the_forget_gate():
    lstm, gru = nn.LSTM(30, 20), nn.GRU(30, 20)
    initialise(lstm)
    initialise(gru)
    assert lstm.bias_ih_l0[20:40].tolist() == [1] * 20
    assert lstm.bias_ih_l0.sum() + lstm.bias_hh_l0.abs().sum() == 20
    assert gru.bias_ih_l0.abs().sum() + gru.bias_hh_l0.abs().sum() == 0
