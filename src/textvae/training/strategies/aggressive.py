"""Aggressive training of the inference network (He et al. 2019)."""

from typing import TYPE_CHECKING

from textvae.registry import STRATEGIES
from textvae.settings import Settings, setting
from textvae.training.automatic.controller import passes
from textvae.training.strategy import Strategy

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.batches import Batch
    from textvae.training.cell import CellTrainer

# Validation sentences on which I is estimated, always the same ones, with the same codes.
_SENTENCES = 2000
# Looks without which no fall can be seen.
_LEAST_LOOKS = 2
# Inner steps whose loss is compared with that of as many before.
_WINDOW = 15


@STRATEGIES.register("aggressive", selects_on_valid=True)
class Aggressive(Strategy):
    """Steps of encoder and posterior alone until they are no better, then one of the decoder.

    The aggressive phase ends for good when I(x; z), estimated from below on fixed validation
    sentences, falls; then both sides take every step together. Prior and embeddings are on the side
    of the decoder, which reads both: He et al. (2019) have two embeddings, here inner steps must
    not change what the decoder reads. Batches are i.i.d. and the optimisers are Adam.
    """

    class Settings(Settings):
        """Settings of the aggressive phase."""

        aggressive_steps: int = setting(
            100, "most steps of the encoder before each step of the decoder", ge=1
        )
        aggressive_looks: int = setting(
            10, "looks at I(x; z) in a training, of which the first fall ends the phase", ge=1
        )
        aggressive_share: float = setting(
            1.0, "largest share of the training that the aggressive phase takes", ge=0, le=1
        )

    def __init__(self, settings: Settings, trainer: "CellTrainer") -> None:
        import torch
        from torch.optim import Adam

        super().__init__(settings, trainer)
        model = trainer.model
        encoder = [*model.encoder.parameters(), *model.posterior.parameters()]
        inside = {id(weight) for weight in encoder}
        decoder = [weight for weight in model.parameters() if id(weight) not in inside]
        self.optimisers = {
            "encoder": Adam(encoder, fused=True),
            "decoder": Adam(decoder, fused=True),
        }
        self.state = {
            "aggressive": torch.tensor(True),
            "information": torch.tensor(float("-inf"), dtype=torch.float64),
            "encoder_steps": torch.tensor(0),
            "decoder_steps": torch.tensor(0),
        }
        valid = trainer.valid
        self.sentences = valid.take(valid.sample(_SENTENCES, seed=0))
        # Of the whole training, of which a search for C may take only the first steps.
        self.steps = trainer.schedule.steps

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a phase with fewer looks than show a fall; without a phase none is needed."""
        share, looks = settings.aggressive_share, settings.aggressive_looks
        # Up to rounding.
        if share == 0 or (within := int(share * looks + 1e-6)) >= _LEAST_LOOKS:
            return None
        return (
            f"aggressive_share {share:g} has {within} of {looks} looks at I(x; z), expected at"
            f" least {_LEAST_LOOKS}, of which the second may fall: a larger share or more"
            " aggressive_looks"
        )

    def step(self, batch: "Batch") -> "dict[str, Tensor]":
        """Take one step of the decoder, after inner ones in the aggressive phase."""
        trainer, steps = self.trainer, self.steps
        within = trainer.step < self.settings.aggressive_share * steps
        aggressive = within and bool(self.state["aggressive"])
        if aggressive:
            self.state["encoder_steps"] += self._train_encoder(batch)
        losses = trainer.losses(batch)
        if aggressive:
            trainer.minimise(losses["loss"], "decoder")
        else:
            trainer.minimise(losses["loss"], "encoder", "decoder")
            self.state["encoder_steps"] += 1
        self.state["decoder_steps"] += 1
        if aggressive and passes(trainer.step + 1, steps, self.settings.aggressive_looks):
            self._look()
        return losses

    def record(self) -> dict[str, int]:
        """Return the steps of both optimisers so far."""
        return {name: int(self.state[name]) for name in ("encoder_steps", "decoder_steps")}

    def _train_encoder(self, batch: "Batch") -> int:
        """Take steps of the encoder, first on this batch; return their number."""
        trainer, before = self.trainer, float("inf")
        loss, words = 0.0, 0
        for inner in range(self.settings.aggressive_steps):
            inner_batch = trainer.further_batch(inner) if inner else batch
            own = trainer.losses(inner_batch)["loss"]
            trainer.minimise(own, "encoder")
            loss, words = loss + own.detach() * len(inner_batch), words + len(inner_batch.words)
            if (inner + 1) % _WINDOW == 0:
                per_word = float(loss) / words
                if per_word > before:
                    return inner + 1
                before, loss, words = per_word, 0.0, 0
        return self.settings.aggressive_steps

    def _look(self) -> None:
        """End the phase if the information has fallen since the last look."""
        from textvae.models.inference import draw_noise, posteriors
        from textvae.models.mutual_information import mutual_information

        if len(self.sentences) < 2:
            return
        model = self.trainer.model
        model.eval()
        posterior = posteriors(model, self.sentences)
        model.train()
        z = posterior.sample(draw_noise(*posterior.mean.shape, self.trainer.seed))
        information = mutual_information(z, posterior).lower
        self.state["aggressive"].fill_(information >= self.state["information"])
        self.state["information"].fill_(information)
