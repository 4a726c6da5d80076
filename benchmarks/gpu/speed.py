"""Speed of trainings on one device: variants of one cell in turn, and many cells at once."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.gpu.graphs import Shape, StaticTrainer
from benchmarks.turns import Case, Variant, our_training, ours, peer, plain, round_of
from benchmarks.workers import Turn, interleaved, own_peak, together

PLAIN, OURS, GRAPHS = "plain loop, TF32", "ours, bfloat16", "ours, bfloat16, CUDA graphs"


def made(make: Callable[..., Turn], *arguments: Any, tf32: bool = False) -> Turn:
    """Return a turn of `make`; tf32: in a process whose float32 products are rounded to TF32.

    A child process that unpickles this function has the stand-ins of `benchmarks.gpu`.
    """
    if tf32:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    return make(*arguments)


def in_streams(case: Case, corpus: Path, count: int, rounds: int, device: str) -> Turn:
    """Return a turn of several cells in one process, each in graphs and a stream of its own.

    rounds: number of rounds, the first included, whose graphs are captured beforehand.
    """
    cells = []
    for _ in range(count):
        trainer = our_training(case, corpus, "bfloat16", torch.device(device))
        cells.append(StaticTrainer(trainer))
    if device != "cpu":
        for number in range(rounds):
            for sentences in round_of(case, corpus, number):
                for cell in cells:
                    with torch.cuda.stream(cell.stream):
                        cell.prepare(Shape.of(sentences), sentences)

    def turn(number: int) -> float:
        tokens = 0
        for sentences in round_of(case, corpus, number):
            for cell in cells:
                cell.advance(sentences)
            tokens += sum(len(sentence) + 1 for sentence in sentences)
        return float(tokens * count)

    return turn


def variants(case: Case, corpus: Path, rounds: int, device: str) -> dict[str, Callable[[], Turn]]:
    """Return what to compare on one cell; graphs only for recurrent models."""
    fused = (
        "its fused loss"
        if hasattr(nn, "LinearCrossEntropyOptions")
        else "no fused loss in this torch"
    )
    ours_in = {name: Variant(name, False) for name in ("float32", "bfloat16")}
    own_peer = (peer, case, corpus, "bfloat16", device)
    turns = {
        "plain loop, float32": partial(made, plain, case, corpus, device),
        PLAIN: partial(made, plain, case, corpus, device, tf32=True),
        f"torch at its best, bfloat16 ({fused})": partial(made, *own_peer, tf32=True),
        "ours, float32": partial(made, ours, case, corpus, ours_in["float32"], device),
        OURS: partial(made, ours, case, corpus, ours_in["bfloat16"], device),
    }
    if case.model != "cnn":
        turns[GRAPHS] = partial(in_streams, case, corpus, 1, rounds + 1, device)
    return turns


def one_cell(
    case: Case, turns: Mapping[str, Callable[[], Turn]], rounds: int, device: str, apart: bool
) -> dict[str, Any]:
    """Return tokens per second of each variant, in alternating rounds.

    apart: each variant in its own process, which is slow to start.
    """
    speeds, memory = (interleaved if apart else here)(turns, rounds, device)
    plains = speeds[PLAIN]
    return {
        "model": case.model,
        "corpus": case.corpus,
        "words": case.words,
        "variants": {
            name: {
                "tokens_per_second": round(statistics.median(every), 1),
                "ratio_to_plain": round(
                    statistics.median(mine / its for mine, its in zip(every, plains, strict=True)),
                    3,
                ),
                "rounds": [round(speed, 1) for speed in every],
                "peak_memory_mib": round(memory[name]),
            }
            for name, every in speeds.items()
        },
    }


def here(
    turns: Mapping[str, Callable[[], Turn]], rounds: int, device: str
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return what `interleaved` returns, measured in this process on a CPU."""
    made = {name: make() for name, make in turns.items()}
    speeds: dict[str, list[float]] = {name: [] for name in made}
    for number in range(rounds + 1):
        for name, turn in made.items():
            start = time.perf_counter()
            done = turn(number)
            if number > 0:
                speeds[name].append(done / (time.perf_counter() - start))
    return speeds, dict.fromkeys(made, own_peak())


def processes(case: Case, corpus: Path, count: int, rounds: int, device: str) -> float:
    """Return the tokens per second of several processes together, each with one cell."""
    turn = partial(made, ours, case, corpus, Variant("bfloat16", False), device)
    return round(statistics.median(together(turn, count, rounds, device)), 1)


def streams(case: Case, corpus: Path, count: int, rounds: int, device: str) -> float:
    """Return the tokens per second of several cells in one process together."""
    turn = partial(in_streams, case, corpus, count, rounds + 1, device)
    speeds, _ = (here if device == "cpu" else interleaved)({"cells": turn}, rounds, device)
    return round(statistics.median(speeds["cells"]), 1)
