"""A control: the posterior that is the same for every sentence."""

import torch
from torch import Tensor

from textvae.models.architecture import Architecture
from textvae.models.parts import PosteriorNetwork
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting


@POSTERIORS.register(
    "constant",
    check="textvae.models.code_limits:constant",
    C_setting="constant_rate",
    fixed_rate=True,
)
class ConstantPosterior(PosteriorNetwork):
    """N(m, I) for every sentence, with |m|^2 = 2 C: with the prior N(0, I) it has R = C and I = 0.

    R = I + KL(q(z) || p(z)) (Hoffman and Johnson 2016), so that a rate alone does not imply
    information. With the rate 0 the code is noise and the decoder a language model.
    """

    class Settings(Settings):
        """Settings of the constant posterior."""

        constant_rate: float | None = setting(
            None, "rate of the constant posterior to N(0, I), nats; by default C", ge=0
        )

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.rate = settings.constant_rate
        self.register_buffer("mean", torch.zeros(architecture.latent))
        self.aim(0.0)

    def aim(self, C: float) -> None:
        """Set the mean, with all dimensions equal."""
        rate = C if self.rate is None else self.rate
        self.mean.fill_((2 * rate / len(self.mean)) ** 0.5)

    def forward(self, features: Tensor) -> Gaussian:
        """Return N(m, I), B times."""
        mean = self.mean.expand(len(features), -1)
        return Gaussian(mean, torch.zeros_like(mean))
