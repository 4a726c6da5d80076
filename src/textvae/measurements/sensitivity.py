"""Sensitivity of greedy decoding to the code: how often do neighbouring codes decode differently?

Codes are on lines through the latent space: between two samples of the prior, as in the homotopy of
Table 2, and (paper, footnote 7) from the first of them along the gradient of log p(x|z), up and
down, where x is the greedy decoding of that sample. All three lines have the same length and number
of codes; on the unit sphere they are arcs of great circles, along the tangential part of the
gradient.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import torch

from textvae import bootstrap
from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.measurements.report import replicates_setting
from textvae.models.batches import in_order
from textvae.models.decoding import greedy
from textvae.models.inference import codes_along, codes_between, codes_of
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting


class SensitivitySettings(Settings):
    """How sensitivity is measured."""

    points: int = setting(7, "codes on a line, including both ends", ge=2)
    bootstrap: int = replicates_setting("lines")


@MEASUREMENTS.register(
    "sensitivity",
    of="lines",
    summary="how often neighbouring codes decode to different sentences",
    settings=SensitivitySettings,
)
def measure(
    trained: TrainedModel, ends: np.ndarray, settings: SensitivitySettings, longest: int
) -> dict[str, Any]:
    """Return the share of distinct neighbours on lines, with its standard error over lines.

    Two sentences that differ only after they are cut count as equal; `cut_percent` says how many
    are.

    ends: (N, 2, d) noise of N(0, I), which the model's prior transforms to the ends of N lines.
    Bootstrap replicates of the shares, if requested, are under the key `bootstrap`; lines are
    resampled.
    """
    model = trained.model
    ends = codes_of(model, ends)
    upwards = directions(model, ends[:, 0], longest)
    lines = {
        "interpolation": codes_between(model, ends, settings.points),
        "gradient_up": codes_along(model, ends, upwards, settings.points),
        "gradient_down": codes_along(model, ends, -upwards, settings.points),
    }
    values: dict[str, Any] = {"lines": len(ends), "codes": settings.points}
    shares_of, cut = {}, 0
    for name, codes in lines.items():
        shares, cut_here = distinct_neighbours(model, codes, longest)
        cut += cut_here
        values[f"distinct_{name}"] = float(shares.mean())
        error = standard_error(shares) if len(shares) > 1 else None
        values[f"distinct_{name}_standard_error"] = error
        shares_of[f"distinct_{name}"] = shares
    values["cut_percent"] = 100 * cut / (len(lines) * len(ends) * settings.points)
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated_means(shares_of, settings.bootstrap)
    return values


def distinct_neighbours(model: TextVAE, codes: np.ndarray, longest: int) -> tuple[np.ndarray, int]:
    """Return the share of neighbours that decode differently, (N,), for codes (N, n, d).

    Also return how many of the N n sentences were cut after `longest` words.
    """
    count, per_line, latent = codes.shape
    flat = torch.from_numpy(np.ascontiguousarray(codes).reshape(-1, latent))
    decoded = greedy(model, flat, longest)
    lines = [decoded[i : i + per_line] for i in range(0, len(decoded), per_line)]
    pairs = per_line - 1
    differing = [sum(a != b for a, b in pairwise(line)) for line in lines]
    # A sentence that ends has fewer words.
    cut = sum(len(sentence) == longest for sentence in decoded)
    return np.array(differing).reshape(count) / pairs, cut


def directions(model: TextVAE, codes: np.ndarray, longest: int) -> np.ndarray:
    """Return unit vectors along the gradient of log p(x|z) at codes (N, d), (N, d).

    x is the greedy decoding of the code. A zero gradient (of a decoder that ignores z) gives zero.
    """
    z = torch.from_numpy(np.array(codes))
    sentences = Sentences.of(greedy(model, z, longest))
    # In float64, where the square of the smallest float32 does not underflow.
    gradients = torch.empty_like(z, dtype=torch.float64)
    for part, batch in in_order(sentences, model.device):
        rows = batch.arrange(z[part]).requires_grad_()
        # cuDNN computes gradients of recurrent layers in training mode only.
        with torch.backends.cudnn.flags(enabled=False):
            features = model.decoder(model.embedding(batch.previous), rows, batch)
        # Sentences are independent, so the gradient of the sum contains that of each.
        nll = fused_linear_cross_entropy(
            features, model.output.weight, model.output.bias, batch.words
        )
        (gradient,) = torch.autograd.grad(-nll, rows)
        gradients[part] = batch.restore(gradient).cpu()
    norms = gradients.norm(dim=1, keepdim=True)
    return (gradients / norms.clamp(min=torch.finfo(norms.dtype).tiny)).float().numpy()
