"""The gated CNN decoder, position by position, and what a position may see."""

import numpy as np
import pytest
import torch

from textvae.models.architecture import Architecture
from textvae.models.batches import pack
from textvae.models.decoders.convolutional import BottleneckPath, ConvolutionalDecoder, windows

SENTENCES = [np.array([4, 2, 9]), np.array([3]), np.array([8, 8, 5, 2, 7, 6, 1])]
WIDTH = 3


def made(width, dropout):
    sizes = {"channels": 8, "bottleneck": 4, "filter_width": width, "blocks": 2}
    settings = ConvolutionalDecoder.Settings(**sizes, dropout=dropout)
    return ConvolutionalDecoder(Architecture(embedding=5, latent=2), settings)


@pytest.fixture
def decoder():
    torch.manual_seed(1)
    decoder = made(WIDTH, dropout=0.5)
    for parameter in decoder.parameters():
        # Biases too, so that a forgotten one shows.
        torch.nn.init.normal_(parameter, std=0.4)
    return decoder.eval()


WORDS = torch.randn(11, 5, generator=torch.Generator().manual_seed(2))
CODES = torch.randn(len(SENTENCES), 2, generator=torch.Generator().manual_seed(3))


def path_by_hand(path, xs):
    """One bottleneck path over the positions of one sentence, each a vector."""
    reduced = [path.down.weight @ x + path.down.bias for x in xs]
    outputs = []
    for position in range(len(xs)):
        seen = path.causal.bias.clone()
        for back in range(WIDTH):
            if position - back >= 0:
                seen += path.causal.weight[:, :, WIDTH - 1 - back] @ reduced[position - back]
        outputs.append(path.up.weight @ seen + path.up.bias)
    return outputs


def decoder_by_hand(decoder, inputs):
    for block in decoder.blocks:
        xs = [block.projection.weight @ x + block.projection.bias for x in inputs]
        paths = zip(path_by_hand(block.values, xs), path_by_hand(block.gates, xs), xs, strict=True)
        inputs = [values * torch.sigmoid(gates) + x for values, gates, x in paths]
    return torch.stack(inputs)


def features(decoder, sentences, codes):
    """Of each sentence, (tokens, channels)."""
    batch = pack(sentences)
    together = decoder(WORDS[batch.previous], codes[batch.order], batch)
    rows = batch.order.tolist()
    return [together[batch.rows == rows.index(index)] for index in range(len(sentences))]


def test_features_are_those_of_the_equations(decoder):
    for sentence, code, ours in zip(
        SENTENCES, CODES, features(decoder, SENTENCES, CODES), strict=True
    ):
        inputs = [torch.cat([WORDS[word], code]) for word in [0, *sentence]]
        torch.testing.assert_close(ours, decoder_by_hand(decoder, inputs))


def test_no_position_sees_a_later_one_and_each_sees_the_width(decoder):
    sentence = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9])
    before = features(decoder, [sentence], CODES[:1])[0]
    changed = sentence.copy()
    changed[3] = 10
    # The word at place 3 is read by the position that says word 4. Two blocks of width 3 see five
    # positions: it is forgotten after position 8.
    differs = (features(decoder, [changed], CODES[:1])[0] != before).any(dim=1)
    assert differs.tolist() == [False] * 4 + [True] * 5 + [False]


@pytest.mark.parametrize("width", [1, 3, 9])
def test_no_sentence_sees_another(width):
    # Width 9 is longer than any of them.
    torch.manual_seed(1)
    decoder = made(width, dropout=0)
    together = features(decoder, SENTENCES, CODES)
    for index, sentence in enumerate(SENTENCES):
        alone = features(decoder, [sentence], CODES[index : index + 1])[0]
        torch.testing.assert_close(together[index], alone)


def test_word_by_word_it_says_what_it_says_at_once(decoder):
    output = torch.nn.Linear(8, 11)
    for sentence, code, ours in zip(
        SENTENCES, CODES, features(decoder, SENTENCES, CODES), strict=True
    ):
        state = None
        for word, at_once in zip([0, *sentence], ours, strict=True):
            step, state = decoder.step(WORDS[word][None], code[None], state)
            torch.testing.assert_close(
                output(step[0]).log_softmax(0), output(at_once).log_softmax(0), rtol=0, atol=1e-5
            )


def test_kept_sentences_go_on_as_before(decoder):
    words = torch.tensor([1, 2, 3])
    _, state = decoder.step(WORDS[words], CODES, None)
    kept = torch.tensor([2, 0])
    everyone, _ = decoder.step(WORDS[words], CODES, state)
    some, _ = decoder.step(WORDS[words][kept], CODES[kept], decoder.keep(state, kept))
    torch.testing.assert_close(some, everyone[kept])


def test_dropout_is_of_training_only(decoder):
    once, again = (features(decoder, SENTENCES, CODES)[0] for _ in range(2))
    assert torch.equal(once, again)
    decoder.train()
    torch.manual_seed(1)
    dropped, other = (features(decoder, SENTENCES, CODES)[0] for _ in range(2))
    assert not torch.allclose(dropped, once)
    assert not torch.allclose(dropped, other)


def test_dropout_follows_each_of_the_three_convolutions_of_a_path(decoder):
    dropped = []
    for name, module in decoder.named_modules():
        if isinstance(module, torch.nn.Dropout):
            assert module.p == 0.5
            module.register_forward_hook(
                lambda _module, _given, out, name=name: dropped.append((name, out.shape[-1]))
            )
    features(decoder, SENTENCES, CODES)
    paths = [f"blocks.{block}.{path}" for block in (0, 1) for path in ("values", "gates")]
    assert dropped == [(f"{path}.dropout", size) for path in paths for size in (4, 4, 8)]


def test_at_the_papers_sizes_word_by_word_is_at_once():
    torch.manual_seed(1)
    decoder = ConvolutionalDecoder(Architecture(), ConvolutionalDecoder.Settings()).eval()
    output, words, code = torch.nn.Linear(512, 30), torch.randn(30, 256), torch.randn(1, 64)
    sentence = np.arange(1, 30)
    batch = pack([sentence])
    at_once = output(decoder(words[batch.previous], code, batch)).log_softmax(1)
    state = None
    for word, expected in zip([0, *sentence], at_once, strict=True):
        step, state = decoder.step(words[word][None], code, state)
        torch.testing.assert_close(output(step[0]).log_softmax(0), expected, rtol=1e-5, atol=1e-5)


def test_a_window_holds_the_last_words_of_its_own_sentence():
    batch = pack([np.array([5]), np.array([7, 8])])
    # Step after step, the longest sentence first: 7, 5, 8, <eos> of "5", <eos> of "7 8".
    assert batch.words.tolist() == [7, 5, 8, 0, 0]
    none = 6
    assert windows(batch, 3, count=6).tolist() == [
        [none, none, 0],
        [none, none, 1],
        [none, 0, 2],
        [none, 1, 3],
        [0, 2, 4],
        # A row that fills up.
        [none, none, none],
    ]


def test_gradients_of_words_in_many_windows_are_summed_in_float32():
    torch.manual_seed(1)
    path, batch = BottleneckPath(16, 8, 20, dropout=0), pack([np.arange(1, 60), np.arange(1, 41)])
    count = len(batch.rows)
    x, weights = torch.randn(2, count, 16)

    def gradient(rounded):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=rounded):
            output = path(x, windows(batch, 20, count))
        return torch.autograd.grad((output.float() * weights).sum(), path.down.weight)[0]

    exact = gradient(rounded=False)
    # Summed in bfloat16, they would be wrong by 0.6%.
    assert (gradient(rounded=True) - exact).norm() < 0.0052 * exact.norm()


def test_kernels_start_he_uniform_and_biases_at_zero():
    torch.manual_seed(1)
    decoder = ConvolutionalDecoder(
        Architecture(embedding=60, latent=4, latent_gain=3.0),
        ConvolutionalDecoder.Settings(channels=64, bottleneck=32),
    )
    causal = decoder.blocks[0].values.causal
    bound = (6 / (32 * 20)) ** 0.5
    assert 0.98 * bound < causal.weight.abs().max().item() <= bound
    first = decoder.blocks[0].projection.weight
    bound = (6 / 64) ** 0.5
    assert first[:, :60].abs().max().item() <= bound
    assert 2.5 * bound < first[:, 60:].abs().max().item() <= 3 * bound
    assert all(p.abs().sum() == 0 for name, p in decoder.named_parameters() if "bias" in name)
