"""Measurements as evidence, and the same for each seed, synthetic corpus or bootstrap resample.

A claim is decided on the means over all seeds and copies. Its uncertainty is estimated by
evaluating it again on each seed, each copy of the synthetic corpora, or each bootstrap resample of
the test sentences.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.evidence import Evidence, MeasurementKey, ModelSpec
from textvae.paper.descriptions import read_cells
from textvae.paper.measurements import Measured, Replicates, table
from textvae.paper.published import PublishedValue, corrected, published

if TYPE_CHECKING:
    from pandas import DataFrame

# The seed of a cell and the copy of a synthetic corpus; copy 0 if nothing was generated.
SeedAndCopy = tuple[int, int]


@dataclass(frozen=True)
class Samples:
    """Numbers by key, seed and copy, with bootstrap replicates and numbers of sentences."""

    values: Mapping[MeasurementKey, Mapping[SeedAndCopy, float]]
    replicates: Mapping[MeasurementKey, Mapping[SeedAndCopy, Sequence[float]]]
    sentences: Mapping[MeasurementKey, int]
    specs: Mapping[tuple[str, str], ModelSpec]
    sizes: Mapping[str, Mapping[str, float]]

    def only(self, metrics: Container[str]) -> "Samples":
        """Return the samples of these metrics only."""
        return replace(
            self, values={key: value for key, value in self.values.items() if key.metric in metrics}
        )

    def evidence(self) -> Evidence:
        """Return the means over all seeds and copies."""
        return self._means(lambda text: True)

    def seeds(self, keys: Iterable[MeasurementKey]) -> set[int]:
        """Return the seeds that all of the keys have."""
        return self._common(keys, lambda text: text[0])

    def copies(self, keys: Iterable[MeasurementKey]) -> set[int]:
        """Return the copies that all keys of generated text have."""
        return self._common((key for key in keys if key.decoding), lambda text: text[1])

    def of_seed(self, seed: int) -> Evidence:
        """Return the numbers of one seed."""
        return self._means(lambda text: text[0] == seed)

    def of_copy(self, copy: int) -> Evidence:
        """Return the numbers of one copy of the synthetic corpora, and those of the cells."""
        return self._means(lambda text: text[1] in (0, copy))

    def resamples(self, keys: Iterable[MeasurementKey]) -> int:
        """Return the number of bootstrap replicates that all of the keys have."""
        counts = [
            len(self.replicates.get(key, {}).get(text, ()))
            for key in keys
            for text in self.values[key]
        ]
        return min(counts, default=0)

    def of_resample(self, number: int) -> Evidence:
        """Return the numbers on one resample; numbers without replicates are unchanged."""

        def value(key: MeasurementKey, text: SeedAndCopy) -> float:
            resampled = self.replicates.get(key, {}).get(text, ())
            return resampled[number] if number < len(resampled) else self.values[key][text]

        means = {
            key: statistics.fmean(value(key, text) for text in texts)
            for key, texts in self.values.items()
        }
        return Evidence(means, self.specs, self.sizes)

    def _means(self, selected: Callable[[SeedAndCopy], bool]) -> Evidence:
        means = {
            key: statistics.fmean(kept)
            for key, values in self.values.items()
            if (kept := [value for text, value in values.items() if selected(text)])
        }
        return Evidence(means, self.specs, self.sizes)

    def _common(
        self, keys: Iterable[MeasurementKey], part: Callable[[SeedAndCopy], int]
    ) -> set[int]:
        parts = [{part(text) for text in self.values[key]} for key in keys]
        return set.intersection(*parts) if parts else set()


def samples_of(
    measured: "Iterable[Measured] | DataFrame",
    replicates: Iterable[Replicates],
    specs: Mapping[Cell, ModelSpec],
    sizes: Mapping[str, Mapping[str, float]],
) -> Samples:
    """Collect measurements, their replicates, the spec of each cell, and sizes of corpora.

    A cell whose spec differs from that of most cells of its model (by an override of its width, for
    example) is left out. InputError if the spec of a cell is missing.
    """
    usual = _most_common_specs(specs)
    values: dict[MeasurementKey, dict[SeedAndCopy, float]] = {}
    sentences: dict[MeasurementKey, int] = {}
    for row in table(measured).itertuples():
        cell = Cell(row.corpus, row.model, row.C, row.seed)
        if cell not in specs:
            raise InputError(f"{cell}: is measured, but its config.json is not given")
        if math.isnan(row.value) or specs[cell] != usual[cell.corpus, cell.model]:
            continue
        key = MeasurementKey(cell.corpus, cell.model, cell.C, row.decoding, row.metric)
        values.setdefault(key, {})[cell.seed, row.copy] = row.value
        sentences[key] = min(row.sentences, sentences.get(key, row.sentences))
    resampled: dict[MeasurementKey, dict[SeedAndCopy, Sequence[float]]] = {}
    for one in replicates:
        cell, text = one.cell, (one.cell.seed, one.copy or 0)
        key = MeasurementKey(cell.corpus, cell.model, cell.C, one.decoding, one.metric)
        if text in values.get(key, {}):
            resampled.setdefault(key, {})[text] = one.values
    return Samples(values, resampled, sentences, usual, sizes)


def read_specs(paths: Iterable[Path]) -> dict[Cell, ModelSpec]:
    """Read the spec of each cell; InputError if a config.json is invalid or repeats a cell."""
    return {
        cell: ModelSpec(**asdict(trained.config), hidden=trained.hidden, latent=trained.latent)
        for cell, trained in read_cells(paths).items()
    }


def _most_common_specs(specs: Mapping[Cell, ModelSpec]) -> dict[tuple[str, str], ModelSpec]:
    """Return the most common spec of each corpus and model; of several, that of the first cell."""
    counts: dict[tuple[str, str], Counter[ModelSpec]] = {}
    for cell in sorted(specs):
        counts.setdefault((cell.corpus, cell.model), Counter())[specs[cell]] += 1
    return {name: count.most_common(1)[0][0] for name, count in counts.items()}


# The models of the paper's tables (section 3, "Models").
_SPECS = {
    "lstm": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=512, latent=64),
    "gru": ModelSpec("gru", "gru", "rate-target", 1, hidden=512, latent=64),
}
# C -> number of identical sentences among the six pairs of neighbours in Table 2's greedy column.
_IDENTICAL = {3: 2, 15: 0, 100: 0}
_TABLES = ("table1", "table3", "table4", "section3_2")


def printed() -> Evidence:
    """Return the numbers of Tables 1, 3, 4 and section 3.2, corpus sizes, and counts of Table 2."""
    figures = [figure for table in _TABLES for figure in corrected(published(table))]
    values: dict[MeasurementKey, float] = {}
    for figure in figures:
        if figure.C is not None:
            values[_key(figure, figure.C)] = figure.value
    # The Test lines have no C: they apply to every C.
    levels = {key[:4] for key in values}
    for figure in figures:
        for corpus, model, C, decoding in levels:
            name = (figure.corpus, figure.model, figure.decoding)
            if figure.C is None and name == (corpus, model, decoding):
                values[_key(figure, C)] = figure.value
    for C, identical in _IDENTICAL.items():
        values[MeasurementKey("cbt", "lstm", C, "", "distinct_interpolation")] = 1 - identical / 6
    return Evidence(
        values, {(key.corpus, key.model): _SPECS[key.model] for key in values}, _sizes()
    )


def _sizes() -> dict[str, dict[str, float]]:
    """Return the corpus sizes of section 3, and the mean lengths of test sentences of Table 3."""
    lengths = [f for f in published("table3") if f.metric == "test_mean_length"]
    sizes: dict[str, dict[str, float]] = {}
    for figure in (*published("corpora"), *lengths):
        sizes.setdefault(figure.corpus, {})[figure.metric] = figure.value
    return sizes


def _key(figure: PublishedValue, C: float) -> MeasurementKey:
    return MeasurementKey(figure.corpus, figure.model, C, figure.decoding, figure.metric)
