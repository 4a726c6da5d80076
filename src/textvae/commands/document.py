"""`textvae document`: tables and figures as one PDF, by LaTeX."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textvae.paper.render.pdf import Section

TITLE = "Prokhorov et al. (2019), reproduced: every table, figure and claim"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--title", default=TITLE, metavar="TEXT", help="plain text, no markup")
    for flag, what in (
        ("verdicts", "what held: the claims, and the comparison with the paper's numbers"),
        ("tables", "the tables"),
    ):
        parser.add_argument(
            f"--{flag}", type=Path, nargs="*", default=[], metavar="TEX", help=f"{what}, in LaTeX"
        )
    parser.add_argument(
        "--figures", type=Path, nargs="*", default=[], metavar="PDF", help="the figures"
    )
    _add_captions(parser, "--caption")
    parser.add_argument(
        "--curves", type=Path, nargs="*", default=[], metavar="PDF", help="the training curves"
    )
    _add_captions(parser, "--curve-caption")
    parser.add_argument(
        "--run-tables", type=Path, nargs="*", default=[], metavar="TEX", help="what the run cost"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="PDF", help="the document")


def _add_captions(parser: argparse.ArgumentParser, flag: str) -> None:
    parser.add_argument(
        flag,
        action="append",
        default=[],
        metavar="TEXT",
        help="plain text; once for each of them, in their order",
    )


def run(args: argparse.Namespace) -> None:
    from textvae.errors import InputError
    from textvae.io import whole
    from textvae.paper.render.pdf import compile_pdf, document

    sections, files = _sections(args)
    if not files:
        raise InputError("neither a table nor a figure is given")
    pdf = compile_pdf(document(args.title, sections), files, args.output.name)
    with whole(args.output, "wb") as file:
        file.write(pdf)


def _sections(args: argparse.Namespace) -> "tuple[list[Section], dict[str, Path]]":
    """What comes in which order, and where the files lie that it names."""
    from textvae.paper.render.pdf import FigureFile, Section, TableFile

    files: dict[str, Path] = {}

    def named(path: Path, form: str) -> str:
        # Whatever a file's own name is made of.
        name = f"exhibit{len(files) + 1}.{form}"
        files[name] = path
        return name

    def tables(title: str, paths: list[Path]) -> Section:
        return Section(title, tuple(TableFile(named(path, "tex")) for path in paths))

    def figures(title: str, flag: str, paths: list[Path], captions: list[str]) -> Section:
        _check_captions(flag, paths, captions)
        shown = zip(paths, captions, strict=True)
        return Section(title, tuple(FigureFile(named(path, "pdf"), text) for path, text in shown))

    sections = [
        tables("What held", args.verdicts),
        tables("Tables", args.tables),
        figures("Figures", "--caption", args.figures, args.caption),
        figures("Training curves", "--curve-caption", args.curves, args.curve_caption),
        tables("The run", args.run_tables),
    ]
    return sections, files


def _check_captions(flag: str, paths: list[Path], captions: list[str]) -> None:
    from textvae.errors import InputError

    if len(paths) != len(captions):
        raise InputError(
            f"{flag}: {len(captions)} texts for {len(paths)} figures, expected as many"
        )
