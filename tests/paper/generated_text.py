"""Measurements of generated text, made up, for the tests of Table 3."""

from textvae.cells import Cell
from textvae.paper.measurements import Measured

DIVERSITY = {
    "types": 400,
    "mean_length": 15.2,
    "self_bleu4": 90.06,
    "pairwise_bleu4": 4.256,
    "self_bleu_sentences": 10000,
    "cut_sentences": 0,
}
FCE = {
    "vocabulary_size": 335,
    "unk_percent": 9.74,
    "fce_nats": 86.6,
    "fce_without_unk_nats": 99.9,
    "reverse_nats": 40.0,
    "kn5_fce_nats": 88.8,
    "excess_nats": 26.6,
    "excess_standard_error": 0.1,
    "test_vocabulary_size": 328,
    "test_unk_percent": 30.7,
    "test_mean_length": 15.3,
    "floor_nats": 60.0,
    "floor_without_unk_nats": 66.6,
    "kn5_floor_nats": 62.2,
    "kn5_floor_without_unk_nats": 68.8,
}


def generated(
    values: dict | None = None, decoding="greedy", copy=1, C=3.0, corpus="cbt", model="lstm", seed=1
) -> list[Measured]:
    """All metrics of a synthetic corpus of 192,000 sentences, its FCE on 12,000 test sentences.

    values: the metrics that are otherwise than above, and others.
    """
    cell = Cell(corpus, model, C, seed)
    return [
        Measured(cell, "any", split, sentences, metric, value, decoding, copy)
        for metric, value in (DIVERSITY | FCE | (values or {})).items()
        for split, sentences in [("synthetic", 192000) if metric in DIVERSITY else ("test", 12000)]
    ]


def copies(values: dict[str, tuple], **which) -> list[Measured]:
    """The metrics of as many copies as there are values of each."""
    count = len(next(iter(values.values())))
    return [
        one
        for i in range(count)
        for one in generated({k: v[i] for k, v in values.items()}, copy=i + 1, **which)
    ]
