"""Compare bfloat16 with float32: D and R after several epochs on real text, over seeds."""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.loss import PRECISIONS
from benchmarks.turns import ARCHITECTURES, C
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus, save_array
from textvae.io import read_text, write_json
from textvae.models.kernels import compiled as native
from textvae.runtime.progress import progress
from textvae.training.cell import TrainingJob, train
from textvae.training.config import TrainingConfig


def measure(
    corpus: Path, model: str, sentences: int, validated: int, epochs: int, seeds: list[int]
) -> dict[str, Any]:
    """Return the final validation D and R for each seed and precision, in nats.

    corpus: a prepared corpus. sentences, validated: sizes of samples of its training and validation
    splits. `difference` is the relative difference of bfloat16's D from float32's.
    """
    ends: dict[str, list[dict[str, float]]] = {name: [] for name in PRECISIONS}
    with tempfile.TemporaryDirectory() as folder:
        part = _part_of(EncodedCorpus(corpus), sentences, validated, Path(folder) / "corpus")
        with progress("trained", len(seeds) * len(PRECISIONS), "models") as done:
            for seed in seeds:
                for precision in PRECISIONS:
                    training = TrainingConfig(epochs=epochs, precision=precision)
                    cell = Cell(part.name, model, C, seed)
                    task = TrainingJob(
                        cell, part, ARCHITECTURES[model], training, torch.device("cpu")
                    )
                    with native.compiled():
                        end = _end(task, Path(folder) / str(cell) / precision)
                    ends[precision].append(end)
                    print(f"{cell} {precision}: {ends[precision][-1]}", file=sys.stderr, flush=True)
                    done(1)
        sizes = {
            "sentences": len(part.split("train")),
            "validated": len(part.split("valid")),
            "words": len(part.vocabulary),
        }
    means = {
        name: {what: statistics.mean(end[what] for end in values) for what in ("D", "R")}
        for name, values in ends.items()
    }
    return {
        "corpus": part.name,
        "model": model,
        "C": C,
        "epochs": epochs,
        "seeds": seeds,
        **sizes,
        "ends": ends,
        "means": means,
        "difference": {
            what: means["bfloat16"][what] / means["float32"][what] - 1 for what in ("D", "R")
        },
    }


def _part_of(corpus: EncodedCorpus, sentences: int, validated: int, folder: Path) -> EncodedCorpus:
    """Write a sample of a corpus, with the same vocabulary, to `folder`."""
    corpus.vocabulary.save(folder / "vocabulary.txt")
    for split, count in {"train": sentences, "valid": validated}.items():
        sentences = corpus.split(split)
        drawn = sentences.take(sentences.sample(count, seed=1))
        save_array(folder / f"{split}.tokens.npy", np.asarray(drawn.tokens))
        save_array(folder / f"{split}.offsets.npy", drawn.offsets)
    write_json(folder / "statistics.json", {"name": corpus.name})
    return EncodedCorpus(folder)


def _end(task: TrainingJob, folder: Path) -> dict[str, float]:
    """Train, and return the validation metrics after the last epoch."""
    train(task, folder, folder.with_name(f"{folder.name}.checkpoints"), checkpoint_minutes=60)
    lines = map(json.loads, read_text(folder / "training.jsonl").splitlines())
    last = [line for line in lines if line.get("split") == "valid"][-1]
    return {"D": last["D"], "R": last["R"]}
