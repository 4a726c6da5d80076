"""The frontier as an interactive page: a point names itself, and a method can be hidden."""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from textvae.natural_order import natural
from textvae.paper import information
from textvae.paper.frontier import (
    DISTORTION,
    RATE,
    Point,
    equal_elbos,
    hull,
    largest_rate,
    lines_of_models,
)
from textvae.paper.render.figure import Style, styles
from textvae.paper.render.page import Page
from textvae.paper.render.table import decimals
from textvae.paper.rows import corpus_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Marker and line style of a figure -> plotly's.
_SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "<": "triangle-left",
}
_HEIGHT = 900
_LIGHT, _GREY, _HULL = "#e0e0e0", "#737373", "#b8b8b8"
_NOTES = (
    "Point at a marker for its numbers. Click a name in the legend to hide the method, or "
    "double-click it to see the method alone. Drag to zoom; a double click in a panel shows the "
    "usual part, and the next one all rates.",
    "Hollow markers: the code carries next to nothing, I < R / 10 or R < 0.1. Thin lines have "
    "equal D + R, the thick one is the lower-left hull; D = H − R, below which nothing can be, is "
    "drawn where the entropy H is known, and I = R, above which nothing can be.",
)


def frontier_page(points: Sequence[Point]) -> Page:
    """Return the page: D against R above, I against R below, a column for each corpus."""
    from plotly.subplots import make_subplots

    corpora = [(name, list(of)) for name, of in groupby(points, key=lambda one: one.row.corpus)]
    figure = make_subplots(
        rows=2,
        cols=len(corpora),
        row_heights=[0.62, 0.38],
        vertical_spacing=0.09,
        column_titles=[escape(corpus_title(corpus)) for corpus, _ in corpora],
    )
    style_of = styles(sorted({point.family for point in points}, key=natural))
    seen: set[str] = set()
    for column, (_, of_corpus) in enumerate(corpora, start=1):
        _add_references(figure, of_corpus, column)
        for line in lines_of_models(of_corpus):
            style, model = style_of[line[0].family], line[0].row.model
            _add_model(figure, line, style, column, named=model not in seen)
            seen.add(model)
        right = largest_rate([point.rate for point in of_corpus])
        figure.update_xaxes(range=[0, right], col=column)
        figure.update_xaxes(title_text="rate R (nats)", row=2, col=column)
    figure.update_yaxes(title_text="distortion D (nats)", row=1, col=1)
    figure.update_yaxes(title_text="information I (nats)", row=2, col=1)
    figure.update_layout(
        template="simple_white",
        height=_HEIGHT,
        hovermode="closest",
        hoverlabel={"align": "left", "bgcolor": "white", "font_color": "black"},
        legend={"groupclick": "togglegroup", "tracegroupgap": 0},
        margin={"l": 60, "r": 10, "t": 40, "b": 50},
    )
    return Page(figure, _NOTES)


def _add_references(figure: "Figure", points: Sequence[Point], column: int) -> None:
    """Draw the lines of equal D + R, the hull, and the limits of D and I."""
    rates = [point.rate for point in points]
    distortions = [point.distortion for point in points]
    right, most = largest_rate(rates), max(rates)
    low, high, totals = equal_elbos(distortions, right)

    def add(
        xs: Sequence[float],
        ys: Sequence[float],
        row: int,
        colour: str,
        width: float,
        **more: Any,
    ) -> None:
        line = {"color": colour, "width": width}
        quiet = {"hoverinfo": "skip", "showlegend": False, "mode": "lines"} | more
        figure.add_scatter(x=xs, y=ys, line=line, row=row, col=column, **quiet)

    for total in totals:
        add((0, most), (total, total - most), 1, _LIGHT, 1)
    entropy = next(
        (H for point in points if (H := point.row.mean("entropy_nats")) is not None), None
    )
    if entropy is not None:
        impossible = {"fill": "tozeroy", "fillcolor": "#efefef"}
        add((0, entropy), (entropy, 0), 1, _GREY, 1.5, **impossible)
    add(*zip(*hull(list(zip(rates, distortions, strict=True))), strict=True), 1, _HULL, 6)
    add((0, most), (0, most), 2, _GREY, 1.5)
    figure.update_yaxes(range=[low, high], row=1, col=column)
    informed = [one for point in points if (one := _information(point)) and point.rate <= right]
    highest = max((above for _, above in informed), default=1.0)
    figure.update_yaxes(range=[-0.02 * highest, 1.06 * max(1.0, highest)], row=2, col=column)


def _add_model(
    figure: "Figure", line: Sequence[Point], style: Style, column: int, named: bool
) -> None:
    """Draw the settings of a model in both panels; `named`: as the one entry of its legend."""
    model = line[0].row.model
    same: dict[str, Any] = {
        "mode": "lines+markers",
        "legendgroup": model,
        "name": escape(model),
        "hovertemplate": "%{text}<extra></extra>",
        "col": column,
    }

    def add(shown: Sequence[Point], ys: Sequence[float], row: int, **more: Any) -> None:
        symbol = _SYMBOLS[style.marker]
        figure.add_scatter(
            x=[point.rate for point in shown],
            y=ys,
            text=[hover_text(point) for point in shown],
            line={"color": style.colour, "dash": _dash(style), "width": 1.5},
            marker={
                "symbol": [f"{symbol}-open" if one.collapsed else symbol for one in shown],
                "size": 9,
                "color": style.colour,
            },
            row=row,
            **same,
            **more,
        )

    add(line, [point.distortion for point in line], 1, showlegend=named)
    informed = [(point, one) for point in line if (one := _information(point))]
    if informed:
        shown, brackets = zip(*informed, strict=True)
        low = [below for below, _ in brackets]
        spread = [above - below for below, above in brackets]
        bars = {"type": "data", "symmetric": False, "array": spread, "arrayminus": [0] * len(low)}
        add(shown, low, 2, showlegend=False, error_y={**bars, "thickness": 1, "width": 0})


def _information(point: Point) -> tuple[float, float] | None:
    """Return I from below and above; None if it was not measured."""
    low, high = (point.row.mean(metric) for metric in (information.LOWER, information.UPPER))
    return None if low is None or high is None else (low, high)


def _dash(style: Style) -> str:
    """Return a line style in plotly's notation: lengths of dashes and gaps."""
    if isinstance(style.dashes, str):
        return "solid"
    return ",".join(f"{2 * length:g}px" for length in style.dashes[1])


def hover_text(point: Point) -> str:
    """Return the numbers of a point, a line for each, escaped."""
    row = point.row
    lines = [f"<b>{escape(row.model)}</b>", escape(point.method)]
    lines += [point.setting] if point.setting else []
    for name, metric in (("R", RATE), ("D", DISTORTION)):
        error = point.standard_error(metric)
        beside = f" (s.e. {decimals(error, 2)})" if error is not None else ""
        lines.append(f"{name} = {decimals(row.mean(metric), 2)}{beside}")
    lines.append(f"D + R = {decimals(point.negative_elbo, 2)}")
    if bracket := _information(point):
        lines.append("I from {} to {}".format(*(decimals(one, 2) for one in bracket)))
    for name, metric, places in (
        ("IW-NLL", information.IW_NLL, 2),
        ("active units", "active_units", 1),
    ):
        if (value := row.mean(metric)) is not None:
            lines.append(f"{name} = {decimals(value, places)}")
    seeds = "seed" if len(row.seeds) == 1 else "seeds"
    lines.append(f"{seeds} {', '.join(map(str, row.seeds))}")
    return "<br>".join([*lines, *filter(None, [point.remark])])
