"""What the commands that let a trained model speak have in common."""

import pytest

from one_by_one import lively_model
from textvae.cli import main
from textvae.models import saved
from tiny import tiny_corpus


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a lively `model`, and the `corpus` of its words."""
    place = tmp_path_factory.mktemp("place")
    saved.save(place / "model", lively_model(), {})
    tiny_corpus(place / "corpus")
    return place


@pytest.fixture
def speak(place, capsys):
    """Run a command on that model; the status, and what it printed."""

    def run(command, *argv):
        status = main([*command.split(), "--model", str(place / "model"), *map(str, argv)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run
