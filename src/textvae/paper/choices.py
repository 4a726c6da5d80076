"""Choices of C, as `textvae choose-C` writes them, and the C of a grid for the same."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.knee import farthest_from_chord, levels_of, worth
from textvae.paper.json_values import (
    digits_of,
    finite_number,
    json_object,
    read_object,
    text,
    whole_number,
)
from textvae.paper.rows import Row

STATUSES = ("reached", "missed", "infeasible")
# Metric of a row -> name of the same in choice.json.
MEASURED = {
    "distortion_nats": "D",
    "rate_nats": "R",
    "mutual_information_nats": "I",
    "soft_active_units": "soft_active_units",
    "fce_nats": "fce_nats",
}


@dataclass(frozen=True)
class Choice:
    """A choice of C with one seed.

    way: its name in the configuration. found: C; None if the search is infeasible. measured: of the
    model at its C, on validation sentences; empty if no model was trained at it. settings: what was
    asked for. text: digits of the SHA-256 of the corpus; "" if not recorded. trained: all settings
    of the model and its training; empty if not recorded.
    """

    way: str
    corpus: str
    model: str
    seed: int
    by: str
    status: str
    found: float | None
    cost: float
    reason: str
    measured: dict[str, float]
    confirmed: bool | None
    figures: dict[str, Any]
    settings: dict[str, Any]
    text: str = ""
    trained: dict[str, Any] = field(default_factory=dict)

    @property
    def decoding(self) -> str:
        """Return the decoding scheme of the text that its FCE is of; "" if none was measured."""
        measured = self.by == "fce" or MEASURED["fce_nats"] in self.measured
        return str(self.settings.get("decoding", "")) if measured else ""


def read_choices(paths: Iterable[Path], known: Container[tuple[str, str]]) -> list[Choice]:
    """Read choices; InputError if one is given twice, or its corpus and model are not known.

    known: corpus and model of the grid's trainings.
    """
    choices: dict[tuple[object, ...], Path] = {}
    read = []
    for path in paths:
        one = read_choice(path)
        if (one.corpus, one.model) not in known:
            raise InputError(
                f"{path}: of {one.corpus}/{one.model}, which no table of --measurements has"
            )
        first = choices.setdefault((one.way, one.corpus, one.model, one.seed), path)
        if first is not path:
            raise InputError(f"{path}: the same way, model and seed as {first}, expected one each")
        read.append(one)
    return read


def read_choice(path: Path) -> Choice:
    """Read a choice; InputError if the file is not one. Its way is the name of its folder."""

    def parse(content: dict[str, Any]) -> Choice:
        status = text(content.get("status"), "'status'")
        if status not in STATUSES:
            raise InputError(f"'status' is {status!r:.40}, expected {', '.join(STATUSES)}")
        measured = json_object(content.get("measured", {}), "'measured'")
        # Their name in files of earlier versions.
        if "active_units" in measured:
            measured = {**measured, "soft_active_units": measured["active_units"]}
        confirmed = content.get("confirmed")
        return Choice(
            path.parent.name,
            text(content.get("corpus"), "'corpus'"),
            text(content.get("model"), "'model'"),
            whole_number(content.get("seed"), "'seed'"),
            text(content.get("by"), "'by'"),
            status,
            None if status == "infeasible" else finite_number(content.get("C"), "'C'"),
            finite_number(content.get("cost_in_trainings"), "'cost_in_trainings'"),
            text(content.get("reason"), "'reason'"),
            {name: finite_number(value, f"'{name}'") for name, value in measured.items()},
            confirmed if isinstance(confirmed, bool) else None,
            json_object(content.get("figures", {}), "'figures'"),
            json_object(content.get("settings", {}), "'settings'"),
            digits_of(content, "corpus_sha256"),
            {
                name: value
                for part in ("architecture", "recipe")
                for name, value in json_object(content.get(part, {}), f"'{part}'").items()
            },
        )

    return read_object(path, "a choice of C", parse)


def on_grid(choice: Choice, rows: Sequence[Row]) -> float | None:
    """Return the C that the cells of a grid give for what a choice was asked for; None if unknown.

    rows: of the corpus and model, by increasing C. Between two C values are joined by a line. Of
    FCE it is the C with the least. A curve without a knee has none, as in a search.
    """
    if choice.by == "fce":
        known = [(row.mean("fce_nats"), row.C) for row in rows if row.known("fce_nats")]
        return min(known)[1] if known else None
    if choice.by == "sweep":
        means = [(row.C, row.mean("rate_nats"), row.mean("distortion_nats")) for row in rows]
        levels = levels_of([mean for mean in means if None not in mean])
        if len(levels) < 3:
            return None
        if choice.settings.get("knee") == "chord":
            knee = farthest_from_chord(levels)
            return None if knee in (levels[0], levels[-1]) else knee.C
        found = worth(levels, choice.settings.get("min_slope", 0.5))
        return None if found == levels[-1].C else found
    metrics = {
        "distortion": "distortion_nats",
        "information": "mutual_information_nats",
        "units": "soft_active_units",
    }
    target, metric = choice.figures.get("target"), metrics.get(choice.by)
    if metric is None or not isinstance(target, int | float):
        return None
    return crossing([(row.C, row.mean(metric)) for row in rows], float(target))


def crossing(points: Sequence[tuple[float, float | None]], target: float) -> float | None:
    """Return the first C at which a value is a target, between two C by a line; None if none is."""
    known = [(C, value) for C, value in points if value is not None]
    for (C, value), (following, after) in pairwise(known):
        if min(value, after) <= target <= max(value, after):
            share = (target - value) / (after - value) if after != value else 0.0
            return C + share * (following - C)
    return None
