"""Training settings of a language model as plain data. Does not import torch."""

from textvae.settings import Settings, setting


class LanguageModelSettings(Settings):
    """Training of a language model from scratch; the paper gives no further details."""

    epochs: int = setting(20, "maximum number of passes over the text", ge=1)
    patience: int = setting(1, "epochs without gain on held-out text, after which to stop", ge=1)
    held_out: float = setting(
        0.05, "share of the text that is held out, at least one sentence", ge=0, le=0.5
    )
    batch: int = setting(128, "sentences in a batch", ge=1)
    learning_rate: float = setting(0.00085, "of Adam", gt=0, le=1)
    decay: float = setting(
        0.0, "last share of all steps, over which the rate falls to 0", ge=0, le=1
    )
    precision: str = setting(
        "auto",
        "of the large matrix products in training; auto is the faster one, measured here",
        choices=("auto", "float32", "bfloat16"),
    )
