"""Controls against posterior collapse: the ELBO, C = 0, and other beta at one C (section 3.1).

The paper states that any C > 0 avoids collapse with every decoder, and that any beta that keeps
R = C works (footnote 3). A code has collapsed if no unit is active (AU = 0): its rate may still
equal C, if the posteriors are narrower or wider than the prior but do not depend on the sentence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from textvae.cells import Cell, format_C
from textvae.empty_codes import description
from textvae.errors import InputError
from textvae.natural_order import natural
from textvae.paper import information
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import ModelConfig, TrainedCell, config_of, read_cells
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.render.table import Column, Line, Table, decimals, lines_of, seeds_note, titled
from textvae.paper.rows import Row, corpus_title, on_target
from textvae.paper.unit_notes import notes_on_units
from textvae.paper.unlike import unlike
from textvae.registry import EXHIBITS

# The first encoders and decoders of the table; others follow by name.
_PARTS = ("lstm", "gru", "cnn")


@EXHIBITS.register(
    "collapse",
    forms=TABLE,
    category="Tables",
    needs=("rate-distortion", "posterior"),
    reads=("measurements", "configs"),
    label="controls",
)
def render(inputs: Inputs) -> Rendered:
    """Controls against posterior collapse: the ELBO, C = 0, and other beta (footnote 3)."""
    trained = read_cells(inputs.configs)
    controls = join(inputs.rows(), {cell: one.config for cell, one in trained.items()})
    table = collapse(controls, inputs.caption, inputs.name)
    table = replace(table, notes=(*table.notes, *_unlike_notes(controls, trained)))
    return Rendered((table,), data=collapse_csv(controls))


@dataclass(frozen=True)
class Control:
    """A row with the configuration of its cells and a title: architecture and unusual parts."""

    row: Row
    config: ModelConfig
    title: str

    @property
    def target(self) -> float | None:
        """Return C; None if the objective has none."""
        return _target(self.row, self.config)

    def seeds(self, metric: str) -> dict[int, float]:
        """Return seed -> value of a metric, where it is known."""
        values = self.row.values.get(metric, (None,) * len(self.row.seeds))
        pairs = zip(self.row.seeds, values, strict=True)
        return {seed: value for seed, value in pairs if value is not None}

    def kept_target(self) -> dict[int, bool]:
        """Return seed -> whether C - 1 <= R <= C + 1; empty for an objective without C."""
        if self.target is None:
            return {}
        return {seed: on_target(R, self.target) for seed, R in self.seeds("rate_nats").items()}

    def collapsed(self) -> dict[int, bool]:
        """Return seed -> whether no unit is active."""
        return {seed: units == 0 for seed, units in self.seeds("active_units").items()}


def join(rows: Sequence[Row], configs: Mapping[Cell, ModelConfig]) -> list[Control]:
    """Return the rows with their configurations, sorted.

    Order: corpora as in `rows`; lstm, gru, cnn, others; the ELBO, then increasing C, then
    increasing beta. A title includes the model's name if the corpus has another row with the same
    settings.

    InputError if a cell has measurements without a configuration or the reverse, or if the seeds of
    a row differ in their configurations.
    """
    pairs = [(row, config_of(row, configs)) for row in rows]
    measured = {cell for row in rows for cell in row.cells}
    for cell in (cell for cell in configs if cell not in measured):
        raise InputError(f"{cell}: its config.json is given, but it is not measured")
    counts = Counter((row.corpus, config, _target(row, config)) for row, config in pairs)
    controls = []
    for row, config in pairs:
        unique = counts[row.corpus, config, _target(row, config)] == 1
        # Other encoders and decoders are named by the architecture.
        parts = config.parts._replace(encoder="", decoder="")
        title = ", ".join((config.architecture, *parts.others.values()))
        title += "" if unique else f" ({row.model})"
        controls.append(Control(row, config, title))
    corpora = list(dict.fromkeys(row.corpus for row in rows))
    return sorted(
        controls,
        key=lambda control: (corpora.index(control.row.corpus), *_control_sort_key(control)),
    )


def _target(row: Row, config: ModelConfig) -> float | None:
    return row.C if config.has_target else None


def _control_sort_key(control: Control) -> tuple[object, ...]:
    """Return the sort key of a control within its corpus."""
    parts = [
        (_PARTS.index(part) if part in _PARTS else len(_PARTS), part)
        # By decoder first: the CNN decoder is combined with an LSTM encoder.
        for part in (control.config.decoder, control.config.encoder)
    ]
    target = -1.0 if control.target is None else control.target
    beta = -1.0 if control.config.beta is None else control.config.beta
    return (*parts, target, beta, natural(control.row.model), control.row.C)


# Metrics of a column -> decimals.
_NUMBERS = {
    ("distortion_nats",): 1,
    ("rate_nats",): 1,
    **information.NUMBERS,
    ("active_units",): 0,
    ("slope",): 2,
}
METRICS = tuple(metric for metrics in _NUMBERS for metric in metrics)
_CSV_METRICS = (*METRICS, information.HE)

_COLUMNS = (
    Column("", "", "text"),
    Column("", "", "text"),
    Column("Objective", "Objective", "text"),
    Column(r"$\beta$", "<i>β</i>"),
    Column("$C$", "<i>C</i>"),
    Column("$D$", "<i>D</i>"),
    Column("$R$", "<i>R</i>"),
    *information.COLUMNS,
    Column("AU", "AU"),
    Column(r"$-\mathrm{d}D/\mathrm{d}R$", "−d<i>D</i>/d<i>R</i>"),
)

_CSV_COLUMNS = (
    *("corpus", "model", "C", "architecture", "objective", "beta", "seeds"),
    *(name for metric in _CSV_METRICS for name in (metric, f"{metric.removesuffix('_nats')}_sd")),
    *("slope_standard_error", "rate_on_target", "no_active_units"),
)

_LEGEND = (
    "Architecture: encoder and decoder. Objective, which is minimised: ELBO is D + βR, |R − C| is "
    "D + β|R − C|. D and R are in nats per sentence. AU: active units. −dD/dR: the distortion in "
    "nats that one more nat of rate would save. After convergence it is β for the ELBO and if "
    "R > C; if R = C it is the Lagrange multiplier of that constraint, which any β that keeps R = "
    "C must exceed (footnote 3)."
)
_IDENTITY = (
    "At C = 0, D + β|R − C| is the ELBO with the same β, because R ≥ 0 (but for R estimated from "
    "one code, with learnt priors and flows)."
)
_STATIONARITY = (
    "After convergence −dD/dR on the training split is β if R > C, −β if R < C, and between −β and "
    "β if R = C."
)


def collapse(controls: Sequence[Control], caption: str, name: str = "collapse") -> Table:
    """Return the table: a block per corpus, means over seeds, notes on collapse and on R = C."""
    blocks = []
    for corpus, block in groupby(controls, key=lambda control: control.row.corpus):
        lines, title = [], ""
        for control in block:
            lines += _lines(control, () if control.title == title else (control.title,))
            title = control.title
        blocks.append(titled(corpus_title(corpus), lines))
    rows = [control.row for control in controls]
    notes = (
        _LEGEND,
        *information.legend(rows),
        *seeds_note(rows),
        *information.unmeasured_note(rows),
        *([_IDENTITY] if any(control.target == 0 for control in controls) else []),
        *_target_note(controls),
        *_collapse_note(controls),
        *notes_on_units(control.config for control in controls),
        *_empty_codes_notes(controls),
    )
    return Table(name, caption, _COLUMNS, (), tuple(blocks), notes)


def collapse_csv(controls: Iterable[Control]) -> str:
    """Return a CSV line for each corpus, model and C: means over seeds.

    `_sd`: standard deviations over seeds. slope_standard_error: over sentences, averaged over
    seeds. rate_on_target: whether the rate of every seed is within a nat of C, blank for the ELBO.
    no_active_units: whether any seed has AU = 0.
    """
    return csv_text(_CSV_COLUMNS, map(_record, controls))


def _record(control: Control) -> tuple[object, ...]:
    row, config = information.with_distance(control.row), control.config
    kept, collapsed = control.kept_target().values(), control.collapsed().values()
    return (
        *(row.corpus, row.model, row.C, config.architecture),
        *(config.objective, config.beta, len(row.seeds)),
        *(value for metric in _CSV_METRICS for value in (row.mean(metric), row.deviation(metric))),
        row.mean("slope_standard_error"),
        str(all(kept)).lower() if kept else None,
        str(any(collapsed)).lower() if collapsed else None,
    )


def _lines(control: Control, title: tuple[str, ...]) -> list[Line]:
    before = (
        (),
        title,
        (control.config.title,),
        () if control.config.beta is None else (format_C(control.config.beta),),
        () if control.target is None else (format_C(control.target),),
    )
    marks = {} if all(control.kept_target().values()) else {"rate_nats": "*"}
    return lines_of(information.for_table(control.row), before, _NUMBERS, marks=marks)


def _target_note(controls: Sequence[Control]) -> list[str]:
    """Return a note on how many cells keep R = C, listing the others with their slopes."""
    cells = [(c, seed, kept) for c in controls for seed, kept in c.kept_target().items()]
    missed = [_off_target(control, seed) for control, seed, kept in cells if not kept]
    if not cells:
        return []
    if not missed:
        return [f"|R − C| ≤ 1 nat in all of the {len(cells)} cells with a target C."]
    return [
        f"* |R − C| > 1 nat in {len(missed)} of the {len(cells)} cells with a target C: "
        f"{'; '.join(missed)}. {_STATIONARITY}"
    ]


def _collapse_note(controls: Sequence[Control]) -> list[str]:
    """Return a note on how many cells collapsed, and which, grouped by objective."""
    cells = [(c, seed, collapsed) for c in controls for seed, collapsed in c.collapsed().items()]
    labels: dict[str, list[str]] = {}
    for control, seed, collapsed in cells:
        if collapsed:
            labels.setdefault(_objective(control), []).append(_label(control, seed))
    if not cells:
        return []
    if not labels:
        return [f"Posterior collapse (AU = 0) in none of the {len(cells)} cells."]
    each = "; ".join(f"{objective}: {', '.join(named)}" for objective, named in labels.items())
    count = sum(map(len, labels.values()))
    return [f"Posterior collapse (AU = 0) in {count} of the {len(cells)} cells. {each}."]


def _unlike_notes(controls: Sequence[Control], trained: Mapping[Cell, TrainedCell]) -> list[str]:
    """Return a note for each corpus and architecture whose models have different settings."""
    blocks: dict[str, list[TrainedCell]] = {}
    for control in controls:
        which = f"{control.config.architecture} models on {corpus_title(control.row.corpus)}"
        blocks.setdefault(which, []).extend(trained[cell] for cell in control.row.cells)
    return [note for which, cells in blocks.items() for note in unlike(cells, which)]


def _empty_codes_notes(controls: Sequence[Control]) -> list[str]:
    """Return a note for each cell whose rate is hardly information."""
    return [
        f"{_label(control, seed)}, {_objective(control)}: {description(rate, upper)}."
        for control in controls
        for seed, (rate, upper) in information.empty_codes(control.row).items()
    ]


def _off_target(control: Control, seed: int) -> str:
    """Return CBT LSTM-LSTM, C = 15, β = 0.5: R = 17.0, −dD/dR = 0.49 ± 0.02."""
    rate = decimals(control.seeds("rate_nats")[seed], 1)
    slope, error = (control.seeds(metric).get(seed) for metric in ("slope", "slope_standard_error"))
    shown = "unknown" if slope is None else f"= {decimals(slope, 2)}"
    spread = "" if error is None else f" ± {decimals(error, 2)}"
    return f"{_label(control, seed)}, {_objective(control)}: R = {rate}, −dD/dR {shown}{spread}"


def _label(control: Control, seed: int) -> str:
    """Return the name of a cell without its objective: CBT LSTM-LSTM seed 2."""
    which_seed = f" seed {seed}" if len(control.row.seeds) > 1 else ""
    return f"{corpus_title(control.row.corpus)} {control.title}{which_seed}"


def _objective(control: Control) -> str:
    """Return the objective of a cell: ELBO, β = 1; or C = 15, β = 0.5."""
    name = control.config.title if control.target is None else f"C = {format_C(control.target)}"
    beta = control.config.beta
    return name if beta is None else f"{name}, β = {format_C(beta)}"
