"""The standard error of a mean, by hand."""

import numpy as np
import pytest

from textvae.bootstrap import standard_error


def test_by_hand():
    # Around 2 the squares are 1, 1, 4: over N - 1 they are 3, over N again 1.
    assert standard_error(np.array([1.0, 1.0, 4.0])) == pytest.approx(1)
