"""Whether trainings and decodings on a device agree with those on the CPU."""

from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu.graphs import StaticTrainer
from benchmarks.turns import Case, round_of
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus
from textvae.models.architecture import ModelConfig
from textvae.models.batches import Batch, pack
from textvae.models.decoding import decode
from textvae.models.vae import TextVAE
from textvae.schemes import DecodingStrategy
from textvae.training.cell import CellTrainer, TrainingJob
from textvae.training.config import TrainingConfig

# Relative differences of D and R after a short training. In bfloat16 the rate, which the objective
# holds near C, moves by more: by 0.6% also on a CPU.
TOLERANCES = {
    "float32": {"D": 0.005, "R": 0.005},
    "bfloat16": {"D": 0.005, "R": 0.05},
}
SCHEMES = ("greedy", "top5", "nucleus0.9-t0.7")
DECODERS = {"lstm": "lstm", "gru": "gru", "cnn": "lstm"}
CPU = torch.device("cpu")


class SameNoise(CellTrainer):
    """A trainer that draws the noise of z on the CPU, so that it is the same on every device."""

    def losses(self, batch: Batch) -> dict[str, torch.Tensor]:
        noise = torch.randn(len(batch), self.model.architecture.latent)
        return self.losses_of(self.model(batch, noise.to(self.device), self.precision))


def decodings(device: torch.device) -> list[dict[str, Any]]:
    """Compare sentences, word by word, for each decoder and several schemes.

    This is what the tests that are skipped without a GPU check.
    """
    results = []
    for decoder, encoder in DECODERS.items():
        torch.manual_seed(1)
        config = ModelConfig(encoder=encoder, decoder=decoder, embedding=6, hidden=8, latent=4)
        model = TextVAE(config, 22).eval()
        with torch.no_grad():
            model.embedding.weight *= 10
            model.output.weight *= 8
        codes = 2 * torch.randn(50, 4)
        for scheme in SCHEMES:
            chosen = DecodingStrategy.parse(scheme)
            expected, got = (
                list(decode(model.to(where), codes, 12, chosen, (1, 1))) for where in (CPU, device)
            )
            results.append(
                {
                    "check": f"sentences of a {decoder} decoder, {scheme}",
                    "differ": sum(one != other for one, other in zip(expected, got, strict=True)),
                    "passed": expected == got,
                }
            )
    return results


def trainings(case: Case, corpus: Path, device: torch.device) -> list[dict[str, Any]]:
    """Compare D and R of a small cell after the batches of a round with those on the CPU."""
    runs = {
        "float32": (device, "float32", False),
        "bfloat16": (device, "bfloat16", False),
        "float32, fixed shapes": (device, "float32", True),
        "bfloat16, fixed shapes": (device, "bfloat16", True),
    }
    expected = trained(case, corpus, CPU, "float32", static=False)
    results = []
    for name, (where, precision, static) in runs.items():
        got = trained(case, corpus, where, precision, static)
        differences = {what: got[what] / expected[what] - 1 for what in ("D", "R")}
        results.append(
            {
                "check": f"D and R of a small cell in {name}",
                "D": got["D"],
                "R": got["R"],
                "on the CPU": {what: expected[what] for what in ("D", "R")},
                "differences": differences,
                "passed": all(
                    abs(value) < TOLERANCES[precision][what] for what, value in differences.items()
                ),
            }
        )
    return results


def trained(
    case: Case, corpus: Path, device: torch.device, precision: str, static: bool
) -> dict[str, float]:
    """Return D and R of validation after a round of steps; static: on fixed shapes."""
    training = TrainingConfig(batch=case.batch, precision=precision, learning_rate=0.003)
    cell = Cell("text", case.model, 2.0, 1)
    trainer = SameNoise(TrainingJob(cell, EncodedCorpus(corpus), case.config, training, device))
    if static:
        steps = StaticTrainer(trainer, same_noise=True)
        for sentences in round_of(case, corpus, 0):
            steps.advance(sentences)
    else:
        for sentences in round_of(case, corpus, 0):
            trainer.advance(pack(sentences))
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return trainer.validate()
