"""LSTM layers over a packed batch on a CPU in float32, by the library that torch is built with.

Its LSTM is one fused operation, forward and backward, but wants sentences of one length. A batch is
cut into groups of sentences that are nearly of one length, for the sentences of a packed batch are
sorted; so there is little padding, and the batch is what it was.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# More would be padded further; fewer would not fill the products.
SENTENCES_PER_GROUP = 16


def grouped(layer: nn.LSTM, tokens: Tensor, sizes: Tensor) -> Tensor:
    """Hidden states (T, H) after each of the packed tokens (T, E), from a state of zeros.

    sizes: (L,) sentences running at each step, falling, as in PackedSequence.
    """
    count = len(tokens)
    sentences = torch.arange(int(sizes[0]))
    starts = sizes.cumsum(0) - sizes
    # The padding is a row of zeros behind the tokens.
    inputs = F.pad(tokens, (0, 0, 0, 1))
    outputs, places, done = [], torch.empty(count + 1, dtype=torch.long), 0
    for rows in sentences.split(SENTENCES_PER_GROUP):
        # The first one of a group is its longest.
        steps = int((sizes > rows[0]).sum())
        running = sizes[:steps, None] > rows
        padded = torch.where(running, starts[:steps, None] + rows, count)
        states, _ = layer(F.embedding(padded, inputs, padding_idx=count))
        outputs.append(states.flatten(0, 1))
        places[padded.flatten()] = torch.arange(done, done + padded.numel())
        done += padded.numel()
    return torch.cat(outputs).index_select(0, places[:count])
