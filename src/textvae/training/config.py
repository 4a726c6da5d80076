"""Training settings as plain data (paper, section 3, "Models"). Does not import torch."""

from textvae.composed import Composed
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.settings import Settings, setting


class TrainingSettings(Settings):
    """Settings of every training; the defaults are the paper's for its LSTM."""

    objective: str = setting("rate-target", "training objective", kind="objective")
    strategy: str = setting("standard", "training strategy", kind="strategy")
    epochs: int = setting(10, "passes over the training split", ge=1)
    batch: int = setting(128, "sentences in a batch", ge=1)
    learning_rate: float = setting(0.00085, "learning rate of Adam", gt=0, le=1)
    decay: float = setting(
        0.0, "share of the last steps, over which the learning rate falls to 0", ge=0, le=1
    )
    precision: str = setting(
        "auto",
        "precision of the large matrix products; auto is the faster one, measured here",
        choices=("auto", "float32", "bfloat16"),
    )


class TrainingConfig(Composed[TrainingSettings]):
    """Training settings, with those that the chosen objective and strategy declare."""

    SHARED = TrainingSettings
    PARTS = (OBJECTIVES, STRATEGIES)
