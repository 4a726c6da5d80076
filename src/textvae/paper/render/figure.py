"""Common parts of figures: settings, line styles, the legend, and saving.

Figures use matplotlib's objects without pyplot or a window. Their settings apply only inside
`look`, and a user's own matplotlib settings do not change them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from textvae.io import atomic_write
from textvae.paper.render.table import visible

# Importing matplotlib takes half a second; planning and tables do without it.
if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "0.45"

_LOOK: dict[str, Any] = {
    # A Times-like font that matches LaTeX documents and ships with matplotlib.
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlepad": 5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 4.2,
    "patch.linewidth": 0.5,
    # TrueType fonts in the PDF, because publishers refuse Type 3; outlines in the SVG, which then
    # needs no installed fonts.
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    # Without a salt the ids inside an SVG are random.
    "svg.hashsalt": "textvae",
}

# Okabe and Ito's colours for colour-blind readers, ordered so that neighbours also differ in
# lightness; without the yellow, which is too light on white.
_COLOURS = ("#0072B2", "#E69F00", "#000000", "#CC79A7", "#D55E00", "#56B4E9", "#009E73")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.2, 1, 1.2)), (0, (9, 1.5)))


# Share of a column's width that its title may fill.
_TITLE_SHARE = 0.85
# Height of a line of a title, inches.
_TITLE_LINE = 0.17
# Height of a legend that the size of a figure allows for, inches: three lines.
_LEGEND_HEIGHT = 0.65
# Added to the width of a legend that is wider than its figure, inches.
_LEGEND_MARGIN = 0.2


@dataclass(frozen=True)
class Style:
    """The style of a model's line, in matplotlib's notation."""

    colour: str
    marker: str
    dashes: str | tuple[int, tuple[float, ...]]


def styles(models: Sequence[str]) -> dict[str, Style]:
    """Return a style for each of a figure's models, in order.

    The 7 colours, 8 markers and 5 dash patterns are cycled independently. These numbers are
    pairwise coprime, so a style repeats only after 280 models, and neighbours differ in all three.
    """
    return {
        model: Style(
            _COLOURS[index % len(_COLOURS)],
            _MARKERS[index % len(_MARKERS)],
            _DASHES[index % len(_DASHES)],
        )
        for index, model in enumerate(models)
    }


@contextmanager
def look() -> Iterator[None]:
    """Apply the settings of figures within a `with` block, and restore matplotlib's afterwards."""
    from matplotlib.style import context

    with context(["default", _LOOK]):
        yield


def add_titles(figure: "Figure", bands: "Sequence[Mapping[Axes, str]]") -> None:
    """Write the titles of columns, wrapped to their width; the figure grows by the further lines.

    bands: for each band of columns the topmost panels with their titles. Call it before
    `add_legend`, inside `look`.
    """
    across = max(map(len, bands))
    width = 72 * _TITLE_SHARE * (figure.get_figwidth() - 0.6) / across
    for band in bands:
        lines = [_wrapped(text, width) for text in band.values()]
        for panel, of_panel in zip(band, lines, strict=True):
            panel.set_title("\n".join(of_panel))
        further = max(map(len, lines)) - 1
        figure.set_figheight(figure.get_figheight() + _TITLE_LINE * further)


def _wrapped(text: str, width: float) -> list[str]:
    """Wrap a title into lines of at most `width` points, preferably at spaces and hyphens."""
    from matplotlib import rcParams
    from matplotlib.textpath import TextPath

    size = rcParams["axes.titlesize"]
    for letters in range(len(text), 1, -1):
        lines = wrap(text, letters)
        if all(TextPath((0, 0), line, size).get_extents().width <= width for line in lines):
            return lines
    return [text]


def add_legend(figure: "Figure", handles: "Sequence[Artist]") -> None:
    """Add one legend below all panels, in as few lines as the figure's width allows.

    The figure grows by the height of a tall legend, so that the panels keep theirs, and by the
    width of a label that is too long for it.
    """
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=columns,
            columnspacing=1.4,
            handlelength=2.6,
            handletextpad=0.6,
        )
        box = legend.get_window_extent()
        if columns == 1 or box.width <= figure.bbox.width:
            break
        legend.remove()
    width, height = box.width / figure.dpi, box.height / figure.dpi
    figure.set_figheight(figure.get_figheight() + max(0, height - _LEGEND_HEIGHT))
    if width > figure.get_figwidth():
        figure.set_figwidth(width + _LEGEND_MARGIN)


def label(figure: "Figure", text: str) -> None:
    """Write a small text above all panels, wrapped to the width of the figure, which grows.

    A second text follows the first.
    """
    before = figure.get_suptitle()
    known = len(before.splitlines())
    text = f"{' '.join(before.splitlines())} {visible(text)}".strip()
    lines = wrap(text, max(20, int(18 * figure.get_figwidth())))
    figure.set_figheight(figure.get_figheight() + 0.12 * (len(lines) - known))
    with look():
        # Names in it may have dollars, which would begin and end a formula.
        figure.suptitle("\n".join(lines), fontsize=6, color=GREY, parse_math=False)


def remark(panel: "Axes", text: str, height: float = 0.5) -> None:
    """Write grey text in the middle of a panel; `height` is 0 at the bottom, 1 at the top."""
    panel.text(0.5, height, text, transform=panel.transAxes, ha="center", va="center", color=GREY)


def label_line(panel: "Axes", height: float, text: str) -> None:
    """Write small grey text at the right end of a horizontal line, above it."""
    panel.annotate(
        text,
        (1, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, 1.5),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=6.5,
        color=GREY,
    )


def save(figure: "Figure", title: str, files: Mapping[str, Path]) -> None:
    """Write the figure as pdf, svg or png, each atomically; the same figure gives the same bytes.

    title: plain text for the files' metadata, not shown in the picture.
    """
    title = visible(title)
    metadata: dict[str, dict[str, str | None]] = {
        "pdf": {"Title": title, "CreationDate": None},
        "svg": {"Title": title, "Date": None},
        "png": {"Title": title},
    }
    with look():
        # Lay out once: every further drawing would move the panels slightly.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for form in metadata:
            if form in files:
                with atomic_write(files[form], "wb") as file:
                    figure.savefig(file, format=form, metadata=metadata[form], dpi=200)
