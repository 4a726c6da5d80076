"""Estimate the time of the paper's trainings on this machine from the measured speeds."""

from dataclasses import dataclass
from typing import Any

from benchmarks.training import flop_per_token
from benchmarks.turns import LANGUAGE_MODEL


@dataclass(frozen=True)
class Trainings:
    """Models of one kind on one corpus.

    sentences: of the training split. tokens: per sentence, including `<eos>`. epochs: passes; early
    stopping ended language models after about 10.
    """

    what: str
    model: str
    models: int
    sentences: int
    tokens: float
    words: int
    epochs: int = 10


# Mean lengths: of the corpora as cut in the paper if available (CBT in its format, Yahoo),
# otherwise as published by their authors. Sizes are the paper's (section 3).
CBT, YAHOO, YELP = (192_000, 16.9, 12_000), (100_000, 80, 20_000), (100_000, 97.7, 20_000)
WIKI, WEBTEXT = (2_000_000, 20.6, 20_000), (1_000_000, 17, 22_000)
# All sentences of up to 50 words, 80 million tokens.
WIKI50 = (3_300_000, 23.9, 20_000)
PAPER = (
    Trainings("Table 1, CBT", "lstm", 3, *CBT),
    Trainings("Table 1, WIKI", "lstm", 3, *WIKI),
    Trainings("Table 1, WebText", "lstm", 3, *WEBTEXT),
    *(
        Trainings(f"Figure 1, {name}, {model}", model, 10, *corpus)
        for name, corpus in (("Yahoo", YAHOO), ("Yelp", YELP))
        for model in ("lstm", "gru", "cnn")
    ),
    Trainings("section 3.2, Yahoo, C = 5", "gru", 1, *YAHOO),
    Trainings("section 3.2, Yelp, C = 5", "gru", 1, *YELP),
    Trainings("Table 4", "lstm", 2, *WIKI50),
    Trainings("Table 3, CBT", LANGUAGE_MODEL, 18, *CBT),
    Trainings("Table 3, WIKI", LANGUAGE_MODEL, 18, *WIKI),
    Trainings("Table 3, WebText", LANGUAGE_MODEL, 18, *WEBTEXT),
)
# Tokens from which a "sentence" counts as a document.
LONG = 50


def of_paper(cases: list[dict[str, Any]], variant: str) -> list[dict[str, Any]]:
    """Return the hours of each group of trainings, run sequentially on one device.

    cases: from `training.measure`. A corpus with another vocabulary is assumed to reach the same
    arithmetic operations per second as the measured one of similar lengths. If concurrent trainings
    were faster on the device, their speed is used. Groups without a similar case are left out.
    """
    speeds = {}
    for case in cases:
        alone = case["variants"][variant]["tokens_per_second"]
        best = max([alone, *case["tokens_per_second_side_by_side"].values()])
        speeds[case["model"], case["corpus"]] = best * case["mflop_per_token"]
    rows = []
    for group in PAPER:
        like = "yahoo-like" if group.tokens > LONG else "cbt-like"
        speed = speeds.get((group.model, like))
        if speed is None:
            continue
        tokens = group.models * group.sentences * group.tokens * group.epochs
        seconds = tokens * flop_per_token(group.model, group.words) / 1e6 / speed
        rows.append(
            {
                "trainings": group.what,
                "models": group.models,
                "million_tokens": round(tokens / 1e6),
                "hours": seconds / 3600,
            }
        )
    return rows
