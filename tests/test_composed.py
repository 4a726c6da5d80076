"""Settings composed of shared ones and those of the selected parts."""

import pytest

from textvae.errors import InputError
from textvae.models.architecture import ModelConfig
from textvae.training.config import TrainingConfig

CNN = {"channels", "bottleneck", "filter_width", "blocks", "dropout"}


def test_settings_are_those_of_the_selected_parts():
    recurrent, convolutional = ModelConfig(), ModelConfig(decoder="cnn")
    assert convolutional.model_dump().keys() - recurrent.model_dump().keys() == CNN
    assert ModelConfig.every().model_fields.keys() == convolutional.model_dump().keys()
    config = ModelConfig(decoder="cnn", blocks=3, mean_gain=2.0, latent=7)
    assert config.part("decoder").blocks == 3
    assert config.part("posterior").model_dump() == {"mean_gain": 2.0}
    assert config.part("prior").model_dump() == {}
    assert config.architecture.latent == 7


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"channels": 8}, "'channels'"),
        ({"decoder": "cnn", "blocks": 0}, "--blocks: 0 .*1"),
        ({"decoder": "cmn"}, "--decoder: cmn .*cnn"),
    ],
)
def test_undeclared_or_invalid_setting_is_refused(values, parts):
    with pytest.raises(InputError, match=parts):
        ModelConfig(**values)


def test_resolve_selects_known_settings_and_casts_numbers():
    entry = {"decoder": "gru", "hidden": 8.0, "channels": 3, "beta": 2, "objective": "elbo"}
    assert ModelConfig.resolve(entry) == ModelConfig(decoder="gru", hidden=8)
    assert TrainingConfig.resolve(entry) == TrainingConfig(objective="elbo", beta=2.0)


def test_replacing_a_part_drops_its_settings_only():
    config = ModelConfig(decoder="cnn", blocks=3, hidden=9)
    assert config.replace(decoder="lstm") == ModelConfig(hidden=9)
    assert config.replace(encoder="gru").part("decoder").blocks == 3
    assert config.replace(blocks=4).part("decoder").blocks == 4
    assert config.part("decoder").blocks == 3


def test_equal_settings_are_equal():
    assert {ModelConfig(), ModelConfig(latent=64)} == {ModelConfig()}
    assert ModelConfig() != ModelConfig(latent=63)
    assert "latent=64" in repr(ModelConfig())
