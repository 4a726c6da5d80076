"""The packed model against one written out word by word."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch.nn import functional as F

from one_by_one import states_by_hand
from textvae.cells import Cell
from textvae.config.queries import training_settings
from textvae.models.architecture import ModelConfig
from textvae.models.batches import pack
from textvae.models.decoding import greedy
from textvae.models.vae import TextVAE
from tiny import ENCODERS

ROOT = Path(__file__).parents[2]

SMALL = ModelConfig(
    embedding=5,
    hidden=6,
    latent=3,
    mean_gain=3.0,
    latent_gain=2.0,
)
SIZES = SMALL.architecture
OWN = {"cnn": {"channels": 8, "bottleneck": 4, "filter_width": 3}}
SENTENCES = [np.array([4, 2, 9]), np.array([3]), np.array([8, 8, 5, 2, 7])]


@pytest.fixture(params=["lstm", "gru"])
def model(request):
    torch.manual_seed(1)
    return TextVAE(SMALL.replace(encoder=request.param, decoder=request.param), words=11)


@pytest.fixture(params=["lstm", "gru", "cnn"])
def any_model(request):
    """With each of the decoders, as it is evaluated."""
    torch.manual_seed(1)
    parts = SMALL.replace(
        encoder=ENCODERS[request.param], decoder=request.param, **OWN.get(request.param, {})
    )
    return TextVAE(parts, words=11).eval()


def cost_by_hand(model, sentence, noise):
    """Distortion and rate of one sentence, a word at a time."""
    words = [*sentence.tolist(), 0]
    embedded = model.embedding.weight
    last = states_by_hand(model.encoder.recurrence, [embedded[word] for word in words])[-1]
    mean = model.posterior.mean(last)
    log_variance = model.posterior.log_variance(last)
    z = mean + torch.exp(log_variance / 2) * noise
    inputs = [torch.cat([embedded[word], z]) for word in [0, *words[:-1]]]
    distortion = 0
    for state, word in zip(states_by_hand(model.decoder.recurrence, inputs), words, strict=True):
        distortion -= F.log_softmax(model.output(state), dim=0)[word]
    rate = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum()
    return distortion.item(), rate.item()


def test_distortion_and_rate_are_those_of_a_word_by_word_model(model):
    batch = pack(SENTENCES)
    noise = torch.randn(len(SENTENCES), SIZES.latent)
    by_hand = [cost_by_hand(model, s, noise[i]) for i, s in enumerate(SENTENCES)]
    distortions, rates = zip(*by_hand, strict=True)

    terms = model(batch, noise[batch.order], torch.float32)
    assert terms.distortion.item() == pytest.approx(sum(distortions) / 3, rel=1e-5)
    torch.testing.assert_close(batch.restore(terms.rates), torch.tensor(rates))

    z = model.encode(batch).sample(noise[batch.order])
    torch.testing.assert_close(terms.z, z)
    each = batch.restore(model.distortion(batch, z))
    torch.testing.assert_close(each, torch.tensor(distortions), rtol=1e-5, atol=1e-5)


def test_gradients_reach_every_parameter_and_are_those_of_a_padded_model(model):
    batch = pack(SENTENCES)
    noise = torch.randn(len(SENTENCES), SIZES.latent)
    terms = model(batch, noise[batch.order], torch.float32)
    loss = 3 * terms.distortion + terms.rates.sum()
    packed = torch.autograd.grad(loss, list(model.parameters()))

    padded = torch.nn.utils.rnn.pad_sequence([torch.tensor([*s, 0]) for s in SENTENCES])
    said = torch.nn.utils.rnn.pad_sequence([torch.ones(len(s) + 1) for s in SENTENCES])
    states, _ = model.encoder.recurrence(model.embedding(padded))
    last = torch.stack([states[len(s), i] for i, s in enumerate(SENTENCES)])
    posterior = model.posterior(last)
    z = posterior.sample(noise)
    previous = torch.cat([torch.zeros_like(padded[:1]), padded[:-1]])
    inputs = torch.cat([model.embedding(previous), z.expand(len(padded), -1, -1)], dim=2)
    logits = model.output(model.decoder.recurrence(inputs)[0])
    nll = F.cross_entropy(logits.flatten(0, 1), padded.flatten(), reduction="none")
    loss = (nll * said.flatten()).sum() + model.draw(posterior, noise)[1].sum()
    for ours, theirs in zip(
        packed, torch.autograd.grad(loss, list(model.parameters())), strict=True
    ):
        assert theirs.abs().max() > 0
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_bfloat16_is_close_and_leaves_float32_weights(any_model):
    model = any_model
    batch, noise = pack(SENTENCES), torch.zeros(3, SIZES.latent)
    exact = model(batch, noise, torch.float32).distortion
    rounded = model(batch, noise, torch.bfloat16).distortion
    rounded.backward()
    assert rounded.item() == pytest.approx(exact.item(), rel=0.01)
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} == {torch.float32}


def test_step_by_step_the_decoder_says_what_it_says_at_once(any_model):
    model, batch = any_model.double(), pack(SENTENCES)
    z = torch.randn(len(SENTENCES), SIZES.latent, dtype=torch.float64)
    at_once = model.decoder(model.embedding(batch.previous), z[batch.order], batch)
    for row, index in enumerate(batch.order.tolist()):
        state, code = None, z[index : index + 1]
        for word, expected in zip([0, *SENTENCES[index]], at_once[batch.rows == row], strict=True):
            embedded = model.embedding(torch.tensor([int(word)]))
            features, state = model.decoder.step(embedded, code, state)
            ours, together = (model.output(f).log_softmax(0) for f in (features[0], expected))
            torch.testing.assert_close(ours, together, rtol=0, atol=1e-5)


def test_greedy_takes_the_likeliest_word_each_time_and_knows_when_to_stop(any_model):
    model = any_model
    with torch.no_grad():
        # Large weights, so that sentences differ and end at different steps.
        for parameter in model.parameters():
            parameter.mul_(4)
    codes = torch.randn(40, SIZES.latent)
    together = greedy(model, codes, steps=12)
    for code, sentence in zip(codes, together, strict=True):
        alone, word, state = [], 0, None
        while len(alone) < 12:
            features, state = model.decoder.step(
                model.embedding(torch.tensor([word])), code.unsqueeze(0), state
            )
            word = model.output(features).argmax().item()
            if word == 0:
                break
            alone.append(word)
        assert sentence == alone
    assert len({len(sentence) for sentence in together}) > 1
    assert greedy(model, codes[:0], steps=12) == []


def test_every_size_and_gain_arrives_at_its_part():
    """Odd numbers, no two alike, so that none can stand in for another."""
    odd = ModelConfig(
        encoder="lstm",
        decoder="cnn",
        embedding=3,
        hidden=5,
        latent=7,
        channels=11,
        bottleneck=13,
        filter_width=17,
        blocks=3,
        dropout=0.19,
    )
    model = TextVAE(odd, words=23)
    shapes = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    assert shapes["embedding.weight"] == (23, 3)
    assert shapes["encoder.recurrence.weight_hh_l0"] == (4 * 5, 5)
    assert shapes["posterior.mean.weight"] == shapes["posterior.log_variance.weight"] == (7, 5)
    assert shapes["decoder.blocks.0.projection.weight"] == (11, 3 + 7)
    assert shapes["decoder.blocks.2.projection.weight"] == (11, 11)
    assert shapes["decoder.blocks.1.gates.causal.weight"] == (13, 13, 17)
    assert shapes["output.weight"] == (23, 11)
    assert len(model.decoder.blocks) == 3
    dropped = {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)}
    assert dropped == {0.19}
    recurrent = TextVAE(odd.replace(decoder="gru"), words=23)
    assert recurrent.decoder.recurrence.weight_ih_l0.shape == (3 * 5, 3 + 7)


@pytest.mark.parametrize(
    ("decoder", "weight"),
    [
        ("lstm", "decoder.recurrence.weight_ih_l0"),
        ("gru", "decoder.recurrence.weight_ih_l0"),
        ("cnn", "decoder.blocks.0.projection.weight"),
    ],
)
def test_gains_arrive_too(decoder, weight):
    def weights(**gains):
        torch.manual_seed(1)
        parts = SMALL.replace(decoder=decoder, mean_gain=1.0, latent_gain=1.0)
        return dict(TextVAE(parts.replace(**gains), words=11).named_parameters())

    plain, gained = weights(), weights(mean_gain=3, latent_gain=4)
    torch.testing.assert_close(gained["posterior.mean.weight"], 3 * plain["posterior.mean.weight"])
    torch.testing.assert_close(gained[weight][:, 5:], 4 * plain[weight][:, 5:])
    torch.testing.assert_close(gained[weight][:, :5], plain[weight][:, :5])


def test_embeddings_are_shared_and_start_small(model):
    assert model.embedding.weight.abs().max() <= SIZES.embedding_range
    names = {name for name, _ in model.named_parameters() if "embedding" in name}
    assert names == {"embedding.weight"}


def test_the_wide_models_have_twice_the_parameters():
    # Footnote 6; the paper's corpora for it have 20,000 words, <eos> and <unk> beside them.
    paper = yaml.safe_load((ROOT / "config/config.yaml").read_text())

    def parameters(name):
        config = ModelConfig.resolve(training_settings(paper, Cell("yelp", name, 10, 1)))
        with torch.device("meta"):
            model = TextVAE(config, words=20_002)
        return sum(parameter.numel() for parameter in model.parameters())

    assert parameters("lstm-wide") == pytest.approx(2 * parameters("lstm"), rel=0.01)
    assert parameters("gru-wide") == pytest.approx(2 * parameters("gru"), rel=0.01)
