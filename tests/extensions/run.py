"""Train, stop, resume, load and measure models with parts from TEXTVAE_EXTENSIONS; print JSON.

Run as a separate process, because registrations last as long as the process.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
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
from tiny import CPU, MODEL, TRAINING, tiny_corpus
from training_processes import after_steps, outcome

PARTS = {"decoder": "lstm-bag", "posterior": "laplace", "prior": "shifted-normal"}
TRAINED_WITH = {"objective": "multiplier", "bag": 0.5, "strategy": "encoder-first"}


def train(task: TrainingJob, folder: Path) -> None:
    cell.train(task, folder, folder.with_name("checkpoints"), 10)


def stop_after_every_step(task: TrainingJob, folder: Path) -> int:
    """Train to the end, stopped after every step; return the number of stops."""
    stops = 0
    with pytest.MonkeyPatch.context() as patch:
        after_steps(patch, lambda _: os.kill(os.getpid(), signal.SIGTERM))
        while not (folder / "config.json").exists():
            try:
                train(task, folder)
            except Stopped:
                stops += 1
    return stops


def refused(act) -> str:
    """Return the message of the InputError that `act` raises."""
    try:
        act()
    except InputError as error:
        return str(error)
    return "not refused"


def main(root: Path) -> None:
    torch.set_num_threads(1)
    corpus = tiny_corpus(root / "corpus")
    model, training = MODEL.replace(**PARTS), TRAINING.replace(**TRAINED_WITH)
    task = TrainingJob(Cell("tiny", "new", 2.0, 1), corpus, model, training, CPU)
    train(task, root / "model")
    stops = stop_after_every_step(task, root / "resumed")
    expected, resumed = outcome(root / "model"), outcome(root / "resumed")
    trained = saved.load(root / "model", CPU)
    split = corpus.split("test")
    measured = rates_and_distortions(trained.model, split, seed=1)
    latent = MODEL.architecture.latent
    noise = corpus_codes(50, latent, 1, 1)
    values = {
        "stops": stops,
        "same": [one == other for one, other in zip(expected, resumed, strict=True)],
        "log": expected[2],
        "modules": training_roots(model.model_dump() | training.model_dump()),
        "rate": [float(measured.rate.mean()), float(measured.rate.min())],
        "codes": bool(np.array_equal(codes_of(trained.model, noise), 1 + 2 * noise)),
        "rate-distortion": rate_distortion.measure(
            trained, split, rate_distortion.RateDistortionSettings()
        ),
        "posterior": posterior.measure(trained, split, posterior.PosteriorSettings()).values,
        "information": information.measure(
            trained, split, information.InformationSettings()
        ).values,
        "likelihood": likelihood.measure(
            trained, split, likelihood.LikelihoodSettings(samples=20)
        ).values,
        "sensitivity": sensitivity.measure(
            trained, line_ends(5, latent, 1), sensitivity.SensitivitySettings(), 8
        ),
        "slope": refused(lambda: slope.measure(trained, split, slope.SlopeSettings())),
    }
    free = TRAINING.replace(objective="free-bits")
    gaussian = TrainingJob(Cell("tiny", "free", 2.0, 1), corpus, MODEL, free, CPU)
    train(gaussian, root / "free")
    values["free"] = outcome(root / "free")[2][-1]
    other = TrainingJob(task.cell, corpus, MODEL.replace(prior="shifted-normal"), free, CPU)
    values["no form"] = refused(lambda: train(other, root / "other"))
    at_zero = TrainingJob(Cell("tiny", "new", 0.0, 1), corpus, model, training, CPU)
    values["at zero"] = refused(lambda: train(at_zero, root / "other"))
    print(json.dumps(values))


main(Path(sys.argv[1]))
