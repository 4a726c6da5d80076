"""How sensitive greedy decoding is to the code: do neighbouring codes say different things?

Lines through the latent space: between two samples of the prior, as in the homotopy of Table 2,
and (footnote 7) from the first of them along the gradient of log p(x|z), up and down, where x is
what the code itself decodes to. All three are of the same length, with as many codes on each.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import torch

from textvae import bootstrap
from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.generation.codes import points
from textvae.measurements.report import replicates_setting
from textvae.models.batches import in_order
from textvae.models.decoding import greedy
from textvae.models.inference import codes_of
from textvae.models.kernels.fused_loss import summed_nll
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting


class SensitivitySettings(Settings):
    """How many codes a line has."""

    points: int = setting(7, "codes on a line, both ends among them", ge=2)
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
    """The share of distinct neighbours on lines, with its standard error over lines.

    ends: (N, 2, d) noise of N(0, I), from which the model's prior makes the ends of N lines.

    Where replicates are asked for, they are under `bootstrap`: of the shares, on resampled lines.
    """
    model = trained.model
    ends = codes_of(model, ends)
    start, length = ends[:, 0], np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1, keepdims=True)
    uphill = length * directions(model, start, longest)
    lines = {
        "interpolation": ends,
        "gradient_up": np.stack([start, start + uphill], axis=1),
        "gradient_down": np.stack([start, start - uphill], axis=1),
    }
    values: dict[str, Any] = {"lines": len(ends), "codes": settings.points}
    found = {}
    for name, line in lines.items():
        shares = distinct_neighbours(model, points(line, settings.points), longest)
        values[f"distinct_{name}"] = float(shares.mean())
        error = standard_error(shares) if len(shares) > 1 else None
        values[f"distinct_{name}_standard_error"] = error
        found[f"distinct_{name}"] = shares
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated_means(found, settings.bootstrap)
    return values


def distinct_neighbours(model: TextVAE, codes: np.ndarray, longest: int) -> np.ndarray:
    """(N,): of codes on N lines (N, n, d), the share of neighbours that decode differently."""
    count, per_line, latent = codes.shape
    flat = torch.from_numpy(np.ascontiguousarray(codes).reshape(-1, latent))
    said = greedy(model, flat, longest)
    lines = [said[i : i + per_line] for i in range(0, len(said), per_line)]
    pairs = per_line - 1
    differing = [sum(a != b for a, b in pairwise(line)) for line in lines]
    return np.array(differing).reshape(count) / pairs


def directions(model: TextVAE, codes: np.ndarray, longest: int) -> np.ndarray:
    """(N, d): of codes (N, d), the unit vectors along the gradient of log p(x|z).

    x is the greedy sentence of the code. A gradient of zero (a code that is not read) gives zero.
    """
    z = torch.from_numpy(np.array(codes))
    sentences = Sentences.of(greedy(model, z, longest))
    # In float64, where the square of the smallest float32 is not yet zero.
    gradients = torch.empty_like(z, dtype=torch.float64)
    for part, batch in in_order(sentences, model.device):
        rows = batch.arrange(z[part]).requires_grad_()
        # cuDNN has gradients of recurrent layers in training alone, which this is not.
        with torch.backends.cudnn.flags(enabled=False):
            features = model.decoder(model.embedding(batch.previous), rows, batch)
        # Each sentence has a row of its own, so the gradient of the sum holds that of each.
        nll = summed_nll(features, model.output.weight, model.output.bias, batch.words)
        (gradient,) = torch.autograd.grad(-nll, rows)
        gradients[part] = batch.restore(gradient).cpu()
    norms = gradients.norm(dim=1, keepdim=True)
    return (gradients / norms.clamp(min=torch.finfo(norms.dtype).tiny)).float().numpy()
