"""Gains of controllers, in units of a whole training. Does not import torch.

A gain is the change of a multiplier or weight in a whole training for each nat of error, so that
the same value suits trainings of any length; in a step it is the gain divided by the number of
steps. The gain of `mdr` is for an error as large as C.
"""

# Share of its range that a multiplier must be able to move through.
MIN_SHARE = 0.01


def immobile(name: str, gain: float, error: float, span: float, unit: str = "nats") -> str | None:
    """Return why a gain cannot move a multiplier whose range has the width `span`, else None.

    name: the setting. error: in `unit`, throughout the training.
    """
    moved, expected = gain * error, MIN_SHARE * span
    if moved >= expected:
        return None
    return (
        f"{name} {gain:g} changes it by only {moved:.2g} in a whole training with an error of"
        f" {error:g} {unit}, expected at least {expected / error:.2g}"
    )
