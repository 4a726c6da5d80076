"""How a language model is trained, as plain data. No torch here."""

from dataclasses import dataclass, field

from textvae.settings import at_least, between, one_of, positive


@dataclass(frozen=True)
class Recipe:
    """Training of a language model, from scratch; the paper says no more than that."""

    epochs: int = field(default=20, metadata=at_least(1, help="passes over the text, at the most"))
    patience: int = field(
        default=1,
        metadata=at_least(1, help="epochs without gain on held-out text, after which to stop"),
    )
    held_out: float = field(
        default=0.05,
        metadata=between(0, 0.5, help="share of the text that is held out, a sentence at least"),
    )
    batch: int = field(default=128, metadata=at_least(1, help="sentences in a batch"))
    learning_rate: float = field(default=8.5e-4, metadata=positive(help="of Adam"))
    decay: float = field(
        default=0.0,
        metadata=between(0, 1, help="last share of all steps, over which the rate falls to 0"),
    )
    precision: str = field(
        default="auto",
        metadata=one_of(
            *("auto", "float32", "bfloat16"),
            help="of the large matrix products in training; auto is bfloat16 where the hardware"
            " has it",
        ),
    )
