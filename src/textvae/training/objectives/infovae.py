"""InfoVAE: a weaker rate term, and the distance of q(z) from p(z) (Zhao et al. 2017)."""

from typing import TYPE_CHECKING, Any

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms


@OBJECTIVES.register("infovae", title="InfoVAE", uses_C=False)
class InfoVAE(Objective):
    """D + (1 - alpha) R + (alpha + lambda - 1) MMD(q(z), p(z)).

    InfoVAE of Zhao, Song and Ermon (2017), with the maximum mean discrepancy (MMD) of the codes of
    the batch and as many draws from the model's prior. With alpha = 1, their MMD-VAE, nothing
    bounds the rate. With alpha = 0 and lambda = 1 it is the ELBO.
    """

    class Settings(Settings):
        """Settings of InfoVAE."""

        infovae_alpha: float = setting(0.8, "1 minus the weight of the rate (alpha)", ge=0, le=1)
        infovae_lambda: float = setting(
            10.0, "weight of the MMD is this plus alpha - 1 (lambda)", ge=0
        )
        infovae_width: float = setting(
            1.0, "width w of the kernel exp(-|a - b|^2 / (w d)) of the MMD", gt=0
        )

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a negative weight of the MMD, and D alone."""
        weight = settings.infovae_alpha + settings.infovae_lambda - 1
        if weight == 0 and settings.infovae_alpha == 1:
            return "infovae_alpha 1 and infovae_lambda 0 leave D alone, expected another of them"
        if weight >= 0:
            return None
        return (
            f"infovae_alpha {settings.infovae_alpha:g} and infovae_lambda"
            f" {settings.infovae_lambda:g} give the MMD the weight {weight:.3g}, expected a sum of"
            " at least 1"
        )

    @classmethod
    def check_job(
        cls, settings: Settings, trained: "Mapping[str, Any]", steps: int | None, valid: int | None
    ) -> str | None:
        """Refuse batches of one sentence, whose single code has no distribution."""
        if trained["batch"] == 1:
            return "batch 1 has a single code, which the MMD compares with the prior, expected more"
        return None

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return the loss, a scalar in nats per sentence; the prior's draws depend on the step."""
        alpha = self.settings.infovae_alpha
        loss = terms.distortion + (1 - alpha) * terms.rates.mean()
        weight = alpha + self.settings.infovae_lambda - 1
        if weight == 0:
            return loss
        # A learnt prior is fitted to the codes alone.
        drawn = terms.prior.codes(_noise(terms.z, step)).detach()
        return loss + weight * mmd(terms.z, drawn, self.settings.infovae_width)


def mmd(a: "Tensor", b: "Tensor", width: float) -> "Tensor":
    """Return the squared MMD of codes (n, d) and (m, d), biased (each code meets itself)."""
    return _kernel(a, a, width) + _kernel(b, b, width) - 2 * _kernel(a, b, width)


def _kernel(a: "Tensor", b: "Tensor", width: float) -> "Tensor":
    """Return the mean of the kernel over all pairs."""
    squares = (a[:, None] - b[None]).square().sum(-1)
    return (-squares / (width * a.shape[1])).exp().mean()


def _noise(z: "Tensor", step: int) -> "Tensor":
    """Return N(0, 1) of the shape of z, without changing the state of torch's generators."""
    import torch

    generator = torch.Generator(z.device).manual_seed(step)
    return torch.randn(z.shape, generator=generator, device=z.device)
