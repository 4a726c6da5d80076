"""GPU-hours of the paper's trainings at the measured speeds."""

from typing import Any

from benchmarks import cost
from benchmarks.gpu.speed import OURS
from benchmarks.training import flop_per_token
from benchmarks.turns import LANGUAGE_MODEL


def of_paper(measured: list[dict[str, Any]], crowds: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Return hours of all text VAEs and language models, one cell at a time and many at once.

    measured: of `speed.one_cell`, the first being that which the crowds ran. The gain of many cells
    at once was measured on that one, and is assumed of the others.
    """
    alone = {(each["model"], each["corpus"]): _best(each) for each in measured}
    together = {
        (how, count): speed for how, speeds in crowds.items() for count, speed in speeds.items()
    }
    first = next(iter(alone.values()))
    best = max(together, key=together.__getitem__, default=None)
    gain = max(1.0, together[best] / first) if best else 1.0
    result: dict[str, Any] = {"gain_of_cells_at_once": round(gain, 3)}
    if best and gain > 1:
        result["fastest"] = f"{best[1]} cells in {best[0]}"
    for name, factor in (("one cell at a time", 1.0), ("cells at once", gain)):
        cases = [
            {
                "model": model,
                "corpus": corpus,
                "mflop_per_token": flop_per_token(model, words) / 1e6,
                "variants": {OURS: {"tokens_per_second": speed * factor}},
                "tokens_per_second_side_by_side": {},
            }
            for (model, corpus), speed in alone.items()
            for words in [next(each["words"] for each in measured if each["corpus"] == corpus)]
        ]
        groups = cost.of_paper(cases, OURS)
        language_models = {g.what for g in cost.PAPER if g.model == LANGUAGE_MODEL}
        for what, chosen in (("text VAEs", False), ("language models", True)):
            rows = [row for row in groups if (row["trainings"] in language_models) == chosen]
            models = sum(row["models"] for row in rows)
            result[f"{name}, hours of {models} {what}"] = round(sum(r["hours"] for r in rows), 3)
        result.setdefault("groups", {})[name] = groups
    return result


def _best(measured: dict[str, Any]) -> float:
    """Return the speed of the fastest of our variants."""
    ours = [row for name, row in measured["variants"].items() if name.startswith("ours")]
    return max(row["tokens_per_second"] for row in ours)
