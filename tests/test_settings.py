"""Settings: bounds, conversions and flags; and those composed of the selected parts' settings."""

import argparse
import json
from dataclasses import asdict

import pytest

from textvae.commands.choose import choose_C_arguments
from textvae.commands.options import at_least, check_printable
from textvae.commands.train import train_arguments
from textvae.composed import RESERVED
from textvae.config.model_entry import known_keys
from textvae.errors import InputError
from textvae.models.architecture import ModelConfig
from textvae.settings import (
    MAX_FLOAT,
    MAX_INTEGER,
    Settings,
    add_flags,
    from_flags,
    resolve,
    setting,
    specs,
    union,
)
from textvae.spec import Spec
from textvae.training.config import TrainingConfig


class Example(Settings):
    """Settings of every kind."""

    count: int = setting(2, "a count", ge=1)
    share: float = setting(0.5, "100% at most", ge=0, le=1)
    rate: float = setting(0.1, "a rate", gt=0)
    memory: float = setting(0.9, "share of the old mean", ge=0, lt=1)
    limit: int | None = setting(None, "a limit", ge=1)
    mode: str = setting("auto", "a mode", choices=("auto", "off"))
    steps: tuple[str, ...] = setting((), "steps", choices=("a", "b"))
    mean: bool = setting(True, "a switch")
    least: float | None = setting(0.5, "a least one")


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("count", [1, MAX_INTEGER], [0, MAX_INTEGER + 1, 1.0, True, None, "1"]),
        ("share", [0, 1, 0.0, 1.0], [-1e-9, 1 + 1e-9, float("nan"), True]),
        ("memory", [0, 1 - 1e-9], [-1e-9, 1]),
        ("rate", [1e-9, MAX_FLOAT], [0, -1, 2 * MAX_FLOAT, float("inf")]),
        *(("limit", [None, 1], [0, 1.5]), ("mode", ["off"], ["on", 1])),
        ("steps", [(), ["a", "b"], ("a",)], ["a", ["a", "c"]]),
    ],
)
def test_bounds_and_types_of_a_setting(name, valid, invalid):
    for value in valid:
        expected = tuple(value) if isinstance(value, list) else value
        assert getattr(Example(**{name: value}), name) == expected
    for value in invalid:
        with pytest.raises(InputError, match=rf"^--{name}: ") as error:
            Example(**{name: value})
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="'other'"):
        Example(other=1)


def test_specs_survive_json_and_differ_only_with_an_error():
    own = specs(Example)
    assert tuple(Spec.from_json(json.loads(json.dumps(asdict(one)))) for one in own) == own
    assert union("twice", [*own, *own]) == own
    with pytest.raises(InputError, match="'count'"):
        union("twice", [*own, Spec("count", "int", 3, "a count", ge=1)])
    assert [one.flag for one in own[:2]] == ["--count", "--share"]
    assert resolve(Example, {"count": 3.0, "share": 1, "steps": ["a"], "x": 9}) == Example(
        count=3, share=1.0, steps=("a",)
    )


def test_flags_have_defaults_and_are_parsed():
    parser = argparse.ArgumentParser()
    add_flags(parser, Example)
    assert from_flags(Example, parser.parse_args([])) == Example()
    args = parser.parse_args(["--count=3", "--limit=4", "--mode=off", "--steps", "a", "b"])
    assert from_flags(Example, args) == Example(count=3, limit=4, mode="off", steps=("a", "b"))
    assert "100% at most" in parser.format_help()
    args = parser.parse_args(["--mean=false", "--least=null", "--limit=null"])
    assert from_flags(Example, args) == Example(mean=False, least=None)
    for wrong in ("--mean=no", "--mean=False", "--count=null"):
        with pytest.raises(SystemExit):
            parser.parse_args([wrong])


def test_flags_without_settings_have_bounds():
    for valid in (None, 2, 2**32 - 1, 2.5, float("inf")):
        at_least(argparse.Namespace(line_count=valid), line_count=2)
    for value in (1, -5, float("nan"), 2**32, 10**40):
        with pytest.raises(InputError, match=f"^--line-count: {value} "):
            at_least(argparse.Namespace(line_count=value), line_count=2)


def test_unprintable_name_is_quoted_with_its_flag():
    for name in ("a\nb", "\x1b[2J", "\u202e", "\udcff"):
        with pytest.raises(InputError) as error:
            check_printable(argparse.Namespace(name=name), "name")
        assert str(error.value).startswith(f"--name: {name!r} ")
    for valid in (None, "", "cbt/lstm/C15, greedy", "中文 é"):
        check_printable(argparse.Namespace(name=valid), "name")


def test_settings_are_those_of_the_selected_parts():
    recurrent, convolutional = ModelConfig(), ModelConfig(decoder="cnn")
    cnn = {"channels", "bottleneck", "filter_width", "blocks", "dropout"}
    assert convolutional.model_dump().keys() - recurrent.model_dump().keys() == cnn
    assert ModelConfig.every().model_fields.keys() >= convolutional.model_dump().keys()
    config = ModelConfig(decoder="cnn", blocks=3, mean_gain=2.0, latent=7)
    assert "latent=7" in repr(config)
    assert config.part("decoder").blocks == 3
    assert config.part("posterior").model_dump() == {"mean_gain": 2.0}
    assert config.part("prior").model_dump() == {}
    assert config.architecture.latent == 7


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        *(({"channels": 8}, "'channels'"), ({"decoder": "cnn", "blocks": 0}, "--blocks: 0 .*1")),
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


def test_replacing_a_part_drops_its_settings_and_equal_settings_are_equal():
    config = ModelConfig(decoder="cnn", blocks=3, hidden=9)
    assert config.replace(decoder="lstm") == ModelConfig(hidden=9)
    assert config.replace(encoder="gru").part("decoder").blocks == 3
    assert config.replace(blocks=4).part("decoder").blocks == 4
    assert config.part("decoder").blocks == 3
    assert {ModelConfig(), ModelConfig(latent=64)} == {ModelConfig()} != {ModelConfig(latent=63)}


def test_reserved_names_are_the_flags_and_keys_that_no_part_declares():
    """A part with one of them would break `train` or `choose-C`, which have it already."""
    declared = {one.name for one in known_keys()}
    found = {"base"}
    for add in (train_arguments, choose_C_arguments):
        parser = argparse.ArgumentParser()
        add(parser)
        found |= {action.dest for action in parser._actions} - declared
    assert found == RESERVED
