"""The benchmark of a GPU, on the CPU: agreement, steps of fixed shapes, and the whole script."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.gpu import price
from benchmarks.gpu.__main__ import Run, report
from benchmarks.gpu.graphs import Shape, StaticNLL, StaticTrainer
from benchmarks.gpu.speed import OURS
from benchmarks.texts import write_corpus

from benchmarks import turns
from textvae.models.batches import pack
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy
from tiny import CPU

ROOT = Path(__file__).parents[2]
# What a machine with torch and NumPy alone does not have.
LACKING = ("pydantic", "safetensors", "tqdm", "sacrebleu", "pandas", "scipy", "matplotlib", "yaml")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of the whole script, with few sentences, without those packages."""
    folder = tmp_path_factory.mktemp("gpu")
    blocked = "".join(f"sys.modules['{name}'] = None\n" for name in LACKING)
    (folder / "sitecustomize.py").write_text(f"import sys\n{blocked}")
    command = ["-m", "benchmarks.gpu", "--device", "cpu", "--tiny", "--output", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder)}
    finished = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr[-2000:] + finished.stdout[-2000:]
    return json.loads((folder / "benchmark-gpu.json").read_text())


def test_script_runs_with_torch_and_numpy_alone(results):
    assert results["stand_ins"] == ["pydantic", "safetensors", "tqdm"]
    assert results["left_out"] == results["failed"] == {}


def test_small_cells_agree_with_each_other(results):
    checks = results["decodings"] + results["trainings"]
    assert len(checks) == 13
    assert all(check["passed"] for check in checks)


def test_all_implementations_and_numbers_of_cells_are_timed(results):
    assert len(results["lstm, cbt-like"]["variants"]) == 6
    for how in ("streams", "processes"):
        assert results["cells_at_once"][how]["2"] > 0


def test_padded_batch_contains_the_tokens_of_its_sentences():
    sentences = [np.array([5, 6]), np.array([7, 8, 9, 10]), np.array([11])]
    shape = Shape.of(sentences)
    assert (shape.steps, shape.sentences, shape.tokens) == (16, 3, 64)
    part = shape.split(torch.from_numpy(shape.fill(sentences)))
    assert part["count"].tolist() == [10]
    # Step by step, the longest sentence first; 0 is the end mark.
    expected = [7, 5, 11, 8, 6, 0, 9, 0, 10, 0]
    assert part["targets"][:10].tolist() == expected
    assert part["words"][part["positions"][:10]].tolist() == expected
    assert part["previous"].view(16, 3)[:3].tolist() == [[0, 0, 0], [7, 5, 11], [8, 6, 0]]
    assert part["words"][part["ends"]].tolist() == [0, 0, 0]
    assert part["ends"].tolist() == [12, 7, 5]


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_loss_of_fixed_shape_equals_the_fused_loss(precision):
    torch.manual_seed(1)
    inputs = [torch.randn(*size, requires_grad=True) for size in ((9, 6), (20, 6), (20,))]
    targets, count = torch.randint(20, (9,)), torch.tensor([7])
    features, weight, bias = inputs
    mine = StaticNLL.apply(features, weight, bias, targets, count, precision)
    expected = fused_linear_cross_entropy(features[:7], weight, bias, targets[:7], precision)
    torch.testing.assert_close(mine, expected)
    pairs = zip(*(torch.autograd.grad(2 * each, inputs) for each in (mine, expected)), strict=True)
    for one, other in pairs:
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("model", ["gru", turns.LANGUAGE_MODEL])
def test_steps_of_fixed_shapes_give_the_weights_of_packed_ones(tmp_path, model):
    case = turns.Case("cbt-like", 50, model, batches=2, batch=8, size=6)
    write_corpus(tmp_path, "cbt-like", 50, {"train": 16, "valid": 5, "test": 5})
    packed, fixed = (turns.our_training(case, tmp_path, "float32", CPU) for _ in range(2))
    static = StaticTrainer(fixed, same_noise=True)
    for sentences in turns.round_of(case, tmp_path, 0):
        packed.advance(pack(sentences))
        static.advance(sentences)
    pairs = zip(packed.model.parameters(), fixed.model.parameters(), strict=True)
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in pairs)


def test_stages_without_time_are_left_out_and_failures_named(tmp_path):
    run = Run(
        10, tmp_path / "results.json", {"device": "a GPU", "torch": "2", "cudnn": 9, "mps": False}
    )
    assert run.stage("short", 5, lambda: 7) == 7
    assert run.stage("long", 50, lambda: 8) is None
    assert run.stage("broken", 5, lambda: 1 / 0) is None
    saved = json.loads((tmp_path / "results.json").read_text())
    assert saved["short"] == 7
    assert "about 50 needed" in saved["left_out"]["long"]
    assert saved["failed"] == {"broken": "ZeroDivisionError: division by zero"}
    assert "failed: broken: ZeroDivisionError: division by zero" in report(saved)


def test_hours_of_the_paper_by_hand():
    measured = {"model": "lstm", "corpus": "cbt-like", "words": 12_000}
    measured["variants"] = {OURS: {"tokens_per_second": 100_000.0}}
    hours = price.of_paper([measured], {"processes": {"2": 150_000.0}, "streams": {}})
    assert hours["fastest"] == "2 cells in processes"
    (alone,) = (row for row in hours["groups"]["one cell at a time"] if "CBT" in row["trainings"])
    assert alone["hours"] == pytest.approx(3 * 192_000 * 16.9 * 10 / 100_000 / 3600)
    (key,) = (key for key in hours if key.startswith("cells at once, hours of 11 text VAEs"))
    assert hours[key] == pytest.approx(
        hours["one cell at a time, hours of 11 text VAEs"] / 1.5, rel=0.01
    )
