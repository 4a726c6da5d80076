"""Semi-amortised inference (Kim et al. 2018): the encoder's Gaussian, refined for each sentence."""

from collections.abc import Callable

import torch
from torch import Tensor

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.posteriors.diagonal_gaussian import DiagonalGaussian, Gaussian
from textvae.registry import POSTERIORS
from textvae.settings import setting

# Negative ELBO of each sentence, or its sum over sentences, from a posterior and noise (B, d).
Loss = Callable[[Gaussian, Tensor], Tensor]


@POSTERIORS.register("semi-amortised")
class SemiAmortised(DiagonalGaussian):
    """Diagonal Gaussians after K gradient steps on D + R from those of the encoder.

    The refined Gaussian is the posterior, in training and in every measurement. A sentence's steps
    follow its own gradient, clipped by its own norm: Kim et al. (2018) take the mean over a batch,
    so that neighbours matter. The encoder receives the gradient at the refined Gaussian, as if the
    steps did not depend on it (first order), because the kernels are differentiable once.
    """

    class Settings(DiagonalGaussian.Settings):
        """Settings of the refinement."""

        svi_steps: int = setting(20, "gradient steps on the posterior of each sentence", ge=0)
        svi_rate: float = setting(0.1, "size of these steps", gt=0)
        svi_momentum: float = setting(0.5, "momentum of these steps", ge=0, le=0.99)
        svi_clip: float = setting(5.0, "largest norm of the gradient of a sentence", gt=0)

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__(features, architecture, settings)
        self.settings = settings
        # Outside training the draws are the same for every sentence, whatever its batch.
        generator = torch.Generator().manual_seed(0)
        draws = torch.randn(settings.svi_steps, architecture.latent, generator=generator)
        self.register_buffer("draws", draws if settings.svi_steps else None)

    def attach(self, model: torch.nn.Module) -> None:
        """Keep the model, outside this module's parameters."""
        self._shared = (model,)

    def refine(self, posterior: Gaussian, batch: Batch, precision: torch.dtype) -> Gaussian:
        """Return the posterior after the gradient steps on D + R."""
        if not self.settings.svi_steps:
            return posterior
        model, shape = self._shared[0], posterior.mean.shape

        def loss(current: Gaussian, noise: Tensor) -> Tensor:
            z, rates = model.draw(current, noise)
            return model.nll(batch, z, precision) + rates.sum()

        if self.training:
            draws = torch.randn(len(self.draws), *shape, device=self.draws.device)
        else:
            draws = self.draws[:, None].expand(-1, *shape)
        # cuDNN computes gradients of recurrent layers in training mode only.
        with torch.backends.cudnn.flags(enabled=self.training):
            return refined(posterior, loss, draws, self.settings)


def refined(
    posterior: Gaussian, loss: Loss, draws: Tensor, settings: SemiAmortised.Settings
) -> Gaussian:
    """Return a posterior after a step of momentum for each of the draws (K, B, d).

    Gradients pass through the refined parameters to those of `posterior` unchanged.
    """
    start = torch.stack([posterior.mean, posterior.log_variance])
    current = start.detach()
    velocity = torch.zeros_like(current)
    with torch.enable_grad():
        for noise in draws:
            current.requires_grad_()
            (gradient,) = torch.autograd.grad(loss(Gaussian(*current), noise).sum(), current)
            norm = gradient.square().sum((0, 2), keepdim=True).sqrt()
            gradient = gradient * (settings.svi_clip / norm.clamp(min=settings.svi_clip))
            velocity = settings.svi_momentum * velocity + gradient
            current = current.detach() - settings.svi_rate * velocity
    return Gaussian(*(start + (current - start).detach()))
