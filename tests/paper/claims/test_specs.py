"""What models are, from the configurations of their cells."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.evidence import ModelSpec
from textvae.paper.claims.samples import read_specs


@pytest.fixture
def write(tmp_path):
    def write(name, seed=1, hidden=512, beta=1):
        path = tmp_path / f"{name}.json"
        content = {
            "cell": {"corpus": "cbt", "model": "lstm", "C": 3, "seed": seed},
            "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": hidden, "latent": 64},
            "training": {"recipe": {"objective": "rate-target", "beta": beta, "epochs": 10}},
        }
        path.write_text(json.dumps(content))
        return path

    return write


def test_a_spec_is_of_a_cell(write):
    specs = read_specs([write("one"), write("two", seed=2, hidden=8)])
    one, two = specs.values()
    assert list(specs) == [Cell("cbt", "lstm", 3, 1), Cell("cbt", "lstm", 3, 2)]
    assert one == ModelSpec("lstm", "cnn", "rate-target", 1, hidden=512, latent=64)
    assert (one.architecture, two.hidden) == ("LSTM-CNN", 8)


def test_a_cell_that_is_told_of_twice(write):
    told = r"two\.json: describes cbt/lstm/C3/seed1, which another of the files describes already"
    with pytest.raises(InputError, match=told):
        read_specs([write("one"), write("two")])
