"""Speed of training steps: a plain loop and ours on the same batches, and the machine's limit."""

import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.loss import OURS as OURS_LOSS
from benchmarks.loss import PRECISIONS
from benchmarks.loss import TORCH as TORCH_LOSS
from benchmarks.processes import report_progress
from benchmarks.texts import write_corpus
from benchmarks.turns import (
    ARCHITECTURES,
    BATCH,
    LANGUAGE_MODEL,
    MODELS,
    Case,
    Variant,
    ours,
    peer,
    plain,
    products,
)
from benchmarks.workers import Turn, interleaved, together
from textvae.models.architecture import LanguageModelSizes
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE

PLAIN = "plain"
# Its name -> its precision.
PEERS = {f"peer, {precision}": precision for precision in PRECISIONS}
OURS = {
    "float32, torch alone": Variant("float32", compiled=False),
    "float32": Variant("float32", compiled=True),
    "bfloat16, torch alone": Variant("bfloat16", compiled=False),
    "bfloat16": Variant("bfloat16", compiled=True),
    "float32, our loss": Variant("float32", compiled=True, loss=OURS_LOSS),
    "bfloat16, torch's loss": Variant("bfloat16", compiled=True, loss=TORCH_LOSS),
}

# The last number is that of batches per round: a plain step on long documents takes half a minute,
# whereas one on short sentences is too short to time alone.
CASES = [
    Case(corpus, words, model, batches)
    for corpus, words, batches in (("cbt-like", 12_000, 3), ("yahoo-like", 20_000, 1))
    for model in MODELS
]

SMALL_CASES = [Case("cbt-like", 12_000, "lstm", 1)]


def measure(
    cases: list[Case], rounds: int, device: str, side_by_side: tuple[int, ...], folder: Path
) -> list[dict[str, Any]]:
    """Measure tokens per second and peak memory of each variant in all cases, and the limits.

    side_by_side: numbers of concurrent processes for which bfloat16's throughput is measured.
    Corpora are written to `folder`.
    """
    corpora: dict[tuple[str, int], Path] = {}
    for case in cases:
        corpora.setdefault((case.corpus, case.words), folder / f"{case.corpus}-{case.words}")
    for (kind, words), path in corpora.items():
        needed = max(case.batches for case in cases if case.corpus == kind) * (rounds + 1) * BATCH
        write_corpus(path, kind, words, {"train": needed, "valid": 10, "test": 10})
    return [
        _case(case, rounds, device, side_by_side, corpora[case.corpus, case.words])
        for case in cases
    ]


def _case(
    case: Case, rounds: int, device: str, side_by_side: tuple[int, ...], corpus: Path
) -> dict[str, Any]:
    turns: dict[str, Callable[[], Turn]] = {PLAIN: partial(plain, case, corpus, device)}
    for name, precision in PEERS.items():
        turns[name] = partial(peer, case, corpus, precision, device)
    for name, variant in OURS.items():
        turns[name] = partial(ours, case, corpus, variant, device)
    # Measured within the same minutes: other load changes a machine's speed.
    limits = {f"products in {name}": partial(products, name, device) for name in PRECISIONS}
    speeds, memory = interleaved(turns | limits, rounds, device)
    peaks = {name: statistics.median(speeds[f"products in {name}"]) for name in PRECISIONS}
    gflop = flop_per_token(case.model, case.words) / 1e9
    rows = {}
    for name in turns:
        precision = OURS[name].precision if name in OURS else PEERS.get(name, "float32")
        peak = peaks[precision]
        median = statistics.median(speeds[name])
        rows[name] = {
            "tokens_per_second": round(median, 1),
            "ratio_to_plain": _ratio(speeds[name], speeds[PLAIN]),
            "ratio_to_peer": _ratio(speeds[name], speeds[f"peer, {precision}"]),
            "share_of_peak": round(median * gflop / peak, 4),
            "peak_memory_mib": round(memory[name]),
            "rounds": [round(speed, 1) for speed in speeds[name]],
        }
        report_progress(
            f"{case}: {name}: {median:,.0f} tokens/s, {rows[name]['ratio_to_plain']:.1f} to plain"
        )
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
        "peak_gflops": {name: round(value, 1) for name, value in peaks.items()},
        "variants": rows,
        "tokens_per_second_side_by_side": crowds,
    }


def _ratio(speeds: list[float], others: list[float]) -> float:
    """Return the median ratio of rounds that ran together."""
    ratios = [mine / its for mine, its in zip(speeds, others, strict=True)]
    return round(statistics.median(ratios), 3)


def flop_per_token(model: str, words: int) -> float:
    """Return the FLOP of all matrix products per token: forward, and twice as much backward.

    Operations per sentence (the posterior's parameters) and embeddings, which need no product, are
    left out.
    """
    # On the meta device, without storage: only shapes matter.
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
