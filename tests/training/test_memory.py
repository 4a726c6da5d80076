"""Memory in training is that of the tokens, whatever the longest sentence is."""

import subprocess
import sys

import pytest

# In a process of its own, whose greatest memory is that of this one step. 20,000 words, the paper's
# sizes, float32, a batch of 128.
STEP = """
import resource, sys
import numpy as np
import torch
from textvae.models.architecture import ModelConfig
from textvae.models.batches import pack
from textvae.models.vae import TextVAE

torch.set_num_threads(1)
encoder, decoder, words, *lengths = sys.argv[1:]
words, rng = int(words), np.random.default_rng(1)
model = TextVAE(ModelConfig(encoder=encoder, decoder=decoder), words)
optimiser = torch.optim.Adam(model.parameters(), fused=True)
batch = pack([rng.integers(2, words, int(length)) for length in lengths])
terms = model(batch, torch.randn(len(batch), 64), torch.float32)
(terms.distortion + terms.rates.mean()).backward()
optimiser.step()
# Kilobytes on Linux, bytes on macOS.
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)
"""

PARTS = [("lstm", "lstm"), ("gru", "gru"), ("lstm", "cnn")]


def gigabytes(parts: tuple[str, str], words: int, lengths: list[int]) -> float:
    """The most memory of a process that takes one step of training."""
    command = [sys.executable, "-c", STEP, *parts, str(words), *map(str, lengths)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("parts", PARTS)
def test_128_documents_of_200_words_out_of_20_000_fit_in_6_gigabytes(parts):
    # The <eos> makes a token more.
    assert gigabytes(parts, 20_000, [199] * 128) < 6


@pytest.mark.parametrize("parts", PARTS)
def test_one_long_document_costs_its_own_tokens(parts):
    # 6,500 tokens in sentences of 50, and one of 3,000 beside 127 of 27: as many tokens, but padded
    # to the longest sentence they would be 384,000.
    even = gigabytes(parts, 500, [50] * 128)
    uneven = gigabytes(parts, 500, [3000] + [27] * 127)
    assert uneven < even + 0.25
