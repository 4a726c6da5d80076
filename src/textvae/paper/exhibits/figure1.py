"""Figure 1: distortion against rate, and LogDetCov against C, for each corpus (section 3.1).

A further row of panels, which the paper lacks, has the information in the code against the rate.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.errors import InputError
from textvae.natural_order import natural
from textvae.paper import information
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import FIGURE, Inputs, Rendered
from textvae.paper.measurements import Measured
from textvae.paper.render.figure import (
    GREY,
    Style,
    add_legend,
    add_titles,
    label_line,
    look,
    remark,
    styles,
)
from textvae.paper.rows import Row, corpus_title, on_target, rows_of
from textvae.registry import EXHIBITS

# Importing matplotlib takes half a second; planning and tables do without it.
if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The smallest span of the axis of D in nats, and the smallest share of it that the data fill.
MIN_HEIGHT = 5.0
DATA_SHARE = 0.4
MAX_COLUMNS = 5

_SHADE = "0.91"

_CSV_COLUMNS = (
    *("corpus", "model", "C", "seeds"),
    *("rate_nats", "rate_sd", "distortion_nats", "distortion_sd"),
    *("logdetcov", "logdetcov_sd", "logdetcov_bias", "active_units"),
    *("entropy_nats", "limit_nats", "rate_on_target"),
    *(*information.METRICS, information.HE, "log_sentences"),
)


@EXHIBITS.register(
    "figure1",
    forms=(*FIGURE, "csv"),
    category="Figures",
    accepts_variants=True,
    needs=("rate-distortion", "posterior"),
)
def render(inputs: Inputs) -> Rendered:
    """The paper's Figure 1: distortion and information against rate, LogDetCov against C."""
    # The figure does not show measurements of generated text.
    measured = [one for one in inputs.measured() if not one.decoding]
    check(measured, *inputs.measurements)
    rows = rows_of(measured)
    return Rendered(figure=figure1(rows), data=figure1_csv(rows))


def check(measured: Iterable[Measured], path: Path) -> None:
    """Raise InputError if a cell of the table at `path` lacks a metric that the figure shows.

    LogDetCov must have been measured, but may be null: the covariance may be singular.
    """
    cells: dict = {}
    for one in measured:
        cells.setdefault(one.cell, {})[one.metric] = one.value
    if not cells:
        raise InputError(f"{path}: contains no measurement")
    for cell, values in sorted(cells.items()):
        for metric in ("rate_nats", "distortion_nats", "logdetcov"):
            if metric not in values:
                raise InputError(f"{path}: {cell} has no {metric}")
            if values[metric] is None and metric != "logdetcov":
                raise InputError(f"{path}: {metric} of {cell} is null, expected a number")


def rate_on_target(row: Row) -> bool:
    """Return whether the rate of every seed is within one nat of C."""
    return all(on_target(rate, row.C) for rate in row.known("rate_nats"))


def bound(row: Row) -> float | None:
    """Return H - R, the lower bound of D, in nats per sentence; None if H or R is unknown."""
    H, R = row.mean("entropy_nats"), row.mean("rate_nats")
    return None if H is None or R is None else H - R


def figure1_csv(rows: Sequence[Row]) -> str:
    """Return the numbers in the figure as CSV: a line for each corpus, model and C.

    Means over seeds, in nats; `_sd` are standard deviations over seeds, blank for one seed.
    """
    return csv_text(
        _CSV_COLUMNS,
        [
            (
                *(row.corpus, row.model, row.C, len(row.seeds)),
                *(row.mean("rate_nats"), row.deviation("rate_nats")),
                *(row.mean("distortion_nats"), row.deviation("distortion_nats")),
                *(row.mean("logdetcov"), row.deviation("logdetcov")),
                *(row.mean("logdetcov_bias"), row.mean("active_units")),
                *(row.mean("entropy_nats"), bound(row)),
                "true" if rate_on_target(row) else "false",
                *(row.mean(metric) for metric in (*information.METRICS, information.HE)),
                row.mean("log_sentences"),
            )
            for row in map(information.with_distance, rows)
        ],
    )


def figure1(rows: Sequence[Row]) -> "Figure":
    """Draw a column of panels for each corpus: D against R above, LogDetCov against C below.

    More than five corpora are drawn in bands below one another.
    Means over seeds, with standard deviations as error bars. If the entropy H of a corpus is known,
    its panel shows the lower bound D = H - R. If mutual information was measured, a panel between
    the two has I against R.
    """
    import numpy as np
    from matplotlib.figure import Figure

    rows = [information.for_table(row) for row in rows]
    informed = any(row.known(information.UPPER) for row in rows)
    heights = [1.9] * (3 if informed else 2)

    corpora = list(dict.fromkeys(row.corpus for row in rows))
    bands = _bands(corpora)
    across = len(bands[0])
    model_styles = styles(sorted({row.model for row in rows}, key=natural))
    with look():
        # A figure of one corpus fits a column of a two-column page unscaled.
        width = max(3.1, 0.6 + 1.75 * across)
        figure = Figure(figsize=(width, sum(heights) * len(bands)), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)
        grid = figure.subplots(len(heights) * len(bands), across, squeeze=False)
        tops = []
        for panels, band in zip(np.split(grid, len(bands)), bands, strict=True):
            for column, corpus in zip(panels.T, band, strict=False):
                _column(column, [row for row in rows if row.corpus == corpus], model_styles)
            for panel in panels[:, len(band) :].flat:
                panel.remove()
            panels[0, 0].set_ylabel("distortion $D$ (nats)")
            panels[-1, 0].set_ylabel("LogDetCov")
            if informed:
                panels[1, 0].set_ylabel("information $I$ (nats)")
            tops.append(dict(zip(panels[0], map(corpus_title, band), strict=False)))
        figure.align_ylabels(grid[:, :1])
        add_titles(figure, tops)
        add_legend(figure, _handles(rows, model_styles))
    return figure


def _bands(corpora: Sequence[str]) -> list[Sequence[str]]:
    """Arrange corpora in as few bands of at most five as possible, in order."""
    count = math.ceil(len(corpora) / MAX_COLUMNS)
    across = math.ceil(len(corpora) / count)
    return [corpora[first : first + across] for first in range(0, len(corpora), across)]


def _column(panels: "Sequence[Axes]", rows: Sequence[Row], model_styles: dict[str, Style]) -> None:
    """Draw the panels of one corpus."""
    top, *middle, bottom = panels
    _panel(top, rows, model_styles, "rate_nats", "distortion_nats")
    _panel(bottom, rows, model_styles, "C", "logdetcov")
    _limits(top, bottom, rows)
    for panel in middle:
        _information_panel(panel, rows, model_styles, top.get_xlim()[1])
    top.set_xlabel("rate $R$ (nats)")
    bottom.set_xlabel("$C$ (nats)")


def _panel(
    panel: "Axes", rows: Sequence[Row], model_styles: dict[str, Style], x: str, y: str
) -> None:
    """Draw a line with markers for each model; cells without a value of y are left out."""
    for model, style in model_styles.items():
        of_model = [row for row in rows if row.model == model and row.known(y)]
        points = [(_mean(row, x), row.mean(y)) for row in of_model]
        panel.plot(*_coordinates(points), color=style.colour, linestyle=style.dashes)
        for row, point in zip(of_model, points, strict=True):
            panel.errorbar(
                *point,
                xerr=row.deviation(x),
                yerr=row.deviation(y),
                color=style.colour,
                elinewidth=0.7,
                capsize=1.5,
                capthick=0.7,
                marker=style.marker,
                markerfacecolor=style.colour if rate_on_target(row) else "white",
                markeredgewidth=0.8,
                # A collapsed code has R = 0, exactly on the edge of the panel.
                clip_on=False,
            )


def _information_panel(
    panel: "Axes", rows: Sequence[Row], model_styles: dict[str, Style], right: float
) -> None:
    """Draw I against R as bars from its lower to its upper estimate, and the line I = R.

    The vertical distance to the line is R - I, the distance of q(z) from the prior.
    """
    from matplotlib.ticker import MaxNLocator

    panel.plot([0, right], [0, right], color=GREY, linewidth=0.9, zorder=1)
    highest = 1.0
    for model, style in model_styles.items():
        of_model = [row for row in rows if row.model == model and row.known(information.UPPER)]
        lower, upper = (
            [(_mean(row, information.RATE), row.mean(metric)) for row in of_model]
            for metric in (information.LOWER, information.UPPER)
        )
        panel.plot(*_coordinates(lower), color=style.colour, linestyle=style.dashes)
        for row, (R, low), (_, high) in zip(of_model, lower, upper, strict=True):
            panel.errorbar(
                *(R, low, [[0], [max(0, high - low)]]),
                color=style.colour,
                elinewidth=0.9,
                capsize=1.5,
                capthick=0.9,
                marker=style.marker,
                markerfacecolor=style.colour if rate_on_target(row) else "white",
                markeredgewidth=0.8,
                clip_on=False,
            )
            highest = max(highest, high)
    if not any(row.known(information.UPPER) for row in rows):
        remark(panel, "not measured")
    elif shares := information.little_shares(rows):
        shown = " to ".join(f"{share:.0%}" for share in sorted({min(shares), max(shares)}))
        remark(panel, f"$I$ is only {shown} of $R$", height=0.08)
    panel.set_xlim(0, right)
    panel.set_ylim(0, 1.06 * highest)
    panel.set_xlabel("rate $R$ (nats)")
    panel.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))


def _limits(top: "Axes", bottom: "Axes", rows: Sequence[Row]) -> None:
    """Set the axis limits, with the same x axis for R and C, and draw D = H - R if H is known."""
    from matplotlib.ticker import MaxNLocator

    right = 1.06 * max(*(row.mean("rate_nats") for row in rows), *(row.C for row in rows), 1)
    for panel in (top, bottom):
        panel.set_xlim(0, right)
        panel.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if any(row.known("logdetcov") for row in rows):
        bottom.axhline(0, color=GREY, linewidth=0.5, zorder=0)
        label_line(bottom, 0, "LogDetCov of the prior")
    else:
        remark(bottom, "singular covariances")
        bottom.set_yticks([])
    low, high = _widened(*top.get_ylim(), MIN_HEIGHT)
    top.set_ylim(low, high)
    H = next((H for row in rows if (H := row.mean("entropy_nats")) is not None), None)
    if H is None:
        return
    # Show the bound up to the largest rate, but leave DATA_SHARE of the axis for the data.
    lowest = high - (high - low) / DATA_SHARE
    if lowest < H:
        low = max(0, min(low, max(H - right, lowest)))
    # Leave a margin above the topmost markers.
    high += 0.04 * (high - low)
    top.set_ylim(low, high)
    line = [H, H - right]
    top.plot([0, right], line, color=GREY, linewidth=0.9, zorder=1)
    top.fill_between([0, right], line, min(low, H - right), color=_SHADE, linewidth=0, zorder=0)
    if low > H:
        remark(top, f"bound is below ($H$ = {H:.1f})", height=0.1)


def _handles(rows: Sequence[Row], model_styles: dict[str, Style]) -> "list[Artist]":
    """Return the legend's handles: the models, and the bound and hollow markers if drawn."""
    from matplotlib.lines import Line2D

    handles: list[Artist] = [
        Line2D([], [], color=style.colour, linestyle=style.dashes, marker=style.marker, label=model)
        for model, style in model_styles.items()
    ]
    bounds = {"entropy_nats": "$D = H - R$", information.UPPER: "$I = R$"}
    drawn = [label for metric, label in bounds.items() if any(row.known(metric) for row in rows)]
    if drawn:
        label = ("bounds " if drawn[1:] else "bound ") + ", ".join(drawn)
        handles.append(Line2D([], [], color=GREY, linewidth=0.9, label=label))
    if any(row.known(information.UPPER) for row in rows):
        bar = {"color": GREY, "linestyle": "none", "marker": "|", "markersize": 8}
        handles.append(Line2D([], [], **bar, label="bar: $I$ from below to above"))
    if not all(rate_on_target(row) for row in rows):
        hollow = {"color": GREY, "linestyle": "none", "marker": "o", "markerfacecolor": "white"}
        handles.append(Line2D([], [], **hollow, label="hollow: $|R - C| > 1$ nat"))
    return handles


def _widened(low: float, high: float, length: float) -> tuple[float, float]:
    """Widen an interval around its middle to at least `length`."""
    missing = max(0, length - (high - low)) / 2
    return low - missing, high + missing


def _mean(row: Row, metric: str) -> float | None:
    return row.C if metric == "C" else row.mean(metric)


def _coordinates(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
