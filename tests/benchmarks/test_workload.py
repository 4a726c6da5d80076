"""What the benchmarks run: made-up texts, the plain loop, the compared losses, starts of steps."""

import pytest
import torch
from benchmarks.plain import PlainLanguageModel, PlainVAE, padded
from benchmarks.texts import LENGTHS, draw_sentences, write_corpus, write_text

from benchmarks import loss, starts, turns
from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from textvae.stages import STEPS
from tiny import WORDS, tiny_corpus, tiny_model

CASES = [(precision, name) for precision, losses in loss.LOSSES.items() for name in losses]


@pytest.mark.parametrize("kind", LENGTHS)
def test_texts_have_the_lengths_of_their_kind(kind):
    lengths, expected = draw_sentences(kind, 1000, 5000, seed=1).lengths, LENGTHS[kind]
    assert lengths.mean() == pytest.approx(expected.mean, rel=0.03)
    assert lengths.min() >= expected.shortest
    assert lengths.max() <= expected.longest


def test_corpus_and_text_contain_the_same_sentences(tmp_path):
    sizes = {"train": 30, "valid": 5, "test": 5}
    split = write_corpus(tmp_path / "corpus", "cbt-like", 50, sizes).split("train")
    write_text(tmp_path / "text.txt", "cbt-like", 50, 30)
    lines = (tmp_path / "text.txt").read_text().splitlines()
    assert len(lines) == len(split) == 30
    assert lines[7].split() == [f"w{word}" for word in split[7]]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    split = tiny_corpus(tmp_path_factory.mktemp("corpus")).split("train")
    return [split[i] for i in range(12)]


def check_gradients(plain, ours):
    for (name, one), (_, other) in zip(
        plain.named_parameters(), ours.named_parameters(), strict=True
    ):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_plain_vae_has_the_same_losses_and_gradients(sentences, decoder):
    config = tiny_model(decoder, **{"dropout": 0} if decoder == "cnn" else {})
    torch.manual_seed(1)
    ours, plain = TextVAE(config, WORDS + 2), PlainVAE(config, WORDS + 2)
    plain.load_state_dict(ours.state_dict())
    batch, noise = pack(sentences), torch.randn(len(sentences), config.architecture.latent)
    terms = ours(batch, batch.arrange(noise), torch.float32)
    nll = terms.distortion * len(batch)
    plain_nll, plain_rates = plain(*padded(sentences), noise)
    torch.testing.assert_close(plain_nll, nll)
    torch.testing.assert_close(plain_rates, batch.restore(terms.rates))
    (nll + terms.rates.sum()).backward()
    (plain_nll + plain_rates.sum()).backward()
    check_gradients(plain, ours)


def test_plain_language_model_has_the_same_loss_and_gradients(sentences):
    sizes = LanguageModelSizes(embedding=6, hidden=8)
    torch.manual_seed(1)
    ours, plain = LanguageModel(sizes, WORDS + 2), PlainLanguageModel(sizes, WORDS + 2)
    plain.load_state_dict(ours.state_dict())
    nll, plain_nll = ours(pack(sentences), torch.float32), plain(*padded(sentences))
    torch.testing.assert_close(plain_nll, nll)
    nll.backward()
    plain_nll.backward()
    check_gradients(plain, ours)


@pytest.mark.parametrize(("precision", "name"), CASES)
def test_compared_losses_differ_by_rounding_only(precision, name):
    error, gradients = loss.errors(loss.LOSSES[precision][name], precision, words=700, tokens=600)
    rounding = {"float32": 1e-6, "bfloat16": 1e-2}[precision]
    assert gradients < rounding
    # torch's sum in bfloat16 is compared because it is wrong.
    if precision == "float32" or "summed" not in name:
        assert abs(error) < rounding


@pytest.mark.parametrize("precision", loss.PRECISIONS)
def test_variant_trains_with_its_loss(precision, monkeypatch):
    called = []
    monkeypatch.setitem(loss.LOSSES, precision, {"mine": lambda *inputs: called.append(inputs)})
    before = turns.vae.fused_linear_cross_entropy
    with turns.Variant(precision, compiled=False, loss="mine").used():
        turns.vae.fused_linear_cross_entropy(7)
    assert called == [(7,)]
    assert turns.vae.fused_linear_cross_entropy is before


def test_every_step_has_a_program_to_time():
    assert all("import textvae.cli" in starts.program(step) for step in STEPS)
