"""`textvae render` writes one table or figure; `textvae document` combines them in a PDF."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.cells import check_name
from textvae.errors import InputError, warn
from textvae.help_text import HelpFormatter, add_subcommands
from textvae.paper.exhibit import (
    CATEGORIES,
    METAVARS,
    READS,
    WITHOUT_FILES,
    Exhibit,
    Inputs,
    Rendered,
    exhibits,
)
from textvae.registry import EXHIBITS

if TYPE_CHECKING:
    from textvae.paper.render.pdf import Section

TITLE = "Prokhorov et al. (2019), reproduced: every table, figure and claim"
# File format -> help of its flag.
_FORMS = {
    "tex": "table in LaTeX; the first line lists the packages that it needs",
    "csv": "the numbers",
    "html": "table, or figure that names its points, as a page",
    "pdf": "figure for LaTeX",
    "svg": "figure for a page",
    "png": "figure of 200 dpi",
}


def render_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a subcommand for each registered exhibit, with flags for its inputs and files."""
    groups = {
        category: {one.name: one.summary for one in exhibits().values() if one.category == category}
        for category in CATEGORIES
    }
    subparsers = add_subcommands(parser, "exhibit", groups)
    for exhibit in exhibits().values():
        subparser = subparsers.add_parser(
            exhibit.name,
            description=f"{exhibit.summary}.",
            formatter_class=HelpFormatter,
            allow_abbrev=False,
        )
        # Prefix of error messages.
        subparser.set_defaults(command=f"render {exhibit.name}")
        _add_flags(subparser, exhibit)


def _add_flags(parser: argparse.ArgumentParser, exhibit: Exhibit) -> None:
    if exhibit.scope == "own":
        parser.add_argument(
            "--name",
            default=exhibit.family,
            help="name of the experiment, for the LaTeX label; by default \\ref{tab:%(default)s}",
        )
    parser.add_argument("--caption", required=True, metavar="TEXT", help="plain text, no markup")
    for what in exhibit.reads:
        # An exhibit of an experiment reads one table; one of the run reads any number, even none.
        one = what in ("measurements", "bootstrap") and exhibit.scope != "run"
        parser.add_argument(
            f"--{what.replace('_', '-')}",
            type=str if what == "stand_ins" else Path,
            nargs=1 if one else "*" if exhibit.scope == "run" else "+",
            required=exhibit.scope != "run" and what not in WITHOUT_FILES,
            default=[],
            metavar=METAVARS[what],
            help=READS[what],
        )
    for form in exhibit.forms:
        parser.add_argument(f"--{form}", type=Path, metavar="FILE", help=_FORMS[form])


def run_render(args: argparse.Namespace) -> None:
    """Render an exhibit; everything is computed before the first file is written."""
    from textvae.paper.render.files import write
    from textvae.paper.trainings import check_inputs

    exhibit = exhibits()[args.exhibit]
    files = {form: path for form in exhibit.forms if (path := getattr(args, form)) is not None}
    if not files:
        flags = ", ".join(f"--{form}" for form in exhibit.forms)
        raise InputError(f"no file to write, expected at least one of {flags}")
    name = getattr(args, "name", exhibit.name)
    check_name("--name", name)
    inputs = {what: tuple(getattr(args, what)) for what in exhibit.reads}
    given = Inputs(name, args.caption, **inputs)
    check_inputs(given)
    rendered = EXHIBITS[exhibit.name](given)
    if given.measurements:
        rendered = _with_notes(rendered, given)
    write(rendered, args.caption, args.command, files)


def _with_notes(rendered: Rendered, inputs: Inputs) -> Rendered:
    """Add notes on the sentences that were measured; print those on other text than expected."""
    from textvae.paper.measured_on import fewer_notes, notes_on
    from textvae.paper.measurements import merged
    from textvae.paper.render.figure import label

    measured = merged(inputs.measurements)
    notes = tuple(notes_on(measured))
    for note in notes:
        warn(note)
    if notes and rendered.figure is not None:
        label(rendered.figure, " ".join(notes))
    last = tuple(fewer_notes(measured))
    tables = tuple(replace(one, notes=(*notes, *one.notes, *last)) for one in rendered.tables)
    page = rendered.page and replace(rendered.page, notes=(*notes, *rendered.page.notes, *last))
    return replace(rendered, tables=tables, page=page)


def document_arguments(parser: argparse.ArgumentParser) -> None:
    """Add flags for the files of each section and the captions of figures."""
    parser.add_argument("--title", default=TITLE, metavar="TEXT", help="plain text, no markup")
    for flag, what in (
        ("verdicts", "claims, and comparison with the paper's numbers"),
        ("tables", "tables"),
    ):
        parser.add_argument(
            f"--{flag}", type=Path, nargs="*", default=[], metavar="TEX", help=f"{what}, in LaTeX"
        )
    parser.add_argument(
        "--figures", type=Path, nargs="*", default=[], metavar="PDF", help="figures"
    )
    _add_captions(parser, "--caption")
    parser.add_argument(
        "--curves", type=Path, nargs="*", default=[], metavar="PDF", help="training curves"
    )
    _add_captions(parser, "--curve-caption")
    parser.add_argument(
        "--run-tables", type=Path, nargs="*", default=[], metavar="TEX", help="costs of the run"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="PDF", help="the document")


def _add_captions(parser: argparse.ArgumentParser, flag: str) -> None:
    parser.add_argument(
        flag,
        action="append",
        default=[],
        metavar="TEXT",
        help="plain text; once for each figure, in the same order",
    )


def run_document(args: argparse.Namespace) -> None:
    """Compile the PDF; InputError if LaTeX is missing or a file has an error."""
    from textvae.io import atomic_write
    from textvae.paper.render.pdf import compile_pdf, document

    sections, files = _sections(args)
    if not files:
        raise InputError("neither a table nor a figure is given")
    pdf = compile_pdf(document(args.title, sections), files, args.output.name)
    with atomic_write(args.output, "wb") as file:
        file.write(pdf)


def _sections(args: argparse.Namespace) -> "tuple[list[Section], dict[str, Path]]":
    """Return the sections in order, and the files they refer to: name -> path."""
    from textvae.paper.render.pdf import FigureFile, Section, TableFile

    files: dict[str, Path] = {}

    def add_file(path: Path, form: str) -> str:
        # A name that LaTeX accepts, whatever characters the file's name has.
        name = f"exhibit{len(files) + 1}.{form}"
        files[name] = path
        return name

    def tables(title: str, paths: list[Path]) -> Section:
        return Section(title, tuple(TableFile(add_file(path, "tex")) for path in paths))

    def figures(title: str, flag: str, paths: list[Path], captions: list[str]) -> Section:
        _check_captions(flag, paths, captions)
        shown = zip(paths, captions, strict=True)
        return Section(
            title, tuple(FigureFile(add_file(path, "pdf"), text) for path, text in shown)
        )

    sections = [
        tables("Claims and comparison with the paper", args.verdicts),
        tables("Tables", args.tables),
        figures("Figures", "--caption", args.figures, args.caption),
        figures("Training curves", "--curve-caption", args.curves, args.curve_caption),
        tables("The run", args.run_tables),
    ]
    return sections, files


def _check_captions(flag: str, paths: list[Path], captions: list[str]) -> None:
    if len(paths) != len(captions):
        raise InputError(
            f"{flag}: {len(captions)} captions for {len(paths)} figures, expected one for each"
        )
