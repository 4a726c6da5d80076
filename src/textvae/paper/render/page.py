"""Interactive figures as self-contained HTML pages, drawn by plotly.js in the browser.

The page contains plotly.js (5 MB) and may load nothing: its policy refuses every request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textvae.paper.render.html import escape

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Numbers and labels are in the page's own scripts and styles; exported images are data.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; form-action 'none'; base-uri 'none'"
)
_STYLE = """\
body { margin: 1.5rem; font: 15px/1.45 "Libertinus Serif", "Linux Libertine", Georgia, serif;
       color: #1a1a1a; background: #fff; }
h1 { font-size: 1em; font-weight: normal; max-width: 60rem; }
p { margin: .15rem 0; font-size: .85em; color: #333; max-width: 60rem; }
"""
# Named one by one, because the usual buttons include one that sends the figure to a server.
_BUTTONS = ("toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d")
_CONFIG = {
    "displaylogo": False,
    "modeBarButtons": [_BUTTONS],
    "plotlyServerURL": "",
    "responsive": True,
}


@dataclass(frozen=True)
class Page:
    """An interactive figure, with notes below it."""

    figure: "Figure"
    notes: Sequence[str] = ()


def page_html(page: Page, caption: str) -> str:
    """Return an HTML page with the caption, the figure and its notes."""
    # The id of the figure is random by default.
    figure = page.figure.to_html(
        full_html=False, include_plotlyjs=True, config=_CONFIG, div_id="figure"
    )
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(caption)}</title>",
        f"<style>\n{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(caption)}</h1>",
        figure,
        *(f"<p>{escape(note)}</p>" for note in page.notes),
        *("</body>", "</html>"),
    ]
    return "\n".join(lines) + "\n"
