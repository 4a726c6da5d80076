"""Train, stop, resume, load and measure models with parts from TEXTVAE_EXTENSIONS; prints JSON.

A process of its own, since what is registered stays so as long as a process lives.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.generation.codes import corpus_codes, line_ends
from textvae.measurements import (
    information,
    likelihood,
    posterior,
    rate_distortion,
    sensitivity,
    slope,
)
from textvae.models import saved
from textvae.models.inference import codes_of, rates_and_distortions
from textvae.runtime.signals import Stopped
from textvae.stages import training_roots
from textvae.training import cell
from textvae.training.cell import TrainingJob
from textvae.training.trainer import Trainer
from tiny import CPU, MODEL, TRAINING, tiny_corpus

PARTS = {"decoder": "lstm-bag", "posterior": "laplace", "prior": "shifted-normal"}
HOW = {"objective": "multiplier", "bag": 0.5, "strategy": "encoder-first"}


def log_of(folder: Path) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k != "tokens_per_second"} for line in lines]


def train(task: TrainingJob, folder: Path) -> None:
    cell.train(task, folder, folder.with_name("keep"), 10)


def stopped_after_every_step(task: TrainingJob, folder: Path) -> int:
    advance = Trainer.advance

    def advance_and_stop(trainer, batch):
        advance(trainer, batch)
        os.kill(os.getpid(), signal.SIGTERM)

    Trainer.advance = advance_and_stop
    stops = 0
    while not (folder / "config.json").exists():
        try:
            train(task, folder)
        except Stopped:
            stops += 1
    Trainer.advance = advance
    return stops


def refused(act) -> str:
    try:
        act()
    except InputError as error:
        return str(error)
    return "not refused"


def main(root: Path) -> None:
    torch.set_num_threads(1)
    corpus = tiny_corpus(root / "corpus")
    model, training = MODEL.replace(**PARTS), TRAINING.replace(**HOW)
    task = TrainingJob(Cell("tiny", "new", 2.0, 1), corpus, model, training, CPU)
    train(task, root / "model")
    stops = stopped_after_every_step(task, root / "resumed")
    same = [
        (root / "model" / name).read_bytes() == (root / "resumed" / name).read_bytes()
        for name in ("model.safetensors", "config.json")
    ]
    trained = saved.load(root / "model", CPU)
    split = corpus.split("test")
    sent = rates_and_distortions(trained.model, split, seed=1)
    latent = MODEL.architecture.latent
    noise = corpus_codes(50, latent, 1, 1)
    values = {
        "stops": stops,
        "same": [*same, log_of(root / "model") == log_of(root / "resumed")],
        "log": log_of(root / "model"),
        "modules": training_roots(model.model_dump() | training.model_dump()),
        "rate": [float(sent.rate.mean()), float(sent.rate.min())],
        "codes": bool(np.array_equal(codes_of(trained.model, noise), 1 + 2 * noise)),
        "rate-distortion": rate_distortion.measure(
            trained, split, rate_distortion.RateDistortionSettings()
        ),
        "posterior": posterior.measure(trained, split, posterior.PosteriorSettings()),
        "information": information.measure(trained, split, information.InformationSettings()),
        "likelihood": likelihood.measure(trained, split, likelihood.LikelihoodSettings(samples=20)),
        "sensitivity": sensitivity.measure(
            trained, line_ends(5, latent, 1), sensitivity.SensitivitySettings(), 8
        ),
        "slope": refused(lambda: slope.measure(trained, split, slope.SlopeSettings())),
    }
    free = TRAINING.replace(objective="free-bits")
    gaussian = TrainingJob(Cell("tiny", "free", 2.0, 1), corpus, MODEL, free, CPU)
    train(gaussian, root / "free")
    values["free"] = log_of(root / "free")[-1]
    other = TrainingJob(task.cell, corpus, MODEL.replace(prior="shifted-normal"), free, CPU)
    values["no form"] = refused(lambda: train(other, root / "other"))
    at_zero = TrainingJob(Cell("tiny", "new", 0.0, 1), corpus, model, training, CPU)
    values["at zero"] = refused(lambda: train(at_zero, root / "other"))
    print(json.dumps(values))


main(Path(sys.argv[1]))
