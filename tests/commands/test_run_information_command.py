"""`textvae run-information`: with what a run was made."""

import json

import pytest
import yaml

from textvae.cli import main

CONFIGURATION = {"targets": ["table1"], "models": {"lstm": {"learning_rate": 1e-5, "beta": 1}}}


@pytest.fixture
def build(tmp_path):
    """Run the command with this configuration, as text; its exit status."""

    def build(configuration):
        argv = ["run-information", "--configuration", configuration]
        for kind in ("yaml", "json", "html"):
            argv += [f"--{kind}", str(tmp_path / f"run.{kind}")]
        return main(argv)

    return build


def test_writes_what_the_workflow_had(build, tmp_path):
    assert build(json.dumps(CONFIGURATION)) == 0
    assert yaml.safe_load((tmp_path / "run.yaml").read_text()) == CONFIGURATION
    assert json.loads((tmp_path / "run.json").read_text())["software"]["torch"]
    assert "learning_rate" in (tmp_path / "run.html").read_text()


@pytest.mark.parametrize("text", ["", "x", "[]", "1", "{", "[" * 100_000])
def test_a_configuration_that_is_none(build, tmp_path, capsys, text):
    assert build(text) == 1
    error = capsys.readouterr().err
    assert error.startswith("textvae run-information: --configuration ")
    assert error.endswith("expected an object in JSON\n")
    assert error.count("\n") == 1
    assert not (tmp_path / "run.yaml").exists()
