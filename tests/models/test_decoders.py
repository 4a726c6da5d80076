"""The weaker decoders and further connections, and the limits in which they are others."""

import math

import numpy as np
import pytest
import torch

from textvae.corpora.vocabulary import UNK_ID
from textvae.errors import InputError
from textvae.models import recurrent
from textvae.models.batches import pack
from textvae.models.decoders.dilated import ResidualBlock
from textvae.models.receptive_field import receptive_field
from textvae.models.vae import TextVAE
from textvae.registry import DECODERS
from textvae.training import cell
from textvae.training.cell import CellTrainer, TrainingJob
from tiny import CNN, MODEL, tiny_task

WORDS = 7
SENTENCES = [np.array([4, 2, 6]), np.array([3]), np.array([2, 5, 4, 1, 3, 6, 2, 4])]
BATCH = pack(SENTENCES)
Z = torch.randn(3, 4, generator=torch.Generator().manual_seed(3))


def model_of(decoder, **settings):
    """A model in which every weight matters."""
    torch.manual_seed(1)
    model = TextVAE(MODEL.replace(decoder=decoder, **settings), WORDS).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return model


def like(base, decoder, **settings):
    """A model with the weights of another, and zero where it has more of them."""
    model = model_of(decoder, **settings)
    known = base.state_dict()
    for name, weight in model.state_dict().items():
        weight.zero_()
        if name in known:
            columns = min(weight.shape[-1], known[name].shape[-1])
            weight[..., :columns] = known[name][..., :columns]
    return model


def features(model, sentences):
    batch = pack(sentences)
    return model.decoder(model.embedding(batch.previous), Z[: len(batch)], batch)


LSTM = model_of("lstm")


@pytest.mark.parametrize(
    ("decoder", "settings"),
    [
        ("lstm-word-dropout", {"word_dropout": 0.0}),
        ("lstm-bag-of-words-loss", {}),
        ("lstm-skip", {"code_input": "each-word"}),
        ("lstm-code-input", {"code_input": "each-word"}),
    ],
)
def test_limit_of_a_decoder_is_the_lstm_bit_for_bit(decoder, settings):
    model = like(LSTM, decoder, **settings).train()
    assert model.distortion(BATCH, Z).equal(LSTM.distortion(BATCH, Z))
    terms = [one(BATCH, Z, torch.float32) for one in (model, LSTM.train())]
    assert terms[0].distortion.equal(terms[1].distortion)
    assert terms[0].rates.equal(terms[1].rates)


def test_initial_state_of_0_is_that_of_the_lstm():
    both = like(LSTM, "lstm-code-input", code_input="both")
    torch.testing.assert_close(both.distortion(BATCH, Z), LSTM.distortion(BATCH, Z))
    # Without the weights for z beside the words, it is that of a code of zeros.
    initial = like(LSTM, "lstm-code-input", code_input="initial-state")
    without = LSTM.distortion(BATCH, torch.zeros(3, 4))
    torch.testing.assert_close(initial.distortion(BATCH, Z), without)
    torch.nn.init.ones_(initial.decoder.initial.weight)
    assert not initial.distortion(BATCH, Z).allclose(without)


# The settings in which a decoder differs most from others.
OWN = {
    "lstm-word-dropout": {"word_dropout": 1.0},
    "dilated-cnn": {"dilated_layers": 2, "dilated_channels": 8, "dilated_bottleneck": 5},
    "cnn": CNN,
}


@pytest.mark.parametrize("decoder", DECODERS.names())
def test_features_word_by_word_are_those_of_whole_sentences(decoder):
    model = model_of(decoder, **OWN.get(decoder, {}))
    whole = features(model, SENTENCES)
    z, state, steps = Z, None, []
    for words in model.embedding(BATCH.previous).split(BATCH.sizes.tolist()):
        if len(words) < len(z):
            rows = torch.arange(len(words))
            z, state = z[rows], model.decoder.keep(state, rows)
        step, state = model.decoder.step(words, z, state)
        steps.append(step)
    torch.testing.assert_close(torch.cat(steps), whole)


def test_word_dropout_is_of_training_only():
    model = like(LSTM, "lstm-word-dropout", word_dropout=0.5)
    assert model.distortion(BATCH, Z).equal(LSTM.distortion(BATCH, Z))
    torch.manual_seed(1)
    assert not model.train().distortion(BATCH, Z).allclose(LSTM.distortion(BATCH, Z))


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_share_of_unknown_words_is_that_of_the_setting(monkeypatch, share):
    model, read = model_of("lstm-word-dropout", word_dropout=share).train(), []
    monkeypatch.setattr(recurrent, "_states", lambda layer, tokens, batch: read.append(tokens))
    batch = pack([np.full(100, 5)] * 1000)
    model.decoder(model.embedding(batch.previous), torch.zeros(1000, 4), batch)
    unknown = (read[0][:, :6] == model.embedding.weight[UNK_ID]).all(1)
    # Never the `<eos>` before a sentence.
    assert not unknown[batch.steps == 0].any()
    found = unknown[batch.steps > 0].double().mean().item()
    assert abs(found - share) <= 3 * math.sqrt(share * (1 - share) / 100_000)


def test_inputless_decoder_does_not_read_words():
    model = model_of("lstm-word-dropout", word_dropout=1.0)
    given, changed = features(model, [[4, 2, 6, 3]]), features(model, [[2, 5, 5, 1]])
    assert given.equal(changed)


def test_bag_of_words_does_not_see_the_order():
    model = model_of("bag-of-words")
    backwards = pack([sentence[::-1].copy() for sentence in SENTENCES])
    torch.testing.assert_close(model.distortion(BATCH, Z), model.distortion(backwards, Z))


def test_bag_of_words_without_weights_has_the_entropy_of_unigrams():
    model = model_of("bag-of-words")
    sentences = [np.array([2, 2]), np.array([3]), np.array([2])]
    # Of 7 tokens: 3 `<eos>`, 3 times word 2, once word 3.
    shares = torch.tensor([3, 1e-30, 3, 1, *[1e-30] * 3]) / 7
    torch.nn.init.zeros_(model.output.weight)
    model.output.bias.data = shares.log()
    nats = -(6 * math.log(3 / 7) + math.log(1 / 7))
    assert model.distortion(pack(sentences), Z).sum().item() == pytest.approx(nats, rel=1e-5)


def test_skip_connections_without_an_lstm_are_a_bag_of_words():
    skip, bag = model_of("lstm-skip"), model_of("bag-of-words")
    for weight in skip.decoder.parameters():
        torch.nn.init.zeros_(weight)
    bag.output.weight.data = skip.output.weight[:, 8:].clone()
    bag.output.bias.data = skip.output.bias.clone()
    torch.testing.assert_close(skip.distortion(BATCH, Z), bag.distortion(BATCH, Z))


def test_bag_of_words_loss_is_the_number_of_tokens_times_log_v():
    model = like(LSTM, "lstm-bag-of-words-loss")
    losses = model(BATCH, Z, torch.float32).losses
    # 3 + 1 + 8 words and 3 end marks.
    assert losses["bag_of_words"].item() == pytest.approx(15 * math.log(WORDS) / 3)


def seeded_losses(trainer):
    torch.manual_seed(1)
    return trainer.losses(BATCH)


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_bag_of_words_loss_is_added_with_its_weight_to_the_loss_only(tmp_path, weight):
    task = tiny_task(tmp_path, objective="elbo")
    model = MODEL.replace(decoder="lstm-bag-of-words-loss", bag_weight=weight, bag_hidden=4)
    job = TrainingJob(task.cell, task.corpus, model, task.training, task.device)
    losses, plain = (seeded_losses(CellTrainer(one)) for one in (job, task))
    expected = losses["D"] + losses["R"]
    assert losses["loss"].item() == pytest.approx(
        (expected + weight * losses["bag_of_words"]).item()
    )
    if weight == 0:
        assert {name: losses[name] for name in plain} == plain


FIELD = receptive_field(layers=2, width=3)


def test_dilated_decoder_sees_as_many_tokens_as_its_receptive_field():
    # Dilations 1 and 2: 1 + 2 + 4; the small model of Yang et al. has 1, 2, 4.
    assert (FIELD, receptive_field(3, 3), receptive_field(5, 3)) == (7, 15, 63)
    sizes = {"dilated_layers": 2, "dilated_channels": 8, "dilated_bottleneck": 5}
    model = model_of("dilated-cnn", **sizes)
    words = np.tile([2, 5, 3], 5)
    # Features at position t read the words before it: token t is word t - 1.
    for changed in (0, 4):
        other = words.copy()
        other[changed] = 6
        same = (features(model, [words]) == features(model, [other])).all(1)
        read = [changed + 1 <= token < changed + 1 + FIELD for token in range(16)]
        assert same.tolist() == [not one for one in read]


def test_dilated_block_by_hand():
    block = ResidualBlock(channels=2, bottleneck=2, width=2, dilation=2)
    for layer in (block.down, block.up):
        layer.weight.data = torch.eye(2)
    # The sum of the token itself and the one two tokens before.
    block.dilated.weight.data = torch.eye(2).repeat(1, 2)
    x = torch.tensor([[3.0, 1.0], [0.0, 4.0], [5.0, 7.0]])
    # Two numbers are normalised to 1 and -1: of each token its larger number is 1, the other 0.
    # The first token sees itself alone, the third also the first: (0, 1) + (1, 0), normalised to 0.
    expected = x + torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    seen = torch.tensor([[3, 0], [3, 1], [0, 2]])
    torch.testing.assert_close(block(x, seen), expected, atol=1e-3, rtol=0)
    state, rows = None, []
    for row in x:
        output, state = block.step(row[None], state)
        rows.append(output[0])
    torch.testing.assert_close(torch.stack(rows), block(x, seen))


def test_initial_weights_of_codes_have_the_gain():
    for decoder, names in (
        ("lstm-skip", ("output.weight", "decoder.initial.weight")),
        ("bag-of-words", ("output.weight",)),
        ("dilated-cnn", ("decoder.projection.weight",)),
    ):
        of_codes = []
        for gain in (1.0, 3.0):
            torch.manual_seed(1)
            model = TextVAE(MODEL.replace(decoder=decoder, latent_gain=gain), WORDS)
            weights = dict(model.named_parameters())
            of_codes.append([weights[name][:, -4:] for name in names])
        for one, three in zip(*of_codes, strict=True):
            torch.testing.assert_close(3 * one, three)


def test_dilated_decoder_that_sees_whole_sentences_is_refused_before_training(tmp_path):
    # The longest sentence has 8 words, and 1 + 2 + 4 + 8 tokens are seen.
    task = tiny_task(tmp_path)
    model = MODEL.replace(decoder="dilated-cnn", dilated_layers=3)
    job = TrainingJob(task.cell, task.corpus, model, task.training, task.device)
    with pytest.raises(InputError) as error:
        cell.train(job, tmp_path / "model", tmp_path / "checkpoints", 10)
    assert str(error.value).startswith("tiny/small/C2/seed1: dilated-cnn: dilated_layers 3 ")
