"""What the figures share: their look, a style for each model, their key, and how they are saved.

Figures are built with matplotlib's objects alone: no pyplot, no window, and settings that hold
only inside `look`, so that the figure of a machine with settings of its own is the same figure.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.io import whole
from textvae.paper.render.table import visible

# To import matplotlib takes half a second, which neither planning nor tables need.
if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "0.45"

_LOOK: dict[str, Any] = {
    # Times-like, as the text around it, and shipped with matplotlib.
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
    # TrueType fonts inside the PDF (publishers refuse Type 3); outlines in the SVG, which a
    # reader without the fonts would see in other ones.
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    # The names inside an SVG are random without it.
    "svg.hashsalt": "textvae",
}

# Okabe and Ito's colours, safe for the colour-blind; neighbours differ in lightness too, and the
# yellow, too light on white, is left out.
_COLOURS = ("#0072B2", "#E69F00", "#000000", "#CC79A7", "#D55E00", "#56B4E9", "#009E73")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.2, 1, 1.2)), (0, (9, 1.5)))


@dataclass(frozen=True)
class Style:
    """How a model's line is drawn; matplotlib's notation."""

    colour: str
    marker: str
    dashes: str | tuple[int, tuple[float, ...]]


def styles(models: Sequence[str]) -> dict[str, Style]:
    """A style for each of a figure's models, by its place among them.

    There are 7 colours, 8 markers and 5 patterns of dashes. No two of these numbers share a
    divisor, so all three agree only every 280 models, and neighbours differ in each.
    """
    return {
        model: Style(
            _COLOURS[place % len(_COLOURS)],
            _MARKERS[place % len(_MARKERS)],
            _DASHES[place % len(_DASHES)],
        )
        for place, model in enumerate(models)
    }


@contextmanager
def look() -> Iterator[None]:
    """The settings under which a figure is built; matplotlib's own are as before afterwards."""
    from matplotlib.style import context

    with context(["default", _LOOK]):
        yield


def key(figure: "Figure", handles: "Sequence[Artist]") -> None:
    """One legend for all panels, under them, in as few lines as fit the figure's width."""
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=columns,
            columnspacing=1.4,
            handlelength=2.6,
            handletextpad=0.6,
        )
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def remark(panel: "Axes", text: str, height: float = 0.5) -> None:
    """A word in grey on a panel that has nothing to show there; `height` is 0 below, 1 above."""
    panel.text(0.5, height, text, transform=panel.transAxes, ha="center", va="center", color=GREY)


def save(figure: "Figure", title: str, files: Mapping[str, Path]) -> None:
    """Write the figure as pdf, svg or png, each file whole; the same figure gives the same bytes.

    The title, plain text, goes into the files' metadata and not onto the picture, which has its
    caption where it is shown.
    """
    title = visible(title)
    metadata: dict[str, dict[str, str | None]] = {
        "pdf": {"Title": title, "CreationDate": None},
        "svg": {"Title": title, "Date": None},
        "png": {"Title": title},
    }
    with look():
        # Laid out once: each further drawing would move the panels by a hair.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for form in metadata:
            if form in files:
                with whole(files[form], "wb") as file:
                    figure.savefig(file, format=form, metadata=metadata[form], dpi=200)
