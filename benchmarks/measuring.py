"""Speed of evaluating a trained model and text, in sentences per second."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.processes import report_progress
from benchmarks.texts import draw_sentences, write_text
from benchmarks.workers import Turn, interleaved
from textvae.corpora import SPLITS
from textvae.corpora.encoded import Sentences
from textvae.corpora.preparation import Preparation, prepare
from textvae.corpora.vocabulary import EOS_ID
from textvae.measurements.log_odds import Question, log_odds
from textvae.measurements.overlap import scores, shared_words
from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4
from textvae.models.architecture import Architecture, ModelConfig
from textvae.models.decoding import decode, greedy
from textvae.models.inference import posteriors, rates_and_distortions
from textvae.models.vae import TextVAE
from textvae.schemes import DecodingStrategy

WORDS = 12_000
KIND = "cbt-like"
# Sentences of an untrained model do not end by themselves; they are cut after this many words.
MAX_WORDS = 16

# Creates the turn of a task from the number of its items per round and the device.
Making = Callable[[int, str], Turn]


def measure(rounds: int, device: str, small: bool) -> dict[str, Any]:
    """Return the median rate per second of each task; the paper's LSTM with 12,000 words."""
    share = 20 if small else 1
    works: dict[str, tuple[str, int, Making]] = {
        "greedy": (f"sentences of {MAX_WORDS} words", 2048 // share, _generating("greedy")),
        "top15": (f"sentences of {MAX_WORDS} words", 2048 // share, _generating("top15")),
        "nucleus0.9": (f"sentences of {MAX_WORDS} words", 2048 // share, _generating("nucleus0.9")),
        "rate and distortion": ("sentences", 2048 // share, _transmitting),
        "reconstruction": (f"sentences of {MAX_WORDS} words", 1024 // share, _reconstructing),
        "pairs": ("pairs", 1024 // share, _judging),
        "self-BLEU-4": ("sentences", 10_000 // share, partial(_comparing, self_bleu4)),
        "pairwise BLEU-4": ("sentences", 10_000 // share, partial(_comparing, pairwise_bleu4)),
        "preparation": ("sentences", 100_000 // share, _preparing),
    }
    turns = {name: partial(make, count, device) for name, (_, count, make) in works.items()}
    speeds, peaks = interleaved(turns, rounds, device)
    results = {}
    for name, (unit, count, _) in works.items():
        median = float(np.median(speeds[name]))
        report_progress(f"{name}: {median:,.0f} {unit} a second")
        results[name] = {
            "unit": unit,
            "in_a_round": count,
            "per_second": median,
            "rounds": speeds[name],
            "peak_memory_mib": round(peaks[name]),
        }
    return results


def _model(device: str) -> TextVAE:
    torch.manual_seed(1)
    return TextVAE(ModelConfig(), WORDS).to(device).eval()


def _codes(count: int) -> torch.Tensor:
    return torch.randn(count, Architecture().latent)


def _generating(scheme: str) -> Making:
    return partial(_generate, scheme)


def _generate(scheme: str, count: int, device: str) -> Turn:
    model, codes, chosen = _model(device), _codes(count), DecodingStrategy.parse(scheme)
    return lambda number: float(len(list(decode(model, codes, MAX_WORDS, chosen, (number,)))))


def _transmitting(count: int, device: str) -> Turn:
    model, sentences = _model(device), draw_sentences(KIND, WORDS, count, seed=1)
    return lambda number: float(len(rates_and_distortions(model, sentences, seed=number).rate))


def _reconstructing(count: int, device: str) -> Turn:
    """Return a turn that reconstructs sentences and scores them, as for Table 1."""
    model, sentences = _model(device), draw_sentences(KIND, WORDS, count, seed=1)
    originals = _in_words(sentences)

    def turn(_: int) -> float:
        copies = greedy(model, posteriors(model, sentences).mean, MAX_WORDS)
        scores(shared_words(originals, [[f"w{word}" for word in copy] for copy in copies]))
        return float(count)

    return turn


def _judging(count: int, device: str) -> Turn:
    """Return a turn that scores pairs differing in the third word from the end, one code each."""
    model, codes = _model(device), _codes(count)
    sentences = draw_sentences(KIND, WORDS, count, seed=1)
    questions = []
    for row, sentence in enumerate(sentences):
        ids = tuple(sentence.tolist())
        at = max(0, len(ids) - 3)
        other = EOS_ID + 1 + (ids[at] - EOS_ID) % (WORDS - 1)
        questions.append(Question(row, ids, (*ids[:at], other, *ids[at + 1 :])))
    precision = model.inference_precision

    def turn(_: int) -> float:
        return float(len(log_odds(model, codes, questions, precision, "pairs")))

    return turn


def _comparing(score: Callable[[Sequence[Sequence[str]]], float], count: int, device: str) -> Turn:
    sentences = _in_words(draw_sentences(KIND, WORDS, count, seed=1))

    def turn(_: int) -> float:
        score(sentences)
        return float(count)

    return turn


def _preparing(count: int, device: str) -> Turn:
    folder = tempfile.TemporaryDirectory()
    texts = {split: Path(folder.name, f"{split}.txt") for split in SPLITS}
    for split, path in texts.items():
        write_text(path, KIND, WORDS, count if split == "train" else 100)

    def turn(number: int) -> float:
        output = Path(folder.name, f"corpus{number}")
        prepare("text", texts, Preparation(vocabulary=WORDS // 2), output)
        return float(count)

    return turn


def _in_words(sentences: Sentences) -> list[list[str]]:
    return [[f"w{word}" for word in sentence] for sentence in sentences]
