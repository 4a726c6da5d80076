"""What models are, from the configurations of their cells."""

import json

import pytest

from textvae.claims.evidence import Kind
from textvae.claims.kinds import read_kinds
from textvae.errors import InputError


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


def test_a_kind_is_of_a_corpus_and_a_model(write):
    kinds = read_kinds([write("one"), write("two", seed=2)])
    assert kinds == {("cbt", "lstm"): Kind("lstm", "cnn", "rate-target", 1, 512, 64)}
    assert kinds["cbt", "lstm"].architecture == "LSTM-CNN"


@pytest.mark.parametrize("change", [{"hidden": 8}, {"beta": 2}])
def test_cells_of_a_model_are_of_one_kind(write, change):
    with pytest.raises(InputError, match=r"two\.json: cbt/lstm/C3/seed2 differs from other cells"):
        read_kinds([write("one"), write("two", seed=2, **change)])
