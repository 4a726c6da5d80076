"""Exhibits (tables and figures): the facts of their registration, their inputs and outputs.

The exhibit's command, rule, files, entry in the report and page in the document follow from its
registration.

    @EXHIBITS.register("table1", forms=TABLE, category="Tables", needs=["rate-distortion"])
    def render(inputs: Inputs) -> Rendered: ...
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textvae.errors import InputError
from textvae.registry import CLAIMS, EXHIBITS, Declaration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from textvae.paper.measurements import Measured
    from textvae.paper.render.page import Page
    from textvae.paper.render.table import Table
    from textvae.paper.rows import Row

_PUBLISHED = {path.stem for path in Path(__file__).parent.glob("published/*.csv")}
# The usual forms of a table and of a figure.
TABLE = ("tex", "csv", "html")
FIGURE = ("pdf", "svg", "png")
FORMS = {*TABLE, *FIGURE}
# The headings of the report, in its order.
CATEGORIES = ("Verdicts", "Tables", "Figures", "Training curves")
# Inputs that are not files which the workflow makes for the exhibit.
WITHOUT_FILES = ("stand_ins", "training_costs")
# The inputs that an exhibit may read -> help of the flag.
READS = {
    "measurements": "tidy table, written by `textvae gather`",
    "bootstrap": "bootstrap replicates, written by `textvae gather --bootstrap-output`",
    "configs": "config.json of every measured cell",
    "homotopies": "sentences decoded along a line (JSON), for each cell; decodings are in the order"
    " of the first file",
    "records": "training.jsonl of each cell, in the folder of its config.json; in the order of the"
    " figure's columns",
    "choices": "choice.json of each choice of C, written by `textvae choose-C`",
    "sizes": "statistics.json of each prepared corpus",
    "training_costs": "folder of what trainings cost (`textvae --costs`), costs/train of a run; it"
    " may be left out",
    "stand_ins": "a cell of the paper that is not run, and the cell that is compared with its"
    " numbers instead, as cbt/lstm/C3=mine/lstm/C3",
}
# Metavariables of the flags for those inputs.
METAVARS = {
    "measurements": "CSV",
    "bootstrap": "CSV",
    "configs": "CONFIG",
    "homotopies": "HOMOTOPY",
    "records": "JSONL",
    "choices": "JSON",
    "sizes": "JSON",
    "training_costs": "FOLDER",
    "stand_ins": "PAPER=OURS",
}


@dataclass(frozen=True)
class Exhibit:
    """The facts of a registered exhibit.

    forms: the extensions of its files. category: its heading in the report.
    scope: what it shows: "own" (the experiment of its name), "every" (each experiment) or "run".
    shown_with: another exhibit, whose experiments it shows as well.
    accepts_variants: whether it also shows experiments named after it, with a hyphen and a suffix.
    experiments: for scope "run", the targets that it reads: names, "for claims" (those that
    decide claims) or "targets" (all).
    needs: the measurements that its experiment must have. reads: keys of READS.
    published: files of published numbers that it reads.
    uses: kinds of registered things ("claim") whose code it runs.
    label: its name in the report, in which {experiment} and {variant} are filled in.
    caption: for scopes "every" and "run" the caption, in which {experiment} is filled in; for scope
    "own" the configuration of the experiment gives it.
    reuses_cells: whether it reuses cells of other experiments; scope "every" skips such exhibits.
    """

    name: str
    summary: str
    module: str
    forms: tuple[str, ...]
    category: str
    scope: Literal["own", "every", "run"] = "own"
    shown_with: str = ""
    accepts_variants: bool = False
    experiments: str | tuple[str, ...] = "targets"
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ("measurements",)
    published: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    label: str = ""
    caption: str = ""
    reuses_cells: bool = False

    @property
    def family(self) -> str:
        """Return the name, or prefix of the names, of its experiments."""
        return self.shown_with or self.name

    @property
    def kind(self) -> str:
        """Return "figure" or "table"."""
        return "figure" if set(self.forms) & set(FIGURE) else "table"

    def stem(self, experiment: str) -> str:
        """Return the path of its files in the results folder, without extension.

        experiment: the name of the experiment shown, or the family's name followed by {variant}.
        """
        if self.scope == "run":
            return self.name
        if self.scope == "every":
            return f"{self.name}/{experiment}"
        return self.name + experiment.removeprefix(self.family)

    def label_of(self, experiment: str) -> str:
        """Return its name in the report."""
        variant = experiment.removeprefix(self.family)
        default = self.name if self.scope == "run" else "{experiment}"
        text = self.label or (f"{self.name}{{variant}}" if self.shown_with else default)
        return text.replace("{experiment}", experiment).replace("{variant}", variant)

    def caption_of(self, experiment: str) -> str:
        """Return the registered caption; "" if the experiment gives it."""
        return self.caption.replace("{experiment}", experiment)


_FACTS = {one.name for one in fields(Exhibit)} - {"name", "summary", "module"}


def exhibits() -> dict[str, Exhibit]:
    """Return all registered exhibits by name; InputError if a fact is invalid."""
    return {name: _exhibit(one) for name, one in EXHIBITS.declared().items()}


def compared_experiments() -> tuple[str, ...]:
    """Return the experiments of which an exhibit of the whole run merges the numbers."""
    named = [one.experiments for one in exhibits().values() if isinstance(one.experiments, tuple)]
    return tuple(dict.fromkeys(name for names in named for name in names))


def exhibit_of(experiment: str) -> Exhibit | None:
    """Return the exhibit that shows an experiment of this name; None if it has none."""
    own = [one for one in exhibits().values() if one.scope == "own" and not one.shown_with]
    for one in own:
        if one.name == experiment:
            return one
    prefixes = [
        one for one in own if one.accepts_variants and experiment.startswith(f"{one.name}-")
    ]
    return max(prefixes, key=lambda one: len(one.name), default=None)


def exhibits_of(experiment: str) -> list[Exhibit]:
    """Return the exhibits that show an experiment, its own first."""
    main = exhibit_of(experiment)
    shown = [] if main is None else [main]
    for one in exhibits().values():
        accompanies = main is not None and one.scope == "own" and one.shown_with == main.name
        if accompanies or (one.scope == "every" and not (main and main.reuses_cells)):
            shown.append(one)
    return shown


def _exhibit(declared: Declaration) -> Exhibit:
    facts = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in declared.facts.items()
    }
    location = f"{declared.module}: the exhibit {declared.name!r}"
    for what, unknown in (
        ("fact", set(facts) - _FACTS),
        ("form", set(facts.get("forms", ())) - FORMS),
        ("input", set(facts.get("reads", ())) - set(READS)),
        ("kind", set(facts.get("uses", ())) - {CLAIMS.kind}),
        ("category", {facts.get("category")} - set(CATEGORIES)),
        ("scope", {facts.get("scope", "own")} - {"own", "every", "run"}),
        ("file of published numbers", set(facts.get("published", ())) - _PUBLISHED),
        ("exhibit to be shown with", {facts.get("shown_with", "")} - {"", *EXHIBITS.names()}),
    ):
        if unknown:
            raise InputError(f"{location} has an unknown {what}: {', '.join(map(repr, unknown))}")
    if not facts.get("forms"):
        raise InputError(f"{location} has no forms, expected some of {', '.join(sorted(FORMS))}")
    return Exhibit(declared.name, declared.summary, declared.module, **facts)


@dataclass(frozen=True)
class Inputs:
    """The inputs of a render function: the experiment's name, a caption, and files."""

    name: str
    caption: str
    measurements: tuple[Path, ...] = ()
    bootstrap: tuple[Path, ...] = ()
    configs: tuple[Path, ...] = ()
    homotopies: tuple[Path, ...] = ()
    records: tuple[Path, ...] = ()
    choices: tuple[Path, ...] = ()
    sizes: tuple[Path, ...] = ()
    training_costs: tuple[Path, ...] = ()
    stand_ins: tuple[str, ...] = ()

    def measured(self) -> "list[Measured]":
        """Return the measurements of one experiment; InputError if the file is not a tidy table."""
        from textvae.paper.measurements import from_csv

        (path,) = self.measurements
        return from_csv(path)

    def rows(self, generated: bool = False) -> "list[Row]":
        """Return the rows of generated text, or those of cells; InputError if there are none."""
        from textvae.paper.rows import rows_of

        rows = [row for row in rows_of(self.measured()) if bool(row.decoding) == generated]
        if not rows:
            raise self.lacks("measurement" + (" of generated text" if generated else ""))
        return rows

    def lacks(self, what: str) -> InputError:
        """Return an InputError: the measurements contain no `what`."""
        return InputError(f"{', '.join(map(str, self.measurements))}: contains no {what}")


@dataclass(frozen=True)
class Rendered:
    """The result of a render function: tables or a figure, and their numbers as CSV.

    page: the figure as an interactive page, for .html.
    """

    tables: "tuple[Table, ...]" = ()
    figure: "Figure | None" = None
    data: str | None = None
    page: "Page | None" = None
