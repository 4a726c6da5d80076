"""The files of docs/extending.md work as the page describes."""

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
(*_, LAST_YAML) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
CONFIGURATION = yaml.safe_load(LAST_YAML)
TRAIN = (
    "train --corpus corpus --name tiny --C 2 --seed 1 --embedding 6 --hidden 8 --latent 4"
    " --epochs 3 --batch 16 --learning-rate 0.01 --precision float32 --output"
)
MINIMUM_RATE = "--objective minimum-rate --minimum-rate-step"
# Runs commands until one fails.
PROGRAM = """
import sys
from textvae.cli import main
sys.exit(next((status for line in sys.argv[1:] if (status := main(line.split()))), 0))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the page's files and a tiny corpus."""
    folder = tmp_path_factory.mktemp("extended")
    (folder / "mine").mkdir()
    for name, code in FILES.items():
        (folder / "mine" / name).write_text(code)
    tiny_corpus(folder / "corpus")
    return folder


def python(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run Python with all files as extensions."""
    paths = os.pathsep.join(str(folder / "mine" / name) for name in FILES)
    env = os.environ | {"TEXTVAE_EXTENSIONS": paths}
    command = [sys.executable, "-c", *argv]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def results(folder) -> Path:
    """The folder after training, measuring and sampling with the page's files."""
    models = {"mdr": f"{MINIMUM_RATE} 0.02", "logistic": "--posterior logistic"}
    measurements = [("rate-distortion", "mdr"), ("rate-distortion", "logistic")]
    measurements += [("information", "logistic"), ("length-rate", "mdr")]
    sample = "sample --codes codes.npy --decoding greedy --longest 8"
    done = python(
        folder,
        PROGRAM,
        *(f"{TRAIN} {model} {flags}" for model, flags in models.items()),
        "codes --latent 4 --sentences 5 --output codes.npy",
        *(f"{sample} --model {model} --output {model}.txt" for model in models),
        *(
            f"measure {name} --model {model} --corpus corpus --output {model}.{name}.json"
            for name, model in measurements
        ),
        "gather mdr.length-rate.json --output gathered.csv",
        "render lengths --caption Lengths --measurements gathered.csv --csv lengths.csv"
        " --svg lengths.svg",
    )
    assert done.returncode == 0, done.stderr
    return folder


def values(path: Path) -> dict[str, float]:
    return json.loads(path.read_text())["values"]


def test_multiplier_follows_the_rate(results):
    lines = (results / "mdr/training.jsonl").read_text().splitlines()
    steps = [step for step in map(json.loads, lines) if "multiplier" in step]
    assert [step["step"] for step in steps] == list(range(1, 22))
    assert steps[0]["multiplier"] == 0.5
    for before, after in pairwise(steps):
        change = 0.02 * (2 - before["R"])
        assert after["multiplier"] == pytest.approx(min(max(before["multiplier"] + change, 0), 2))


def test_settings_of_an_objective_are_flags_with_bounds(folder):
    done = python(folder, PROGRAM, f"{TRAIN} wrong {MINIMUM_RATE} -1")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("textvae train: --minimum-rate-step: -1.0 ")


def test_posterior_has_the_density_of_the_logistic_distribution(folder):
    program = (
        "import sys, torch\n"
        "from textvae.registry import POSTERIORS\n"
        "logistic = sys.modules[POSTERIORS['logistic'].__module__].Logistic\n"
        "q = logistic(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 0.0]]))\n"
        "print(q.log_prob(torch.tensor([[1.0, 3.0]])).item())\n"
        "print(q.sample(torch.tensor([[0.0, 1.0]])).tolist())\n"
    )
    log_prob, codes = map(json.loads, python(folder, program).stdout.splitlines())
    # The density is 1/4 at the mean, and e^-1 / (1 + e^-1)^2 one scale from it.
    assert log_prob == pytest.approx(math.log(0.25) - 1 - 2 * math.log1p(math.exp(-1)))
    # 84.134% of N(0, 1) are below 1.
    assert codes[0] == pytest.approx([1, 2 + math.log(0.8413447 / 0.1586553)], rel=1e-5)


def test_models_are_measured_sampled_and_drawn(results):
    for model in ("mdr", "logistic"):
        assert 0 < values(results / f"{model}.rate-distortion.json")["rate_nats"] < 20
        assert len((results / f"{model}.txt").read_text().splitlines()) == 5
    measured = values(results / "logistic.information.json")
    assert measured["mutual_information_nats"] <= measured["log_sentences"]
    # The page's measurement is drawn as its figure.
    correlation = values(results / "mdr.length-rate.json")["length_rate_correlation"]
    assert -1 <= correlation <= 1
    with (results / "lengths.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row == {"model": "tiny", "C": "2", "correlation": repr(correlation)}
    assert "<svg" in (results / "lengths.svg").read_text()


def test_configuration_is_planned(folder, tmp_path):
    assert list(FILES) == ["minimum_rate.py", "logistic.py", "length_rate.py", "lengths.py"]
    assert [Path(path).name for path in CONFIGURATION["extensions"]] == list(FILES)
    workflow = checkout(tmp_path / "checkout")
    shutil.copytree(folder / "mine", workflow.folder / "mine")
    (workflow.folder / "mine.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    plan = jobs(workflow.snakemake("--dry-run", "--configfile", "config/demo.yaml", "mine.yaml"))
    # 3 models and 2 C, each with 2 measurements.
    assert (plan["train"], plan["measure_split"], plan["gather"]) == (6, 12, 1)
