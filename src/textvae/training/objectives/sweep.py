"""C swept down and up in one training, and chosen where the curve of D against R bends."""

from textvae.registry import OBJECTIVES
from textvae.settings import setting
from textvae.training.automatic.objective import MovingTarget, MovingTargetSettings
from textvae.training.automatic.sweep import MIN_STEPS, SweepController


@OBJECTIVES.register("sweep", title="C swept", uses_C=False)
class Sweep(MovingTarget):
    """D + beta |R - C|, C falling slowly from its largest value and rising again.

    The cell's C is only a label.
    """

    MIN_STEPS = MIN_STEPS

    class Settings(MovingTargetSettings):
        """Settings of the sweep."""

        min_slope: float = setting(
            0.5, "nats of D that a nat of rate must save at the C that is chosen", gt=0, le=1
        )
        knee: str = setting(
            "slope",
            "what is chosen: the largest C with that slope, or the farthest from the chord",
            choices=("slope", "chord"),
        )

    def start(self, steps: int) -> SweepController:
        settings = self.settings
        return SweepController(
            settings.max_rate, steps, settings.min_slope, settings.knee == "chord"
        )
