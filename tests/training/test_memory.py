"""Memory of a training step grows with the number of tokens, not with padding or logits."""

import json
import subprocess
import sys

# Prints the growth of the process's peak memory in megabytes. A kept array of all logits would be
# 512 MB; batches padded to the longest sentence would have 384,000 tokens, 98 MB for each array.
STEPS = """
import json, resource, sys
import numpy as np
import torch
from textvae.models.architecture import ModelConfig
from textvae.models.batches import pack
from textvae.models.vae import TextVAE

torch.set_num_threads(1)
sizes = {"embedding": 64, "hidden": 64, "latent": 8, "channels": 64, "bottleneck": 16}

def peak():
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6

def step(model, lengths):
    before = peak()
    batch = pack([np.full(length, 2) for length in lengths])
    terms = model(batch, torch.randn(len(batch), 8), torch.float32)
    (terms.distortion + terms.rates.mean()).backward()
    return peak() - before

growth = {}
for encoder, decoder in (("lstm", "lstm"), ("gru", "gru"), ("lstm", "cnn")):
    config = ModelConfig.resolve(sizes | {"encoder": encoder, "decoder": decoder})
    few, many = TextVAE(config, 500), TextVAE(config, 20_000)
    step(many, [2] * 128)
    step(few, [50] * 128)
    growth[decoder] = step(few, [3000] + [27] * 127), step(many, [49] * 128)
print(json.dumps(growth))
"""


def test_peak_memory_is_that_of_the_tokens():
    command = [sys.executable, "-c", STEPS]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for decoder, (uneven, many_words) in json.loads(printed).items():
        assert uneven < 50, decoder
        assert many_words < 200, decoder
