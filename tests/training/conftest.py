"""What several tests of this room stand on."""

import pytest

from training_processes import processes


@pytest.fixture(scope="session")
def running():
    """Trainings in processes of their own."""
    with processes() as running:
        yield running
