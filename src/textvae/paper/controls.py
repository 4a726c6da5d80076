"""Rows of measurements joined with the configurations of their cells.

A control is a cell trained otherwise than the paper's: by the ELBO, at C = 0, with another beta.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.paper.model_config import ModelConfig, read_cells
from textvae.paper.rows import Row, on_target

# The order of encoders and decoders in a table; after them others, by name.
_PARTS = ("lstm", "gru", "cnn")


@dataclass(frozen=True)
class Control:
    """A row, what its cells are, and the title of their architecture."""

    row: Row
    config: ModelConfig
    title: str

    @property
    def target(self) -> float | None:
        """C, where the objective has one."""
        return _target(self.row, self.config)

    def seeds(self, metric: str) -> dict[int, float]:
        """The values of a metric by seed, of the seeds that have one."""
        values = self.row.values.get(metric, (None,) * len(self.row.seeds))
        pairs = zip(self.row.seeds, values, strict=True)
        return {seed: value for seed, value in pairs if value is not None}

    def kept_target(self) -> dict[int, bool]:
        """By seed, whether the rate ended from C - 1 to C + 1; of no seed where there is no C."""
        if self.target is None:
            return {}
        return {seed: on_target(R, self.target) for seed, R in self.seeds("rate_nats").items()}

    def collapsed(self) -> dict[int, bool]:
        """By seed, whether no unit is active."""
        return {seed: units == 0 for seed, units in self.seeds("active_units").items()}


def read_configs(paths: Iterable[Path]) -> dict[Cell, ModelConfig]:
    """The configuration of each cell; InputError if a file is none, or two are of one cell."""
    return {cell: trained.config for cell, trained in read_cells(paths).items()}


def join(rows: Sequence[Row], configs: Mapping[Cell, ModelConfig]) -> list[Control]:
    """The rows with their configurations, in the order of a table.

    Corpora as in `rows`; lstm, gru, cnn, others; the ELBO, then rising C, then rising beta. A
    title has the model's name in it where the corpus has another row of like settings.

    InputError where a cell is measured and has no configuration, or the other way about, or where
    the seeds of a row differ in their configurations.
    """
    left = dict(configs)
    pairs = [(row, _config_of(row, left)) for row in rows]
    for cell in left:
        raise InputError(f"{cell}: its config.json is given, but it is not measured")
    times = Counter((row.corpus, config, _target(row, config)) for row, config in pairs)
    controls = []
    for row, config in pairs:
        alone = times[row.corpus, config, _target(row, config)] == 1
        title = config.architecture + ("" if alone else f" ({row.model})")
        controls.append(Control(row, config, title))
    corpora = list(dict.fromkeys(row.corpus for row in rows))
    return sorted(
        controls, key=lambda control: (corpora.index(control.row.corpus), *_place(control))
    )


def _config_of(row: Row, left: dict[Cell, ModelConfig]) -> ModelConfig:
    """The one configuration of the row's cells, which are taken out of `left`."""
    found = set()
    for seed in row.seeds:
        cell = Cell(row.corpus, row.model, row.C, seed)
        if cell not in left:
            raise InputError(f"{cell}: is measured, but its config.json is not given")
        found.add(left.pop(cell))
    if len(found) > 1:
        raise InputError(
            f"{row.corpus}/{row.model}/C{format_C(row.C)}: its seeds differ in encoder, decoder, "
            "objective or beta, expected one of each"
        )
    return found.pop()


def _target(row: Row, config: ModelConfig) -> float | None:
    return row.C if config.has_target else None


def _place(control: Control) -> tuple[object, ...]:
    """Where a control stands among those of its corpus."""
    parts = [
        (_PARTS.index(part) if part in _PARTS else len(_PARTS), part)
        # By the decoder first: the LSTM encoder is the CNN decoder's too.
        for part in (control.config.decoder, control.config.encoder)
    ]
    target = -1.0 if control.target is None else control.target
    return (*parts, target, control.config.beta, control.row.model, control.row.C)
