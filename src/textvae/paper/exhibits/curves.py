"""Training curves: D, R and R - C by epoch, a line for each cell (eqn. 2; section 3.1)."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.io import read_text
from textvae.paper.descriptions import read_config
from textvae.paper.exhibit import FIGURE, Inputs, Rendered
from textvae.paper.json_values import finite_number, json_object
from textvae.paper.render.figure import GREY, add_legend, add_titles, look, remark
from textvae.paper.rows import TOLERANCE, corpus_title
from textvae.registry import EXHIBITS

# Importing matplotlib takes half a second; planning and tables do without it.
if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@EXHIBITS.register(
    "curves",
    forms=FIGURE,
    category="Training curves",
    scope="every",
    reads=("records",),
    caption="Training curves: {experiment}",
)
def render(inputs: Inputs) -> Rendered:
    """Training curves of the cells of an experiment: D, R and R - C."""
    folders = [path.parent for path in inputs.records]
    return Rendered(figure=curves(read_records(folders)))


@dataclass(frozen=True)
class Point:
    """Means since the previous line (training) or over a split (validation), in nats per sentence.

    `target` is C at that step, which increases from 0 at the start of training.
    """

    epoch: float
    target: float
    D: float
    R: float


@dataclass(frozen=True)
class TrainingRecord:
    """The training record of a cell; objectives without C, such as the ELBO, have no target."""

    cell: Cell
    has_target: bool
    objective: str
    training: tuple[Point, ...]
    validation: tuple[Point, ...]


def read_record(folder: Path) -> TrainingRecord:
    """Read the record in a model's folder; InputError names the file and the wrong line."""
    trained = read_config(folder / "config.json")
    path = folder / "training.jsonl"
    has_target = trained.config.has_target
    training: list[Point] = []
    validation: list[Point] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            entry = _entry(line)
            before = training[-1] if training else Point(0, 0, 0, 0)
            validated = "split" in entry
            point = Point(
                epoch=_number(entry, "epoch"),
                target=before.target if validated or not has_target else _number(entry, "C"),
                D=_number(entry, "D"),
                R=_number(entry, "R"),
            )
            if point.epoch < before.epoch:
                raise InputError(f"epoch {point.epoch:g} after epoch {before.epoch:g}")
        except InputError as error:
            raise InputError(f"{path}: line {number}: {error}") from None
        (validation if validated else training).append(point)
    for what, points in (("validated", validation), ("trained", training)):
        reached = points[-1].epoch if points else 0
        if reached != trained.epochs:
            raise InputError(
                f"{path}: cut short: {what} up to epoch {reached:g} of {trained.epochs}"
            )
    title = trained.config.title
    return TrainingRecord(trained.cell, has_target, title, tuple(training), tuple(validation))


def read_records(folders: Sequence[Path]) -> list[TrainingRecord]:
    """Read the records in several folders; InputError also if a cell is repeated."""
    folder_of: dict[Cell, Path] = {}
    records = []
    for folder in folders:
        records.append(record := read_record(folder))
        if folder_of.setdefault(record.cell, folder) is not folder:
            raise InputError(f"{folder}: describes {record.cell}, as {folder_of[record.cell]} does")
    return records


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError("not JSON, cut short perhaps") from None
    return json_object(entry, "an entry")


def _number(entry: dict[str, Any], name: str) -> float:
    return finite_number(entry.get(name), name)


# Nats: the axis of R - C ends there.
MAX_DEVIATION = 4.0
# The axes ignore this share of training, at its start, when D halves within a few steps.
SETTLING = 0.2
MAX_COLUMNS = 5

_BAND = "0.88"
# Colours of objectives without a target, the ELBO first; safe for the colour-blind.
_WITHOUT_TARGET = ("#D55E00", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHED = {"color": "black", "linewidth": 0.5, "dashes": (4, 3)}
_DOTS = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 2.8,
    "markeredgecolor": "white",
    "markeredgewidth": 0.35,
    "zorder": 4,
}


def curves(records: Sequence[TrainingRecord]) -> "Figure":
    """Draw a column of panels for each corpus and model, in the order of the records.

    From top to bottom: D; R, with its target dashed; and R minus the target at that step, with a
    band of one nat either way. All models of a corpus share the axis of D; all columns share the
    others.
    """
    from matplotlib.figure import Figure

    columns: dict[tuple[str, str], list[TrainingRecord]] = {}
    for record in records:
        columns.setdefault((record.cell.corpus, record.cell.model), []).append(record)
    bands = wrapped(list(columns))
    across = max(map(len, bands))
    colours = _colours(records)
    with look():
        size = (max(3.1, 0.6 + 1.7 * across), 0.5 + 4.1 * len(bands))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(3 * len(bands), across, squeeze=False)
        tops = []
        for index, band in enumerate(bands):
            rows = grid[3 * index : 3 * index + 3]
            for panels, name, left in zip(rows.T, band, [None, *band], strict=False):
                for record in sorted(columns[name], key=lambda record: record.cell):
                    _draw(panels, record, colours[_label(record)])
                of_corpus = [record for record in records if record.cell.corpus == name[0]]
                _limits(panels, columns[name], of_corpus, records)
                _labels(panels, name[0], left)
            for panel in rows[:, len(band) :].flat:
                panel.remove()
            titles = [f"{corpus_title(corpus)}, {model}" for corpus, model in band]
            tops.append(dict(zip(rows[0], titles, strict=False)))
        figure.align_ylabels(grid[:, :1])
        add_titles(figure, tops)
        add_legend(figure, _handles(records, colours))
    return figure


def wrapped(names: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Arrange the columns (corpus, model) in as few bands of at most five as possible, in order.

    The models of a corpus stay in one band, unless that would need another band.
    """
    corpora = [[name for name in names if name[0] == corpus] for corpus in dict(names)]
    bands: list[list[tuple[str, str]]] = [[]]
    for models in corpora:
        if bands[-1] and len(bands[-1]) + len(models) > MAX_COLUMNS:
            bands.append([])
        bands[-1] += models
    min_bands = math.ceil(len(names) / MAX_COLUMNS)
    if len(bands) == min_bands and max(map(len, bands)) <= MAX_COLUMNS:
        return bands
    across = math.ceil(len(names) / min_bands)
    ordered = [name for models in corpora for name in models]
    return [ordered[first : first + across] for first in range(0, len(ordered), across)]


def _draw(panels: "Sequence[Axes]", record: TrainingRecord, colour: str) -> None:
    """Draw a cell's lines on its three panels."""
    line = {"color": colour, "linewidth": 0.5}
    dots = _DOTS | {"color": colour}
    for points, style in ((record.training, line), (record.validation, dots)):
        epochs = [point.epoch for point in points]
        panels[0].plot(epochs, [point.D for point in points], **style)
        panels[1].plot(epochs, [point.R for point in points], **style)
        if record.has_target:
            panels[2].plot(epochs, [point.R - point.target for point in points], **style)
    if record.has_target:
        epochs = [point.epoch for point in record.training]
        panels[1].plot(epochs, [point.target for point in record.training], **_DASHED)


def _limits(
    panels: "Sequence[Axes]",
    of_column: Sequence[TrainingRecord],
    of_corpus: Sequence[TrainingRecord],
    records: Sequence[TrainingRecord],
) -> None:
    from matplotlib.ticker import MaxNLocator

    distortions = [point.D for record in of_corpus for point in _settled(record)]
    low, high = min(distortions), max(distortions)
    margin = 0.06 * (high - low) or 1
    panels[0].set_ylim(low - margin, high + margin)
    rates = [point.R for record in records for point in _settled(record)]
    targets = [record.cell.C for record in records if record.has_target]
    panels[1].set_ylim(0, 1.08 * max(*rates, *targets, 1))
    largest = 1.1 * max([abs(deviation) for deviation in _deviations(records)], default=0)
    # At least twice the tolerance band, at most the cut-off.
    limit = min(MAX_DEVIATION, max(2 * TOLERANCE, largest))
    panels[2].set_ylim(-limit, limit)
    if any(record.has_target for record in of_column):
        panels[2].axhspan(-TOLERANCE, TOLERANCE, color=_BAND, linewidth=0, zorder=0)
        for edge in (-TOLERANCE, TOLERANCE):
            panels[2].axhline(edge, color="black", linewidth=0.4, zorder=5)
    else:
        remark(panels[2], "no target")
    for panel in panels:
        # Slightly beyond the end, for the marker there.
        panel.set_xlim(0, 1.02 * max(record.training[-1].epoch for record in records))
        panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        panel.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def _settled(record: TrainingRecord) -> list[Point]:
    """Return the points that determine the axes: all but those of the first fifth."""
    start = SETTLING * record.training[-1].epoch
    return [point for point in record.training + record.validation if point.epoch >= start]


def _labels(panels: "Sequence[Axes]", corpus: str, left: tuple[str, str] | None) -> None:
    """Set the axis labels, unless the column to the left has the same."""
    for panel, label in zip(panels, ("$D$ (nats)", "$R$ (nats)", "$R - C$ (nats)"), strict=True):
        panel.tick_params(labelleft=left is None, labelbottom=panel is panels[-1])
        if left is None:
            panel.set_ylabel(label)
    panels[0].tick_params(labelleft=left is None or left[0] != corpus)
    panels[-1].set_xlabel("epoch")


def _handles(records: Sequence[TrainingRecord], colours: dict[str, str]) -> "list[Artist]":
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [
        Line2D([], [], color=colour, linewidth=1.4, label=label)
        for label, colour in colours.items()
    ]
    handles.append(Line2D([], [], **_DOTS, color=GREY, label="validation"))
    if any(record.has_target for record in records):
        handles.append(Line2D([], [], **_DASHED, label="target: $C$ at that step"))
        cut = any(abs(deviation) > MAX_DEVIATION for deviation in _deviations(records))
        label = r"$|R - C| \leq 1$" + (f" ($R - C$ cut off at {MAX_DEVIATION:g})" if cut else "")
        handles.append(Patch(facecolor=_BAND, edgecolor="black", linewidth=0.4, label=label))
    return handles


def _colours(records: Sequence[TrainingRecord]) -> dict[str, str]:
    """Return a colour per C, darker for lower; the light end of the colour map is left out."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    labels = {record.cell.C: _label(record) for record in records if record.has_target}
    shades = colormaps["viridis"]
    colours = {
        labels[C]: to_hex(shades(0.78 * index / max(1, len(labels) - 1)))
        for index, C in enumerate(sorted(labels))
    }
    others = dict.fromkeys(_label(record) for record in records if not record.has_target)
    return colours | dict(zip(others, cycle(_WITHOUT_TARGET), strict=False))


def _label(record: TrainingRecord) -> str:
    return f"$C$ = {format_C(record.cell.C)}" if record.has_target else record.objective


def _deviations(records: Sequence[TrainingRecord]) -> list[float]:
    """Return R - C at every point of the cells with a target."""
    return [
        point.R - point.target
        for record in records
        if record.has_target
        for point in record.training + record.validation
    ]
