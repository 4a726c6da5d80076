"""What the commands that draw a figure share: their flags, and what they write."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--title, --pdf, --svg and --png."""
    parser.add_argument(
        "--title", required=True, metavar="TEXT", help="plain text, kept in the files' metadata"
    )
    parser.add_argument("--pdf", type=Path, required=True, metavar="FILE", help="for LaTeX")
    parser.add_argument("--svg", type=Path, required=True, metavar="FILE", help="for a page")
    parser.add_argument("--png", type=Path, required=True, metavar="FILE", help="200 dpi")


def write(args: argparse.Namespace, figure: "Figure") -> None:
    """The figure to --pdf, --svg and --png."""
    from textvae.paper.render.figure import save

    save(figure, args.title, args.pdf, args.svg, args.png)
