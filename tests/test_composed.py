"""Settings composed of shared ones and those of the chosen parts."""

import pytest

from textvae.errors import InputError
from textvae.models.architecture import ModelConfig
from textvae.training.config import TrainingConfig

CNN = {"channels", "bottleneck", "filter_width", "blocks", "dropout"}


def test_the_settings_are_those_of_the_chosen_parts():
    recurrent, convolutional = ModelConfig(), ModelConfig(decoder="cnn")
    assert convolutional.model_dump().keys() - recurrent.model_dump().keys() == CNN
    assert "mean_gain" in recurrent.model_dump()
    assert ModelConfig.every().model_fields.keys() == convolutional.model_dump().keys()


def test_each_part_gets_its_own():
    config = ModelConfig(decoder="cnn", blocks=3, mean_gain=2.0, latent=7)
    assert config.part("decoder").blocks == 3
    assert config.part("posterior").model_dump() == {"mean_gain": 2.0}
    assert config.part("prior").model_dump() == {}
    assert config.architecture.latent == 7


def test_a_setting_that_no_chosen_part_has_is_refused():
    with pytest.raises(InputError, match="'channels' is not a setting"):
        ModelConfig(channels=8)
    with pytest.raises(InputError, match="--blocks: 0 is not a number of at least 1"):
        ModelConfig(decoder="cnn", blocks=0)
    with pytest.raises(InputError, match="--decoder: cmn is not one of"):
        ModelConfig(decoder="cmn")


def test_of_a_larger_mapping_each_takes_what_is_its_own():
    entry = {"decoder": "gru", "hidden": 8.0, "channels": 3, "beta": 2, "objective": "elbo"}
    assert ModelConfig.resolve(entry) == ModelConfig(decoder="gru", hidden=8)
    assert TrainingConfig.resolve(entry) == TrainingConfig(objective="elbo", beta=2.0)


def test_another_part_takes_the_settings_of_the_first_away():
    config = ModelConfig(decoder="cnn", blocks=3, hidden=9)
    assert config.replace(decoder="lstm") == ModelConfig(hidden=9)
    assert config.replace(encoder="gru").part("decoder").blocks == 3
    assert config.replace(blocks=4).part("decoder").blocks == 4
    assert config.part("decoder").blocks == 3


def test_equal_settings_are_equal():
    assert {ModelConfig(), ModelConfig(latent=64)} == {ModelConfig()}
    assert ModelConfig() != ModelConfig(latent=63)
    assert "latent=64" in repr(ModelConfig())
