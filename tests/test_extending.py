"""The files of docs/extending.md work: each is used as the page describes."""

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tiny import tiny_corpus
from workflow_copy import checkout, jobs

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text()
FILES = {
    code.split("\n")[0].removeprefix("# "): code
    for code in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
}
CONFIGURATION = yaml.safe_load(
    re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[-1]
)
SIZES = {"embedding": 6, "hidden": 8, "latent": 4}
RECIPE = {"epochs": 3, "batch": 16, "learning_rate": 0.01, "precision": "float32"}
MINIMUM_RATE = {"objective": "minimum-rate", "multiplier_step": 0.02}


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> Path:
    """The folder of the page's files, beside a tiny corpus."""
    folder = tmp_path_factory.mktemp("extended")
    (folder / "mine").mkdir()
    for name, code in FILES.items():
        (folder / "mine" / name).write_text(code)
    tiny_corpus(folder / "corpus")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """The environment in which all files are in use."""
    paths = [str(folder / "mine" / name) for name in FILES]
    return os.environ | {"TEXTVAE_EXTENSIONS": os.pathsep.join(paths)}


# Runs commands one after the other, up to the first that fails.
SEVERAL = """
import json, sys
from textvae.cli import main
sys.exit(next((status for command in json.loads(sys.argv[1]) if (status := main(command))), 0))
"""


def start(folder: Path, *commands: list[str]) -> subprocess.Popen[str]:
    """Start a process that runs commands with all files in use."""
    return subprocess.Popen(
        [sys.executable, "-c", SEVERAL, json.dumps(commands)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def textvae(folder: Path, *commands: list[str], status: int = 0) -> str:
    """Run commands with all files in use; return what they print."""
    with start(folder, *commands) as process:
        printed, _ = process.communicate()
    assert process.returncode == status, printed
    return printed


def training(output: str, **settings: object) -> list[str]:
    """The command that trains a tiny cell of C = 2."""
    flags = [
        word
        for name, value in (SIZES | RECIPE | settings).items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]
    cell = ["--corpus", "corpus", "--name", "tiny", "--C", "2", "--seed", "1", "--output", output]
    return ["train", *cell, *flags]


def measuring(name: str, model: str) -> list[str]:
    """The command that writes a measurement of a model to MODEL.NAME.json."""
    output = f"{model}.{name}.json"
    return ["measure", name, "--model", model, "--corpus", "corpus", "--output", output]


def sampling(model: str) -> list[str]:
    """The command that writes five sentences of a model to MODEL.txt."""
    flags = ["--codes", "codes.npy", "--decoding", "greedy", "--longest", "8"]
    return ["sample", "--model", model, *flags, "--output", f"{model}.txt"]


@pytest.fixture(scope="module")
def used(mine) -> Path:
    """The folder after all that the page's objective, posterior and measurement are used for."""
    textvae(
        mine,
        training("mdr", **MINIMUM_RATE),
        training("logistic", posterior="logistic"),
        ["codes", "--latent", "4", "--sentences", "5", "--output", "codes.npy"],
        *(measuring("rate-distortion", model) for model in ("mdr", "logistic")),
        *(sampling(model) for model in ("mdr", "logistic")),
        measuring("information", "logistic"),
        measuring("length-rate", "mdr"),
    )
    return mine


def values(path: Path) -> dict[str, float]:
    """The values of a measurement."""
    return json.loads(path.read_text())["values"]


def test_the_page_has_one_file_of_each_kind():
    assert list(FILES) == ["minimum_rate.py", "logistic.py", "length_rate.py", "lengths.py"]
    assert [Path(path).name for path in CONFIGURATION["extensions"]] == list(FILES)


def test_the_multiplier_follows_the_rate(used):
    lines = (used / "mdr/training.jsonl").read_text().splitlines()
    steps = [one for one in map(json.loads, lines) if "multiplier" in one]
    assert [one["step"] for one in steps] == list(range(1, 22))
    assert steps[0]["multiplier"] == 0.5
    for before, after in pairwise(steps):
        change = 0.02 * (2 - before["R"])
        assert after["multiplier"] == pytest.approx(min(max(before["multiplier"] + change, 0), 2))


def test_a_training_that_is_stopped_keeps_its_multiplier(mine):
    whole = training("whole", **MINIMUM_RATE, epochs=30)
    textvae(mine, whole)
    stopped = training("stopped", **MINIMUM_RATE, epochs=30)
    with start(mine, stopped) as process:
        for line in process.stdout:
            if "step 10" in line:
                process.terminate()
                break
        process.communicate()
    assert process.returncode != 0
    assert not (mine / "stopped/model.safetensors").exists()
    assert "resuming after step" in textvae(mine, stopped)
    for name in ("model.safetensors", "config.json"):
        assert (mine / "stopped" / name).read_bytes() == (mine / "whole" / name).read_bytes()


def test_settings_of_the_objective_are_flags_with_bounds(mine):
    wrong = training("wrong", **MINIMUM_RATE | {"multiplier_step": -1})
    message = textvae(mine, wrong, status=1)
    assert message == "textvae train: --multiplier-step: -1.0 is not a number above 0\n"


def test_the_posterior_has_the_density_of_the_logistic_distribution(mine):
    program = (
        "import sys, torch\n"
        "from textvae.registry import POSTERIORS\n"
        "logistic = sys.modules[POSTERIORS['logistic'].__module__].Logistic\n"
        "q = logistic(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 0.0]]))\n"
        "print(q.log_prob(torch.tensor([[1.0, 3.0]])).item())\n"
        "print(q.sample(torch.tensor([[0.0, 1.0]])).tolist())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment(mine), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    log_prob, codes = map(json.loads, run.stdout.splitlines())
    # The density is 1/4 at the mean, and e^-1 / (1 + e^-1)^2 a scale from it.
    assert log_prob == pytest.approx(math.log(0.25) - 1 - 2 * math.log1p(math.exp(-1)))
    # 84.134% of N(0, 1) are below 1.
    assert codes[0] == pytest.approx([1, 2 + math.log(0.8413447 / 0.1586553)], rel=1e-5)


@pytest.mark.parametrize("model", ["mdr", "logistic"])
def test_models_of_both_are_measured_and_sampled(used, model):
    assert 0 < values(used / f"{model}.rate-distortion.json")["rate_nats"] < 20
    assert len((used / f"{model}.txt").read_text().splitlines()) == 5


def test_mutual_information_is_measured_with_the_posterior(used):
    found = values(used / "logistic.information.json")
    assert found["mutual_information_nats"] <= found["log_sentences"]


def test_the_measurement_becomes_a_figure(used):
    gather = ["gather", "mdr.length-rate.json", "--output", "gathered.csv"]
    render = ["render", "lengths", "--caption", "A figure.", "--measurements", "gathered.csv"]
    textvae(used, gather, [*render, "--csv", "lengths.csv", "--svg", "lengths.svg"])
    correlation = values(used / "mdr.length-rate.json")["length_rate_correlation"]
    assert -1 <= correlation <= 1
    with (used / "lengths.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row == {"model": "tiny", "C": "2", "correlation": repr(correlation)}
    assert "<svg" in (used / "lengths.svg").read_text()


def test_the_configuration_is_planned(mine, tmp_path):
    workflow = checkout(tmp_path / "checkout")
    shutil.copytree(mine / "mine", workflow.folder / "mine")
    (workflow.folder / "mine.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    plan = jobs(workflow.snakemake("--dry-run", "--configfile", "config/demo.yaml", "mine.yaml"))
    # 3 models and 2 C, each with 2 measurements.
    assert plan["train"] == 6
    assert plan["measure_split"] == 12
    assert plan["gather"] == 1
