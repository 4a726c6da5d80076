"""Training settings as plain data (paper, section 3, "Models"). Does not import torch."""

from textvae.composed import Composed
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.settings import Settings, setting


class TrainingSettings(Settings):
    """Settings of every training; the defaults are the paper's for its LSTM."""

    objective: str = setting("rate-target", "what is minimised", kind="objective")
    strategy: str = setting("standard", "how a step is taken", kind="strategy")
    epochs: int = setting(10, "passes over the training split", ge=1)
    batch: int = setting(128, "sentences in a batch", ge=1)
    learning_rate: float = setting(0.00085, "of Adam", gt=0)
    decay: float = setting(
        0.0, "last share of all steps, over which the rate falls to 0", ge=0, le=1
    )
    precision: str = setting(
        "auto",
        "of the large matrix products in training; auto is bfloat16 where the hardware has it",
        choices=("auto", "float32", "bfloat16"),
    )


class TrainingConfig(Composed[TrainingSettings]):
    """Training settings, with those that the chosen objective and strategy declare."""

    SHARED = TrainingSettings
    PARTS = (OBJECTIVES, STRATEGIES)
