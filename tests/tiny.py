"""A corpus and a model small enough to train inside a test."""

import hashlib
import random
from pathlib import Path

import torch

from textvae.cells import Cell
from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array
from textvae.corpora.vocabulary import Vocabulary
from textvae.io import write_json
from textvae.models.architecture import ModelConfig
from textvae.training.cell import TrainingJob
from textvae.training.config import TrainingConfig

WORDS = 20
MAX_LENGTH = 8
# The encoder that the paper combines with each decoder.
ENCODERS = {"lstm": "lstm", "gru": "gru", "cnn": "lstm"}
CPU = torch.device("cpu")
MODEL = ModelConfig(embedding=6, hidden=8, latent=4, embedding_range=0.5, mean_gain=3.0)
CNN = {"channels": 8, "bottleneck": 4, "filter_width": 3}
TRAINING = TrainingConfig(
    epochs=3, batch=16, learning_rate=0.01, decay=0.5, ramp_epochs=1.0, precision="float32"
)


def tiny_corpus(folder: Path, sentences: int = 100) -> EncodedCorpus:
    """Write a corpus of sentences of 1 to 8 random words, the same at every call."""
    draw = random.Random(1)
    Vocabulary(f"w{i}" for i in range(WORDS)).save(folder / "vocabulary.txt")
    counts = {}
    for split in SPLITS:
        ids = [
            [draw.randrange(2, WORDS + 2) for _ in range(draw.randint(1, MAX_LENGTH))]
            for _ in range(sentences)
        ]
        encoded = Sentences.of(ids)
        counts[split] = {"sha256": save_split(folder, split, encoded)}
    counts["train"] |= {"sentences": sentences, "longest": MAX_LENGTH}
    write_json(folder / "statistics.json", {"name": "tiny", "splits": counts})
    return EncodedCorpus(folder)


def save_split(folder: Path, split: str, sentences: Sentences) -> dict[str, str]:
    """Write the arrays of a split; return the SHA-256 of each."""
    arrays = {"tokens": sentences.tokens, "offsets": sentences.offsets}
    for part, array in arrays.items():
        save_array(folder / f"{split}.{part}.npy", array)
    paths = {part: folder / f"{split}.{part}.npy" for part in arrays}
    return {part: hashlib.sha256(path.read_bytes()).hexdigest() for part, path in paths.items()}


def tiny_task(
    folder: Path, C: float = 2.0, decoder: str = "lstm", **changes: object
) -> TrainingJob:
    """Return a cell of that corpus; `changes` are training settings."""
    cell, training = Cell("tiny", "small", C, 1), TRAINING.replace(**changes)
    return TrainingJob(cell, tiny_corpus(folder), tiny_model(decoder), training, CPU)


def tiny_model(decoder: str, **changes: object) -> ModelConfig:
    """Return the configuration of a model with this decoder; `changes` are its settings."""
    own = CNN if decoder == "cnn" else {}
    return MODEL.replace(encoder=ENCODERS[decoder], decoder=decoder, **own, **changes)
