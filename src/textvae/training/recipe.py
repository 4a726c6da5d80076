"""How a model is trained, as plain data (paper, section 3, "Models"). No torch here."""

from textvae.settings import Settings, setting


class Recipe(Settings):
    """Training by the objective; the defaults are the paper's for its LSTM."""

    objective: str = setting(
        "rate-target",
        "NLL + beta |KL - C|, or NLL + beta KL",
        choices=(
            "rate-target",
            "elbo",
        ),
    )
    beta: float = setting(1.0, "weight of the rate term", ge=0)
    epochs: int = setting(10, "passes over the training split", ge=1)
    batch: int = setting(128, "sentences in a batch", ge=1)
    learning_rate: float = setting(0.00085, "of Adam", gt=0)
    decay: float = setting(
        0.0, "last share of all steps, over which the rate falls to 0", ge=0, le=1
    )
    ramp_epochs: float = setting(2.0, "epochs over which C rises from 0 to its value", ge=0)
    precision: str = setting(
        "auto",
        "of the large matrix products in training; auto is bfloat16 where the hardware has it",
        choices=(*("auto", "float32", "bfloat16"),),
    )


def target(recipe: Recipe, steps_per_epoch: int, C: float, step: int) -> float:
    """C at a step, counted from 0: linear from 0 over the ramp, as in the authors' scripts."""
    ramp = recipe.ramp_epochs * steps_per_epoch
    return C if step >= ramp else C * step / ramp
