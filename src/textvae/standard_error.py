"""How far a mean over independent values may be from what it estimates."""

import numpy as np


def standard_error(values: np.ndarray) -> float:
    """Of the mean of independent values (N,), two or more."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
