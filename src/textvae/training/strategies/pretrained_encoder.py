"""Pre-training as an autoencoder, then the objective with a new decoder (Li et al. 2019)."""

from typing import TYPE_CHECKING

from textvae.errors import InputError
from textvae.registry import STRATEGIES
from textvae.settings import Settings, setting
from textvae.training.strategy import Strategy

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.batches import Batch
    from textvae.training.cell import CellTrainer


@STRATEGIES.register("pretrained-encoder", rate_free_at_first=True)
class PretrainedEncoder(Strategy):
    """First D alone, with sampled codes; then the objective, the decoder starting again.

    The decoder and its output layer return to the weights that they had at the start, and their
    moments of Adam to 0. Encoder, posterior, prior and the shared embeddings are kept. What the
    objective adds to D is weighted from 0 to 1 after the switch. Li et al. (2019) use free bits.
    """

    class Settings(Settings):
        """Settings of the two phases."""

        pretraining: float = setting(
            0.5,
            "share of the training as an autoencoder, before the decoder starts again",
            ge=0,
            le=1,
        )
        pretraining_rise: float = setting(
            0.1,
            "share of the training, after that, in which the objective's terms rise",
            ge=0,
            le=1,
        )

    def __init__(self, settings: Settings, trainer: "CellTrainer") -> None:
        from torch.optim import Adam

        super().__init__(settings, trainer)
        self.optimisers = {"all": Adam(trainer.model.parameters(), fused=True)}
        steps = trainer.schedule.steps
        self.switch = round(settings.pretraining * steps)
        self.rise = settings.pretraining_rise * steps
        if settings.pretraining > 0 and not 0 < self.switch < steps:
            raise InputError(
                f"pretraining {settings.pretraining:g} of {steps} steps is {self.switch}, expected"
                f" at least 1 and at most {steps - 1}"
            )

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a training without a second phase, and a rise that does not end."""
        if settings.pretraining == 1:
            return "pretraining 1 is the whole training, expected less than 1"
        if settings.pretraining + settings.pretraining_rise > 1:
            return (
                f"pretraining {settings.pretraining:g} and pretraining_rise"
                f" {settings.pretraining_rise:g} are more than the training, expected a sum of at"
                " most 1"
            )
        return None

    def step(self, batch: "Batch") -> "dict[str, Tensor]":
        """Take one step of Adam on all weights; return the losses of the batch."""
        step, weight = self.trainer.step, self.weight(self.trainer.step)
        if step == self.switch > 0:
            self._restart_decoder()
        losses = self.trainer.losses(batch)
        if weight < 1:
            D = losses["D"]
            losses["loss"] = D + weight * (losses["loss"] - D) if weight else D
        self.trainer.minimise(losses["loss"], "all")
        return losses

    def weight(self, step: int) -> float:
        """Return the weight of what the objective adds to D, at a step from 0."""
        if step < self.switch:
            return 0.0
        since = step - self.switch
        return 1.0 if since >= self.rise else since / self.rise

    def _restart_decoder(self) -> None:
        """Initialise decoder and output layer again, without changing torch's random state."""
        import torch

        from textvae.models.vae import TextVAE

        trainer, model = self.trainer, self.trainer.model
        state = torch.get_rng_state()
        # Of the CPU alone, where models are initialised.
        torch.default_generator.manual_seed(trainer.seed)
        fresh = TextVAE(model.config, model.output.out_features)
        torch.set_rng_state(state)
        fresh.decoder.aim(trainer.objective.C)
        for ours, new in ((model.decoder, fresh.decoder), (model.output, fresh.output)):
            ours.load_state_dict(new.state_dict())
            for weight in ours.parameters():
                for value in self.optimisers["all"].state[weight].values():
                    value.zero_()
