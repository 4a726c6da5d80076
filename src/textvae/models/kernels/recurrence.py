"""LSTM and GRU layers over a packed batch on a CPU, with hand-written gradients.

Autograd over a loop of steps would be right but slow: the gradient of each step's slice of a packed
array is an array as large as the batch, so that a batch of long documents costs the square of its
length. These cost its length. Weights, gates and their order are those of torch.nn.LSTM and GRU.

Both layers start from a state of zeros. Products are made in `precision`, all else in the type of
the tokens; the gates of a few steps at a time share a buffer, small enough for the allocator to
hand out again, and the gradients of the gates overwrite the gates.
"""

import torch
from torch import Tensor, nn

from textvae.models.kernels.gru import GRU
from textvae.models.kernels.lstm import LSTM
from textvae.models.kernels.precision import precision_here
from textvae.models.kernels.segments import split_segments

# Gates that share a buffer, 16 MB in float32. From 32 MB on, the allocator hands out fresh pages
# every time, and the kernel clears them at the cost of the arithmetic.
GATES_PER_BUFFER = 4_000_000


def unrolled(layer: nn.LSTM | nn.GRU, tokens: Tensor, sizes: Tensor) -> Tensor:
    """Return the hidden states (T, H) after each of the packed tokens (T, E); differentiable once.

    sizes: (L,) sentences running at each step, falling, as in PackedSequence. Under autocast the
    products are made in its type.
    """
    precision = precision_here(tokens)
    function = LSTM if isinstance(layer, nn.LSTM) else GRU
    weights = (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0)
    parts = split_segments(sizes.tolist(), GATES_PER_BUFFER // len(weights[0]))
    # Inside a Function gradients always seem to be off.
    keep = torch.is_grad_enabled()
    with torch.autocast("cpu", enabled=False):
        return function.apply(tokens.to(weights[0].dtype), *weights, parts, precision, keep)
