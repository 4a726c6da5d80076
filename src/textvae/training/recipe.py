"""How a model is trained, as plain data (paper, section 3, "Models"). No torch here."""

from dataclasses import dataclass, field

from textvae.settings import at_least, between, one_of, positive


@dataclass(frozen=True)
class Recipe:
    """Training by the objective; the defaults are the paper's for its LSTM."""

    objective: str = field(
        default="rate-target",
        metadata=one_of("rate-target", "elbo", help="NLL + beta |KL - C|, or NLL + beta KL"),
    )
    beta: float = field(default=1.0, metadata=at_least(0, help="weight of the rate term"))
    epochs: int = field(default=10, metadata=at_least(1, help="passes over the training split"))
    batch: int = field(default=128, metadata=at_least(1, help="sentences in a batch"))
    learning_rate: float = field(default=8.5e-4, metadata=positive(help="of Adam"))
    decay: float = field(
        default=0.0,
        metadata=between(0, 1, help="last share of all steps, over which the rate falls to 0"),
    )
    ramp_epochs: float = field(
        default=2.0, metadata=at_least(0, help="epochs over which C rises from 0 to its value")
    )
    precision: str = field(
        default="auto",
        metadata=one_of(
            *("auto", "float32", "bfloat16"),
            help="of the large matrix products in training; auto is bfloat16 where the hardware"
            " has it",
        ),
    )


def target(recipe: Recipe, steps_per_epoch: int, C: float, step: int) -> float:
    """C at a step, counted from 0: linear from 0 over the ramp, as in the authors' scripts."""
    ramp = recipe.ramp_epochs * steps_per_epoch
    return C if step >= ramp else C * step / ramp
