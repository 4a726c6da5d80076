"""Peak memory of whole commands: training a large cell, and preparing a large text."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, Finished, report_progress, run
from benchmarks.texts import write_corpus, write_text
from textvae.corpora import SPLITS


@dataclass(frozen=True)
class Training:
    """A training of the paper's LSTM with default settings, for one epoch.

    sentences: of the splits train, valid and test. A few training batches reach the peak, because
    later ones reuse memory; validation uses batches of 8,192 tokens for any number of sentences.
    """

    kind: str
    words: int
    sentences: tuple[int, int, int]


# WebText has the paper's largest vocabulary, 22,000 words; its sentences are as long as CBT's.
# Documents of Yahoo are five times as long.
TRAININGS = (
    Training("cbt-like", 22_000, (1_536, 10_000, 128)),
    Training("yahoo-like", 20_000, (768, 2_000, 128)),
)
SMALL_TRAININGS = (Training("cbt-like", 1_000, (64, 32, 32)),)
PRECISIONS = ("float32", "bfloat16")

# Lines of the splits of WIKI.
LINES = (2_000_000, 270_000, 270_000)
SMALL_LINES = (20_000, 2_700, 2_700)
# Distinct words in the text, of which 20,000 are kept.
WORDS_IN_TEXT = 100_000


def measure(folder: Path, small: bool) -> dict[str, Any]:
    """Return peaks in MiB, including memory-mapped files; `folder` needs a gigabyte of disk space.

    small: use so little text that the code dominates the peak.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trainings = SMALL_TRAININGS if small else TRAININGS
    return {
        "training": [of_training(folder, *pair) for pair in _pairs(trainings)],
        "preparation": of_preparation(folder, SMALL_LINES if small else LINES),
    }


def of_training(folder: Path, training: Training, precision: str) -> dict[str, Any]:
    """Measure `textvae train` of one cell with one thread."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        corpus = Path(temporary, "corpus")
        sentences = dict(zip(SPLITS, training.sentences, strict=True))
        write_corpus(corpus, training.kind, training.words, sentences)
        finished = _textvae(
            *("train", "--corpus", corpus, "--output", Path(temporary, "lstm")),
            *("--name", "lstm", "--C", "15", "--seed", "1", "--epochs", "1"),
            *("--ramp-epochs", "0.5"),
            *("--precision", precision),
        )
    report_progress(f"train, {training.kind}, {precision}: {_resources(finished)}")
    return {
        "lengths": training.kind,
        "words": training.words,
        "precision": precision,
        "train_sentences": training.sentences[0],
        "valid_sentences": training.sentences[1],
        **_result(finished),
    }


def of_preparation(folder: Path, lines: tuple[int, int, int]) -> dict[str, Any]:
    """Measure `textvae prepare` of a text; lines: of the splits train, valid and test."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        texts = {split: Path(temporary, f"{split}.txt") for split in SPLITS}
        for number, (path, count) in enumerate(zip(texts.values(), lines, strict=True), start=1):
            write_text(path, "cbt-like", WORDS_IN_TEXT, count, seed=number)
        size = sum(path.stat().st_size for path in texts.values())
        finished = _textvae(
            *("prepare", "--name", "large", "--output", Path(temporary, "corpus")),
            *("--format", "plain", "--vocabulary", "20000"),
            *(word for split, path in texts.items() for word in (f"--{split}", path)),
        )
    report_progress(f"prepare, {lines[0]:,} lines to train on: {_resources(finished)}")
    return {
        "lines": dict(zip(SPLITS, lines, strict=True)),
        "text_mib": size / 2**20,
        **_result(finished),
    }


def _pairs(trainings: tuple[Training, ...]) -> list[tuple[Training, str]]:
    return [(training, precision) for training in trainings for precision in PRECISIONS]


def _textvae(*arguments: str | Path) -> Finished:
    environment = {"PYTHONPATH": str(ROOT / "src")}
    return run([sys.executable, "-m", "textvae", *arguments], environment=environment)


def _result(finished: Finished) -> dict[str, float]:
    return {"peak_mib": finished.peak_mib, "seconds": finished.seconds}


def _resources(finished: Finished) -> str:
    return f"{finished.peak_mib:,.0f} MiB at most, {finished.seconds:.0f} s"
