"""The benchmark of start-up times knows every step."""

import pytest

from benchmarks import starts
from textvae.stages import STEPS


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_a_program(step):
    assert "import textvae.cli" in starts.program(step)
