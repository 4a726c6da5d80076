"""One round of training: with the plain loop, the peer's, and the loop of `textvae train`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch import nn

from benchmarks.loss import LOSSES
from benchmarks.peer import PeerLanguageModel, PeerVAE
from benchmarks.plain import PlainLanguageModel, PlainVAE, padded
from benchmarks.workers import Turn
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.fce import settings as fce_settings
from textvae.fce import training as fce_training
from textvae.models import language_model, vae
from textvae.models.architecture import LanguageModelSizes, ModelConfig
from textvae.models.batches import pack
from textvae.models.kernels import compiled as native
from textvae.models.kernels.precision import choose
from textvae.training.cell import CellTrainer, TrainingJob, probed_step
from textvae.training.config import TrainingConfig
from textvae.training.trainer import Trainer

BATCH = 128
# Nats; the target does not affect speed.
C = 15.0
LANGUAGE_MODEL = "language-model"
ARCHITECTURES = {
    "lstm": ModelConfig(),
    "gru": ModelConfig(encoder="gru", decoder="gru"),
    "cnn": ModelConfig(decoder="cnn"),
}
MODELS = (*ARCHITECTURES, LANGUAGE_MODEL)
# Side of the square matrices whose product measures the machine's limit.
PEAK_SIZE = 2048


@dataclass(frozen=True)
class Variant:
    """Our loop in a precision, with kernels in C or only torch.

    loss: one of `loss.LOSSES`, instead of the precision's default.
    """

    precision: str
    compiled: bool
    loss: str | None = None

    @contextmanager
    def used(self) -> Iterator[None]:
        """Return a context in which trainings use this variant."""
        with ExitStack() as stack:
            if self.compiled:
                stack.enter_context(native.compiled())
            if self.loss:
                instead = LOSSES[self.precision][self.loss]
                for module in (vae, language_model):
                    stack.enter_context(
                        mock.patch.object(module, "fused_linear_cross_entropy", instead)
                    )
            yield


@dataclass(frozen=True)
class Case:
    """A model and a corpus, and the number of batches per round.

    batch: sentences in a batch. size: of the recurrent state, if not the paper's; embeddings and
    codes are as small.
    """

    corpus: str
    words: int
    model: str
    batches: int
    batch: int = BATCH
    size: int | None = None

    @property
    def config(self) -> ModelConfig:
        """Return the configuration of a text VAE."""
        config = ARCHITECTURES[self.model]
        size = self.size
        return config if size is None else config.replace(embedding=size, hidden=size, latent=size)

    @property
    def sizes(self) -> LanguageModelSizes:
        """Return the sizes of a language model."""
        sizes, size = LanguageModelSizes(), self.size
        return sizes if size is None else sizes.replace(embedding=size, hidden=size)

    def __str__(self) -> str:
        return f"{self.model} on {self.corpus}, {self.words:,} words"


def products(precision: str, device: str) -> Turn:
    """Return a turn of square matrix products, counted in GFLOP."""
    left, right = torch.randn(
        2, PEAK_SIZE, PEAK_SIZE, dtype=getattr(torch, precision), device=device
    )
    # A third of a second on a CPU core, and enough to saturate a GPU.
    times = (2 if precision == "float32" else 8) * (1 if device == "cpu" else 500)

    def turn(_: int) -> float:
        for _ in range(times):
            left @ right
        return times * 2 * PEAK_SIZE**3 / 1e9

    return turn


def round_of(case: Case, corpus: Path, number: int) -> list[list[np.ndarray]]:
    """Return the batches of a round."""
    split, size = EncodedCorpus(corpus).split("train"), case.batch
    starts = range(number * case.batches * size, (number + 1) * case.batches * size, size)
    return [[split[i] for i in range(start, start + size)] for start in starts]


def ours(case: Case, corpus: Path, variant: Variant, device: str) -> Turn:
    """Return a turn of steps of `textvae train` or `language-model`, counted in tokens."""
    with variant.used():
        training = our_training(case, corpus, variant.precision, torch.device(device))

    def turn(number: int) -> float:
        batches = [pack(sentences) for sentences in round_of(case, corpus, number)]
        with variant.used():
            for batch in batches:
                training.advance(batch)
        return float(sum(len(batch.words) for batch in batches))

    return turn


def our_training(case: Case, folder: Path, precision: str, device: torch.device) -> Trainer:
    """Return a trainer before its first step."""
    corpus = EncodedCorpus(folder)
    if case.model == LANGUAGE_MODEL:
        recipe = fce_settings.LanguageModelSettings(batch=case.batch, precision=precision)
        text, sizes = corpus.split("train"), case.sizes
        task = fce_training.LanguageModelJob(
            "text", text, corpus.vocabulary, sizes, recipe, 1, device
        )
        held_out = Sentences(text.tokens[:0], text.offsets[:1])
        if precision == "auto":
            chosen = choose(fce_training.probed_step(task, text), device)
            task = replace(task, choice=chosen)
        return fce_training.LanguageModelTrainer(task, text, held_out)
    training = TrainingConfig(batch=case.batch, precision=precision)
    cell = Cell(corpus.name, case.model, C, 1)
    task = TrainingJob(cell, corpus, case.config, training, device)
    if precision == "auto":
        task = replace(task, choice=choose(probed_step(task), device))
    return CellTrainer(task)


def plain(case: Case, corpus: Path, device: str) -> Turn:
    """Return a turn of steps of the plain loop, counted in tokens without padding."""
    torch.manual_seed(1)
    words = len(EncodedCorpus(corpus).vocabulary)
    if case.model == LANGUAGE_MODEL:
        model: nn.Module = PlainLanguageModel(case.sizes, words)
    else:
        model = PlainVAE(case.config, words)
    return _loop(case, corpus, model.to(device), device)


def peer(case: Case, corpus: Path, precision: str, device: str) -> Turn:
    """Return a turn of steps of the peer's loop, counted in tokens."""
    torch.manual_seed(1)
    words, number = len(EncodedCorpus(corpus).vocabulary), getattr(torch, precision)
    if case.model == LANGUAGE_MODEL:
        model: nn.Module = PeerLanguageModel(case.sizes, words, number)
    else:
        model = PeerVAE(case.config, words, number)
    return _loop(case, corpus, model.to(device), device, fused=True)


def _loop(case: Case, corpus: Path, model: nn.Module, device: str, fused: bool = False) -> Turn:
    """Return a turn of steps of a loop over padded batches; fused: also of Adam."""
    optimiser = torch.optim.Adam(
        model.parameters(), lr=TrainingConfig().shared.learning_rate, fused=fused or None
    )

    def step(sentences: list[np.ndarray]) -> float:
        ids, lengths = padded(sentences)
        tokens = float(lengths.sum())
        ids = ids.to(device)
        # Packing needs them on the CPU.
        lengths = lengths if isinstance(model, PeerVAE | PeerLanguageModel) else lengths.to(device)
        if case.model == LANGUAGE_MODEL:
            loss = model(ids, lengths) / len(ids)
        else:
            noise = torch.randn(len(ids), case.config.architecture.latent, device=device)
            nll, rate = model(ids, lengths, noise)
            loss = nll / len(ids) + (rate.mean() - C).abs()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return tokens

    return lambda number: sum(step(batch) for batch in round_of(case, corpus, number))
