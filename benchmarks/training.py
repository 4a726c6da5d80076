"""Steps of training: a plain loop and ours on the same batches, beside the machine's own limit."""

import statistics
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.plain import PlainLanguageModel, PlainVAE, padded
from benchmarks.texts import write_corpus
from benchmarks.workers import Turn, interleaved, together
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.fce import recipe as fce_recipe
from textvae.fce import training as fce_training
from textvae.models import native
from textvae.models.architecture import Architecture, LanguageModelSizes
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from textvae.optimisation.schedule import Schedule
from textvae.optimisation.state import Training
from textvae.training.cell import CellTraining
from textvae.training.recipe import Recipe
from textvae.training.task import Task

BATCH = 128
# Nats; any target does, the work is the same.
C = 15.0
LANGUAGE_MODEL = "language-model"
ARCHITECTURES = {
    "lstm": Architecture(),
    "gru": Architecture(encoder="gru", decoder="gru"),
    "cnn": Architecture(decoder="cnn"),
}
MODELS = (*ARCHITECTURES, LANGUAGE_MODEL)
PRECISIONS = ("float32", "bfloat16")
# The sides of the square matrices whose product tells what the machine can do.
PEAK_SIZE = 2048


@dataclass(frozen=True)
class Variant:
    """Ours in a precision, with loops in C or by torch alone."""

    precision: str
    compiled: bool


PLAIN = "plain"
OURS = {
    "float32": Variant("float32", compiled=True),
    "bfloat16, torch alone": Variant("bfloat16", compiled=False),
    "bfloat16": Variant("bfloat16", compiled=True),
}


@dataclass(frozen=True)
class Case:
    """What is trained on what; a round is so many batches of 128 sentences."""

    corpus: str
    words: int
    model: str
    batches: int

    def __str__(self) -> str:
        return f"{self.model} on {self.corpus}, {self.words:,} words"


# A plain step on long documents takes half a minute; one on short sentences is short enough for
# the clock to matter.
CASES = [
    Case(corpus, words, model, batches)
    for corpus, words, batches in (("cbt-like", 12_000, 3), ("yahoo-like", 20_000, 1))
    for model in MODELS
]

SMALL_CASES = [Case("cbt-like", 12_000, "lstm", 1)]


def measure(
    cases: list[Case], rounds: int, device: str, side_by_side: tuple[int, ...], folder: Path
) -> dict[str, Any]:
    """All cases: tokens a second and peak memory of each variant, beside what bounds them.

    side_by_side: how many processes train at once, for each number a throughput of bfloat16.
    Corpora are written to `folder`.
    """
    corpora: dict[tuple[str, int], Path] = {}
    for case in cases:
        corpora.setdefault((case.corpus, case.words), folder / f"{case.corpus}-{case.words}")
    for (kind, words), path in corpora.items():
        needed = max(case.batches for case in cases if case.corpus == kind) * (rounds + 1) * BATCH
        write_corpus(path, kind, words, {"train": needed, "valid": 10, "test": 10})
    limits, _ = interleaved(
        {name: partial(_products, name, device) for name in PRECISIONS}, rounds, device
    )
    peaks = {name: statistics.median(found) for name, found in limits.items()}
    return {
        "peak_gflops": {name: round(value, 1) for name, value in peaks.items()},
        "cases": [
            _case(case, rounds, device, side_by_side, corpora[case.corpus, case.words], peaks)
            for case in cases
        ],
    }


def _case(
    case: Case,
    rounds: int,
    device: str,
    side_by_side: tuple[int, ...],
    corpus: Path,
    peaks: dict[str, float],
) -> dict[str, Any]:
    print(f"training: {case}", file=sys.stderr, flush=True)
    turns: dict[str, Callable[[], Turn]] = {PLAIN: partial(_plain, case, corpus, device)}
    for name, variant in OURS.items():
        turns[name] = partial(_ours, case, corpus, variant, device)
    speeds, memory = interleaved(turns, rounds, device)
    gflop = flop_per_token(case.model, case.words) / 1e9
    rows = {}
    for name in turns:
        ratios = [ours / plain for ours, plain in zip(speeds[name], speeds[PLAIN], strict=True)]
        peak = peaks[OURS[name].precision if name in OURS else "float32"]
        median = statistics.median(speeds[name])
        rows[name] = {
            "tokens_per_second": round(median, 1),
            "ratio_to_plain": round(statistics.median(ratios), 3),
            "share_of_peak": round(median * gflop / peak, 4),
            "peak_memory_mib": round(memory[name]),
            "rounds": [round(speed, 1) for speed in speeds[name]],
        }
    crowds = {
        str(count): round(statistics.median(together(turns["bfloat16"], count, rounds, device)), 1)
        for count in side_by_side
    }
    return {
        "corpus": case.corpus,
        "words": case.words,
        "model": case.model,
        "batch": BATCH,
        "mflop_per_token": round(gflop * 1000, 2),
        "variants": rows,
        "tokens_per_second_side_by_side": crowds,
    }


def flop_per_token(model: str, words: int) -> float:
    """Of all matrix products of a token, forward and twice that backward.

    What is done once a sentence (the posterior's parameters) and the embeddings, which are read and
    not multiplied, are left out.
    """
    # Without storage: only the shapes matter.
    with torch.device("meta"):
        if model == LANGUAGE_MODEL:
            built: nn.Module = LanguageModel(LanguageModelSizes(), words)
        else:
            built = TextVAE(ARCHITECTURES[model], words)
    multiplied = [
        parameter.numel()
        for name, parameter in built.named_parameters()
        if parameter.dim() > 1 and not name.startswith(("embedding", "posterior"))
    ]
    return 3 * 2.0 * sum(multiplied)


def _products(precision: str, device: str) -> Turn:
    """GFLOP in square products."""
    left, right = torch.randn(
        2, PEAK_SIZE, PEAK_SIZE, dtype=getattr(torch, precision), device=device
    )
    # Third of a second on a CPU core, and enough to keep a GPU busy.
    times = (2 if precision == "float32" else 8) * (1 if device == "cpu" else 500)

    def turn(_: int) -> float:
        for _ in range(times):
            left @ right
        return times * 2 * PEAK_SIZE**3 / 1e9

    return turn


def _sentences(case: Case, corpus: Path, number: int) -> list[list[np.ndarray]]:
    """The batches of a round."""
    split = EncodedCorpus(corpus).split("train")
    starts = range(number * case.batches * BATCH, (number + 1) * case.batches * BATCH, BATCH)
    return [[split[i] for i in range(start, start + BATCH)] for start in starts]


def _ours(case: Case, corpus: Path, variant: Variant, device: str) -> Turn:
    """Tokens in steps of the very training that `textvae train` or `language-model` does."""
    with native.compiled() if variant.compiled else nullcontext():
        training = our_training(case, corpus, variant.precision, torch.device(device))

    def turn(number: int) -> float:
        batches = [pack(sentences) for sentences in _sentences(case, corpus, number)]
        with native.compiled() if variant.compiled else nullcontext():
            for batch in batches:
                training.advance(batch)
        return float(sum(len(batch.words) for batch in batches))

    return turn


def our_training(case: Case, folder: Path, precision: str, device: torch.device) -> Training:
    """A training before its first step."""
    corpus = EncodedCorpus(folder)
    if case.model == LANGUAGE_MODEL:
        recipe = fce_recipe.Recipe(batch=BATCH, precision=precision)
        text, sizes = corpus.split("train"), LanguageModelSizes()
        task = fce_training.Task("text", text, corpus.vocabulary, sizes, recipe, 1, device)
        held_out = Sentences(text.tokens[:0], text.offsets[:1])
        return fce_training.LanguageModelTraining(task, Schedule(recipe, len(text)), held_out)
    recipe = Recipe(batch=BATCH, precision=precision)
    cell = Cell(corpus.name, case.model, C, 1)
    task = Task(cell, corpus, ARCHITECTURES[case.model], recipe, device)
    return CellTraining(task, Schedule(recipe, len(corpus.split("train"))))


def _plain(case: Case, corpus: Path, device: str) -> Turn:
    """Tokens in steps of the plain loop; the padding does not count."""
    torch.manual_seed(1)
    words = len(EncodedCorpus(corpus).vocabulary)
    if case.model == LANGUAGE_MODEL:
        model: nn.Module = PlainLanguageModel(LanguageModelSizes(), words)
    else:
        model = PlainVAE(ARCHITECTURES[case.model], words)
    model.to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=Recipe().learning_rate)

    def step(sentences: list[np.ndarray]) -> float:
        ids, lengths = padded(sentences)
        tokens = float(lengths.sum())
        ids, lengths = ids.to(device), lengths.to(device)
        if case.model == LANGUAGE_MODEL:
            loss = model(ids, lengths) / len(ids)
        else:
            noise = torch.randn(len(ids), ARCHITECTURES[case.model].latent, device=device)
            nll, rate = model(ids, lengths, noise)
            loss = nll / len(ids) + (rate.mean() - C).abs()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return tokens

    return lambda number: sum(step(batch) for batch in _sentences(case, corpus, number))
