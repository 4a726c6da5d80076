"""Parts of every kind, registered outside the package as a user might write them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Adam, RMSprop

from textvae.models.decoders.recurrent import LSTMDecoder
from textvae.models.parts import Moments, PosteriorNetwork, Prior
from textvae.models.posterior import Posterior
from textvae.registry import DECODERS, OBJECTIVES, POSTERIORS, PRIORS, STRATEGIES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective
from textvae.training.strategy import Strategy


@OBJECTIVES.register("multiplier", title="R ≥ C", uses_C=True)
class Multiplier(Objective):
    """D + R + u (C - R), where u increases while R is below C."""

    class Settings(Settings):
        """Settings of the multiplier."""

        ascent: float = setting(0.01, "step of the multiplier, per nat", gt=0)
        bag: float = setting(0.0, "weight of the bag of words", ge=0)

    def __init__(self, settings, C, schedule):
        super().__init__(settings, C, schedule)
        self.state["u"] = torch.tensor(0.5)

    @classmethod
    def check(cls, settings, C):
        return "a rate of 0 needs no multiplier" if C == 0 else None

    def loss(self, terms, step):
        R = terms.rates.mean()
        loss = terms.distortion + R + self.state["u"] * (self.C - R)
        return loss + self.settings.bag * terms.losses["bag"] if self.settings.bag else loss

    def update(self, means, step):
        u = self.state["u"] + self.settings.ascent * (self.C - means["R"])
        self.state["u"] = u.clamp(0, 2)

    def record(self, step):
        return {"C": self.C, "u": self.state["u"].item()}


@OBJECTIVES.register("free-bits", title="free bits", uses_C=True)
class FreeBits(Objective):
    """D plus, for each dimension, the larger of its rate and C / d."""

    def loss(self, terms, step):
        rates = terms.rates_by_dimension.mean(0)
        return terms.distortion + rates.clamp(min=self.C / len(rates)).sum()


@dataclass(frozen=True)
class Laplace(Posterior):
    """Independent Laplace distributions; mean and log_scale are (B, d)."""

    log_scale: Tensor

    def sample(self, noise):
        # Map noise to the Laplace quantile of its normal probability.
        tail = torch.special.ndtr(-noise.abs()).clamp(min=1e-30)
        return self.mean - self.log_scale.exp() * noise.sign() * torch.log(2 * tail)

    def log_prob(self, z):
        distance = (z - self.mean).abs() / self.log_scale.exp()
        return -(distance + self.log_scale + np.log(2)).sum(-1)


@POSTERIORS.register("laplace")
class LaplaceNetwork(PosteriorNetwork):
    """Mean and log-scale by two linear layers."""

    def __init__(self, features, architecture, settings):
        super().__init__()
        self.mean = nn.Linear(features, architecture.latent)
        self.log_scale = nn.Linear(features, architecture.latent)

    def forward(self, features):
        return Laplace(self.mean(features), self.log_scale(features))


@PRIORS.register("shifted-normal")
class ShiftedNormal(Prior):
    """N(m, s^2) in every dimension."""

    class Settings(Settings):
        """Moments of the prior."""

        prior_mean: float = setting(1.0, "mean of each dimension", ge=-10)
        prior_deviation: float = setting(2.0, "standard deviation of each dimension", gt=0)

    def __init__(self, architecture, settings):
        super().__init__()
        self.mean, self.deviation = settings.prior_mean, settings.prior_deviation
        self.latent = architecture.latent

    def log_prob(self, z):
        return torch.distributions.Normal(self.mean, self.deviation).log_prob(z).sum(-1)

    def codes(self, noise):
        return self.mean + self.deviation * noise

    def moments(self):
        unit = np.eye(self.latent)
        return Moments(np.full(self.latent, self.mean), self.deviation**2 * unit, gaussian=True)


@DECODERS.register("lstm-bag")
class BagDecoder(LSTMDecoder):
    """LSTM with an additional loss: all words predicted from z alone."""

    loss_names = ("bag",)

    def attach(self, model):
        self.head = nn.Linear(model.architecture.latent, model.output.out_features)

    def losses(self, terms, batch):
        logits = self.head(terms.z)[batch.rows]
        return {"bag": F.cross_entropy(logits, batch.words, reduction="sum") / len(batch)}


@STRATEGIES.register("encoder-first")
class EncoderFirst(Strategy):
    """Inner steps of the encoder on further batches, fewer each epoch; then a decoder step."""

    class Settings(Settings):
        """Settings of the inner loop."""

        inner_steps: int = setting(2, "further batches before each step", ge=0)

    def __init__(self, settings, trainer):
        super().__init__(settings, trainer)
        model = trainer.model
        encoder = [*model.encoder.parameters(), *model.posterior.parameters()]
        inside = {id(weight) for weight in encoder}
        rest = [weight for weight in model.parameters() if id(weight) not in inside]
        self.optimisers = {"encoder": RMSprop(encoder), "decoder": Adam(rest, fused=True)}
        self.state["inner"] = torch.tensor(settings.inner_steps)

    def step(self, batch):
        for inner in range(1, int(self.state["inner"]) + 1):
            losses = self.trainer.losses(self.trainer.further_batch(inner))
            self.trainer.minimise(losses["loss"], "encoder")
        losses = self.trainer.losses(batch)
        self.trainer.minimise(losses["loss"], "decoder")
        return losses

    def end_epoch(self, validation):
        self.state["inner"] = (self.state["inner"] - 1).clamp(min=0)
