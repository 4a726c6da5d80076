"""The posterior of BN-VAE (Zhu et al. 2020): batch normalisation of the means."""

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.parts import PosteriorNetwork
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting

# Means vary by gamma in every dimension.
_ACTIVE = "all units are active, or none, by construction: the means have the variance gamma^2"


@POSTERIORS.register(
    "batch-norm",
    check="textvae.models.code_limits:batch_norm",
    C_setting="batch_norm_gamma",
    notes={"active_units": _ACTIVE},
    summary="BN-VAE",
)
class BatchNormPosterior(PosteriorNetwork):
    """Diagonal Gaussians with means gamma (h - mean of h) / (deviation of h) + b over the batch.

    gamma is fixed and b learnt, so that the mean rate of a batch to N(0, I) is at least the sum of
    (gamma^2 + b^2) / 2 over dimensions. Evaluation uses running moments of h: the posterior of a
    sentence does not depend on its batch.
    """

    class Settings(Settings):
        """Settings of the normalisation."""

        batch_norm_gamma: float | None = setting(
            None, "deviation of the means over a batch; by default sqrt(2 C / d)", ge=0
        )

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.given = settings.batch_norm_gamma
        # Without bias, which the normalisation would remove.
        self.mean = nn.Linear(features, architecture.latent, bias=False)
        self.log_variance = nn.Linear(features, architecture.latent)
        for layer in (self.mean, self.log_variance):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(self.log_variance.bias)
        self.normalised = nn.BatchNorm1d(architecture.latent, affine=False)
        self.shift = nn.Parameter(torch.zeros(architecture.latent))
        self.register_buffer("gamma", torch.zeros(()))
        self.aim(0.0)

    def aim(self, C: float) -> None:
        """Set gamma."""
        default = (2 * C / len(self.shift)) ** 0.5
        self.gamma.fill_(default if self.given is None else self.given)

    def forward(self, features: Tensor) -> Gaussian:
        """Return q(z|x) of B sentences from features (B, H)."""
        normal = self.normalised
        means = self.mean(features)
        # The last batch of an epoch may be a single sentence, which has no variance.
        if self.training and len(features) > 1:
            means = normal(means)
        else:
            means = nn.functional.batch_norm(
                means, *self._moments(), training=False, eps=normal.eps
            )
        return Gaussian(self.gamma * means + self.shift, self.log_variance(features))

    def _moments(self) -> tuple[Tensor, Tensor]:
        """Return mean and variance of the means over the batches of the training so far.

        Running moments start at 0 and 1. What is left of these after few batches is taken off: the
        means vary by far less than 1, so that they would otherwise be scaled to nothing.
        """
        normal = self.normalised
        start = (1 - normal.momentum) ** normal.num_batches_tracked
        seen = torch.where(normal.num_batches_tracked > 0, 1 - start, 1.0)
        start = torch.where(normal.num_batches_tracked > 0, start, 0.0)
        return normal.running_mean / seen, (normal.running_var - start) / seen
