"""The gated CNN decoder against its equations, position by position."""

import numpy as np
import pytest
import torch

from textvae.models.architecture import Architecture
from textvae.models.batches import pack
from textvae.models.decoders.convolutional import BottleneckPath, ConvolutionalDecoder, windows

SENTENCES = [np.array([4, 2, 9]), np.array([3]), np.array([8, 8, 5, 2, 7, 6, 1])]
WIDTH = 3
WORDS = torch.randn(11, 5, generator=torch.Generator().manual_seed(2))
CODES = torch.randn(len(SENTENCES), 2, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def decoder():
    torch.manual_seed(1)
    sizes = {"channels": 8, "bottleneck": 4, "filter_width": WIDTH, "blocks": 2, "dropout": 0.5}
    settings = ConvolutionalDecoder.Settings(**sizes)
    decoder = ConvolutionalDecoder(Architecture(embedding=5, latent=2), settings)
    for parameter in decoder.parameters():
        # Biases too, so that a missing one is noticed.
        torch.nn.init.normal_(parameter, std=0.4)
    return decoder.eval()


def path_by_hand(path, xs):
    reduced = [path.down.weight @ x + path.down.bias for x in xs]
    outputs = []
    for position in range(len(xs)):
        total = path.causal.bias.clone()
        for back in range(min(WIDTH, position + 1)):
            total += path.causal.weight[:, :, WIDTH - 1 - back] @ reduced[position - back]
        outputs.append(path.up.weight @ total + path.up.bias)
    return outputs


def decoder_by_hand(decoder, inputs):
    for block in decoder.blocks:
        xs = [block.projection.weight @ x + block.projection.bias for x in inputs]
        paths = zip(path_by_hand(block.values, xs), path_by_hand(block.gates, xs), xs, strict=True)
        inputs = [values * torch.sigmoid(gates) + x for values, gates, x in paths]
    return torch.stack(inputs)


def features(decoder, sentences, codes):
    batch = pack(sentences)
    together = decoder(WORDS[batch.previous], codes[batch.order], batch)
    rows = batch.order.tolist()
    return [together[batch.rows == rows.index(index)] for index in range(len(sentences))]


def test_features_equal_those_of_the_equations(decoder):
    ours = features(decoder, SENTENCES, CODES)
    for sentence, code, one in zip(SENTENCES, CODES, ours, strict=True):
        inputs = [torch.cat([WORDS[word], code]) for word in [0, *sentence]]
        torch.testing.assert_close(one, decoder_by_hand(decoder, inputs))


def test_dropout_follows_each_convolution_in_training_only(decoder):
    once, again = (features(decoder, SENTENCES, CODES)[0] for _ in range(2))
    assert torch.equal(once, again)
    sizes = []
    for name, module in decoder.named_modules():
        if isinstance(module, torch.nn.Dropout):
            module.register_forward_hook(lambda *x, n=name: sizes.append((n, x[-1].shape[-1])))
    decoder.train()
    torch.manual_seed(1)
    dropped = features(decoder, SENTENCES, CODES)[0]
    paths = [f"blocks.{block}.{path}" for block in (0, 1) for path in ("values", "gates")]
    assert sizes == [(f"{path}.dropout", size) for path in paths for size in (4, 4, 8)]
    assert not torch.allclose(dropped, once)
    assert not torch.allclose(dropped, features(decoder, SENTENCES, CODES)[0])


def test_gradients_over_many_windows_are_summed_in_float32():
    torch.manual_seed(1)
    path, batch = BottleneckPath(16, 8, 20, dropout=0), pack([np.arange(1, 60), np.arange(1, 41)])
    count = len(batch.rows)
    x, weights = torch.randn(2, count, 16)

    def gradient(rounded):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=rounded):
            output = path(x, windows(batch, 20, count))
        return torch.autograd.grad((output.float() * weights).sum(), path.down.weight)[0]

    exact = gradient(rounded=False)
    # Sums in bfloat16 would be wrong by 0.6%.
    assert (gradient(rounded=True) - exact).norm() < 0.0052 * exact.norm()


def test_kernels_start_he_uniform_and_biases_at_zero():
    torch.manual_seed(1)
    sizes, settings = Architecture(embedding=60, latent=4), ConvolutionalDecoder.Settings()
    decoder = ConvolutionalDecoder(sizes, settings)
    causal = decoder.blocks[0].values.causal.weight
    bound = (6 / (128 * 20)) ** 0.5
    assert 0.98 * bound < causal.abs().max().item() <= bound
    assert all(p.abs().sum() == 0 for name, p in decoder.named_parameters() if "bias" in name)
