"""The frontier: distortion and information against rate, of many methods on one plot.

The paper lists remedies for posterior collapse (sections 1 and 2.2) and compares with none of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textvae.natural_order import natural
from textvae.paper import information
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import read_cells
from textvae.paper.exhibit import FIGURE, Inputs, Rendered
from textvae.paper.frontier import (
    DISTORTION,
    RATE,
    Point,
    above,
    equal_elbos,
    hull,
    largest_rate,
    lines_of_models,
    read_points,
)
from textvae.paper.frontier_page import frontier_page
from textvae.paper.render.figure import (
    GREY,
    Style,
    add_legend,
    add_titles,
    label,
    look,
    remark,
    styles,
)
from textvae.paper.rows import corpus_title
from textvae.paper.unlike import unlike
from textvae.registry import EXHIBITS

# Importing matplotlib takes half a second; planning and tables do without it.
if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches: the width of a corpus's panels with the labels beside them, and the heights of panels.
_WIDTH = 5.2
_HEIGHTS = (2.8, 3.4, 2.2)
# Distance of two labels, inches; the panel beside them grows with their number.
_LABEL_SPACE = 0.13

_CSV_COLUMNS = (
    *("corpus", "model", "C", "objective", "seeds"),
    *("rate_nats", "rate_sd", "distortion_nats", "distortion_sd", "negative_elbo_nats"),
    *("above_hull_nats", "entropy_nats", *information.METRICS, "active_units"),
    *("collapsed", "collapsed_seeds"),
)


@EXHIBITS.register(
    "frontier",
    forms=(*FIGURE, "csv", "html"),
    category="Figures",
    accepts_variants=True,
    needs=("rate-distortion", "information"),
    reads=("measurements", "configs"),
)
def render(inputs: Inputs) -> Rendered:
    """Distortion and information against rate, of methods against posterior collapse."""
    points = read_points(inputs.rows(), inputs.configs)
    figure, page = frontier(points), frontier_page(points)
    trained = read_cells(inputs.configs)
    if notes := tuple(unlike(trained[cell] for point in points for cell in point.row.cells)):
        label(figure, " ".join(notes))
        page = replace(page, notes=(*page.notes, *notes))
    return Rendered(figure=figure, data=frontier_csv(points), page=page)


def frontier_csv(points: Sequence[Point]) -> str:
    """Return the numbers in the figure as CSV: a line for each corpus, model and C.

    Means over seeds, in nats; `_sd` are standard deviations over seeds, blank for one seed.
    collapsed is of the means, collapsed_seeds the number of seeds whose own R and I are so low.
    """
    corners = {corpus: hull(_plane(points, corpus)) for corpus in _corpora(points)}
    return csv_text(
        _CSV_COLUMNS,
        [
            (
                *(point.row.corpus, point.row.model, point.row.C, point.config.objective),
                len(point.row.seeds),
                *(point.rate, point.row.deviation(RATE)),
                *(point.distortion, point.row.deviation(DISTORTION), point.negative_elbo),
                above(corners[point.row.corpus], point.rate, point.distortion),
                point.row.mean("entropy_nats"),
                *(point.row.mean(metric) for metric in information.METRICS),
                point.row.mean("active_units"),
                None if point.collapsed is None else str(point.collapsed).lower(),
                point.collapsed_seeds,
            )
            for point in points
        ],
    )


def _corpora(points: Sequence[Point]) -> list[str]:
    return list(dict.fromkeys(point.row.corpus for point in points))


def _of(points: Sequence[Point], corpus: str) -> list[Point]:
    return [point for point in points if point.row.corpus == corpus]


def _plane(points: Sequence[Point], corpus: str) -> list[tuple[float, float]]:
    """Return the points (R, D) of a corpus."""
    return [(point.rate, point.distortion) for point in _of(points, corpus)]


def frontier(points: Sequence[Point]) -> "Figure":
    """Draw three panels for each corpus, against R: D, its height above the hull, and I.

    A line joins the settings of a model; colours are those of objectives, and each line has the
    name of its model at its end. In the first panel, thin grey lines have equal D + R, the thick
    one is the lower-left convex hull, and the shaded part is impossible if the entropy of the text
    is known. The second shows the same distortions where the lines are too close to be told apart.
    Rates far beyond the others are drawn at the edge, with their values.
    """
    from matplotlib.figure import Figure

    corpora = _corpora(points)
    families = sorted({point.family for point in points}, key=natural)
    style_of = styles(families)
    with look():
        top_height, middle_height, bottom_height = _HEIGHTS
        labels = max(len(lines_of_models(_of(points, corpus))) for corpus in corpora)
        middle_height = max(middle_height, _LABEL_SPACE * labels)
        heights = (top_height, middle_height, bottom_height)
        size = (_WIDTH * len(corpora), sum(heights))
        figure = Figure(figsize=size, layout="constrained")
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)
        grid = figure.subplots(
            3, len(corpora), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for (top, middle, bottom), corpus in zip(grid.T, corpora, strict=True):
            of_corpus = _of(points, corpus)
            _distortion_panel(top, of_corpus, style_of)
            space = _LABEL_SPACE / middle_height
            _excess_panel(middle, of_corpus, style_of, top.get_xlim()[1], space)
            _information_panel(bottom, of_corpus, style_of, top.get_xlim()[1])
        grid[0, 0].set_ylabel("distortion $D$ (nats)")
        grid[1, 0].set_ylabel("$D$ above the hull (nats)")
        grid[2, 0].set_ylabel("information $I$ (nats)")
        figure.align_ylabels(grid[:, :1])
        add_titles(figure, [dict(zip(grid[0], map(corpus_title, corpora), strict=True))])
        add_legend(figure, _handles(points, style_of))
    return figure


def _distortion_panel(panel: "Axes", points: Sequence[Point], style_of: dict[str, Style]) -> None:
    rates = [point.rate for point in points]
    distortions = [point.distortion for point in points]
    right = largest_rate(rates)
    low, high, totals = equal_elbos(distortions, right)
    panel.set_xlim(0, right)
    panel.set_ylim(low, high)
    for total in totals:
        panel.plot([0, right], [total, total - right], color="0.88", linewidth=0.6, zorder=0)
    H = next((H for point in points if (H := point.row.mean("entropy_nats")) is not None), None)
    if H is not None:
        panel.plot([0, right], [H, H - right], color=GREY, linewidth=0.9, zorder=1)
        panel.fill_between([0, right], [H, H - right], low - right, color="0.91", linewidth=0)
    panel.plot(*zip(*hull(list(zip(rates, distortions, strict=True))), strict=True), color="0.72")
    panel.lines[-1].set(linewidth=3.5, zorder=1, solid_capstyle="round")
    for line in lines_of_models(points):
        _draw(panel, line, style_of, [point.distortion for point in line], DISTORTION)
    panel.set_xlabel("rate $R$ (nats)")


def _excess_panel(
    panel: "Axes", points: Sequence[Point], style_of: dict[str, Style], right: float, space: float
) -> None:
    """Draw how far D is above the hull, with the names of the models beside the panel.

    space: the distance of two names, as a share of the panel's height.
    """
    import numpy as np

    corners = hull([(point.rate, point.distortion) for point in points])
    # Differences of a tenth of a nat matter as much as those of several nats.
    panel.set_yscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    panel.set_xlim(0, right)
    heights = {id(point): above(corners, point.rate, point.distortion) for point in points}
    for line in lines_of_models(points):
        _draw(panel, line, style_of, [heights[id(point)] for point in line], DISTORTION)
    panel.axhline(0, color="0.72", linewidth=3.5, zorder=1)
    highest = max(1.0, 1.1 * max(heights.values()))
    panel.set_ylim(0, highest)
    panel.set_yticks([tick for tick in (0, 0.1, 0.5, 1, 2, 5, 10, 20, 50, 100) if tick <= highest])
    panel.set_xlabel("rate $R$ (nats)")
    ends = sorted(
        (line[-1] for line in lines_of_models(points)), key=lambda point: heights[id(point)]
    )
    labels = [(point, heights[id(point)], (heights[id(point)] / highest) ** 0.5) for point in ends]
    _label(panel, labels, style_of, space)


def _draw(
    panel: "Axes",
    line: Sequence[Point],
    style_of: dict[str, Style],
    heights: Sequence[float],
    metric: str,
) -> None:
    """Draw the settings of a model, hollow where the code carries next to nothing."""
    from matplotlib.patheffects import withStroke

    style = style_of[line[0].family]
    right = panel.get_xlim()[1]
    shown = [min(point.rate, right) for point in line]
    panel.plot(shown, heights, color=style.colour, linestyle=style.dashes)
    for point, rate, height in zip(line, shown, heights, strict=True):
        if point.rate > right:
            text = f"$R$ = {point.rate:.0f} →"
            panel.annotate(
                text,
                (rate, height),
                xytext=(2, 3),
                textcoords="offset points",
                ha="right",
                va="bottom",
                fontsize=6.5,
                color=style.colour,
                # Legible across the lines below it.
                path_effects=[withStroke(linewidth=2, foreground="white")],
                zorder=5,
            )
        drawn = panel.errorbar(
            *(rate, height),
            # Around the edge it would be a bar of other rates.
            xerr=None if point.rate > right else point.row.deviation(RATE),
            yerr=point.row.deviation(metric),
            color=style.colour,
            elinewidth=0.7,
            capsize=1.5,
            capthick=0.7,
            marker=style.marker,
            markerfacecolor="white" if point.collapsed else style.colour,
            markeredgewidth=0.8,
        )
        # A collapsed code has R = 0, exactly on the edge of the panel; its bars end there.
        drawn.lines[0].set_clip_on(False)


def _label(
    panel: "Axes",
    labels: Sequence[tuple[Point, float, float]],
    style_of: dict[str, Style],
    space: float,
) -> None:
    """Write names of models beside the panel, joined to the ends of their lines.

    labels: the last point of a line, its height, and this as a share of the panel's; increasing.
    """
    positions = spread([share for *_, share in labels], space)
    right = panel.get_xlim()[1]
    names = short_names([point.row.model for point, *_ in labels])
    for (point, height, _), position in zip(labels, positions, strict=True):
        colour = style_of[point.family].colour
        panel.annotate(
            names[point.row.model],
            xy=(min(point.rate, right), height),
            xytext=(1.04, position),
            textcoords="axes fraction",
            fontsize=6.5,
            color=colour,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.4,
                "alpha": 0.7,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 3,
            },
        )


def short_names(models: Sequence[str]) -> dict[str, str]:
    """Return the names without the words that all share, separated by hyphens, at their start.

    A model that is called like its base keeps its name.
    """
    split = [model.split("-") for model in models]
    shared = 0
    while len(models) > 1 and len({tuple(words[: shared + 1]) for words in split}) == 1:
        shared += 1
    return {
        model: "-".join(words[shared:]) or model for model, words in zip(models, split, strict=True)
    }


def spread(wanted: Sequence[float], space: float) -> list[float]:
    """Return increasing positions from 0 to 1, at least `space` apart, near those wanted.

    The wanted positions increase. Neighbours that are too close form a group around their middle.
    If there are too many for `space`, they are as far apart as they can be.
    """
    space = min(space, 1 / max(1, len(wanted) - 1))
    groups: list[tuple[float, int]] = []
    for position in wanted:
        centre, count = position, 1
        while groups:
            before, size = groups[-1]
            if before + space * (size + count) / 2 <= centre:
                break
            groups.pop()
            centre = (before * size + centre * count) / (size + count)
            count += size
        groups.append((centre, count))
    positions = [
        centre + space * (index - (count - 1) / 2)
        for centre, count in groups
        for index in range(count)
    ]
    last = len(positions) - 1
    return [
        min(max(position, index * space), 1 - (last - index) * space)
        for index, position in enumerate(positions)
    ]


def _information_panel(
    panel: "Axes", points: Sequence[Point], style_of: dict[str, Style], right: float
) -> None:
    """Draw I against R, bars from the lower to the upper estimate, and the line I = R."""
    panel.plot([0, right], [0, right], color=GREY, linewidth=0.9, zorder=1)
    informed = [point for point in points if point.row.known(information.UPPER)]
    if not informed:
        remark(panel, "not measured")
    informed = [point for point in informed if point.rate <= right]
    highest = 1.0
    panel.set_xlim(0, right)
    for line in lines_of_models(informed):
        lower = [point.row.mean(information.LOWER) or 0.0 for point in line]
        _draw(panel, line, style_of, lower, "")
        for point, low in zip(line, lower, strict=True):
            high = point.row.mean(information.UPPER) or 0.0
            panel.vlines(point.rate, low, high, style_of[point.family].colour, linewidth=0.9)
            highest = max(highest, high)
    panel.set_ylim(0, 1.06 * highest)
    panel.set_xlabel("rate $R$ (nats)")


def _handles(points: Sequence[Point], style_of: dict[str, Style]) -> "list[Artist]":
    """Return the legend's handles: objectives, hull, bound, equal D + R, and hollow markers."""
    from matplotlib.lines import Line2D

    handles: list[Artist] = [
        Line2D([], [], color=s.colour, linestyle=s.dashes, marker=s.marker, label=family)
        for family, s in style_of.items()
    ]
    handles.append(Line2D([], [], color="0.72", linewidth=3.5, label="lower-left hull"))
    handles.append(Line2D([], [], color="0.88", linewidth=0.9, label="equal $D + R$"))
    known = any(point.row.known("entropy_nats") for point in points)
    bounds = "bounds $D = H - R$, $I = R$" if known else "bound $I = R$"
    handles.append(Line2D([], [], color=GREY, linewidth=0.9, label=bounds))
    if any(point.collapsed for point in points):
        hollow = {"color": GREY, "linestyle": "none", "marker": "o", "markerfacecolor": "white"}
        handles.append(Line2D([], [], **hollow, label="hollow: $I$ < $R$ / 10, or $R$ < 0.1"))
    return handles
