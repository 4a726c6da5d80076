"""LSTM and GRU layers over a packed batch on a CPU, with hand-written gradients.

Autograd over a loop of steps would be correct but slow: the gradient of each step's slice of a
packed array is an array as large as the batch, so the cost of a batch is quadratic in its length;
here it is linear. Weights, gates and their order are those of torch.nn.LSTM and torch.nn.GRU.

The initial state is zero. Products are computed in `precision`, everything else in the type of the
tokens. The gates of successive steps share a buffer, small enough for the allocator to reuse, and
the gradients of the gates overwrite the gates.
"""

import torch
from torch import Tensor, nn

from textvae.models.kernels.gru import GRU
from textvae.models.kernels.lstm import LSTM
from textvae.models.kernels.precision import precision_here
from textvae.models.kernels.segments import split_segments

# Gates that share a buffer, 16 MB in float32. From 32 MB on, the allocator maps fresh pages every
# time, and clearing them costs as much as the arithmetic.
GATES_PER_BUFFER = 4_000_000


def unrolled(layer: nn.LSTM | nn.GRU, tokens: Tensor, sizes: Tensor) -> Tensor:
    """Return the hidden states (T, H) after each of the packed tokens (T, E); differentiable once.

    sizes: (L,) number of sentences that have a token at each step, decreasing, as in
    PackedSequence. Under autocast the products are computed in its type.
    """
    precision = precision_here(tokens)
    function = LSTM if isinstance(layer, nn.LSTM) else GRU
    weights = (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0)
    segments = split_segments(sizes.tolist(), GATES_PER_BUFFER // len(weights[0]))
    # Read here, because gradients are always disabled inside a Function.
    keep = torch.is_grad_enabled()
    with torch.autocast("cpu", enabled=False):
        return function.apply(tokens.to(weights[0].dtype), *weights, segments, precision, keep)
