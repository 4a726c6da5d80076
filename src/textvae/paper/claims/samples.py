"""Measurements as evidence, and the same for each seed, synthetic corpus or bootstrap resample.

A claim is decided on the means over all seeds and copies. Its uncertainty is estimated by
evaluating it again on each seed, each copy of the synthetic corpora, or each bootstrap resample of
the test sentences.
"""

import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.evidence import Evidence, MeasurementKey, ModelSpec, among
from textvae.paper.descriptions import PAPERS_PARTS, Parts, TrainedCell
from textvae.paper.measurements import Measured, Replicates, table
from textvae.registry import PARTS

if TYPE_CHECKING:
    from pandas import DataFrame

# The seed of a cell and the copy of a synthetic corpus; copy 0 if nothing was generated.
SeedAndCopy = tuple[int, int]

# Metrics of the common dictionary and of the test set over it: one value for all copies.
_OF_ALL_COPIES = {
    *("vocabulary_size", "test_vocabulary_size", "test_unk_percent", "test_mean_length"),
}

# Metrics of the first sentences of a text -> the metric that counts them.
_COUNTS = dict.fromkeys(("self_bleu4", "pairwise_bleu4"), "self_bleu_sentences")

# Metrics that change with the size of a text, whatever wrote it -> the metric with that size; "":
# the number of sentences that were measured.
_GROW_WITH = {
    "self_bleu4": "self_bleu_sentences",
    **dict.fromkeys(("distinct_sentences", "types"), ""),
    **dict.fromkeys(("fce_nats", "fce_without_unk_nats"), "synthetic_sentences"),
}
# What `Samples.of_one_size` reads beside the metrics of a claim.
SIZES = frozenset(filter(None, _GROW_WITH.values()))


@dataclass(frozen=True)
class Samples:
    """Numbers by key, seed and copy, with bootstrap replicates and numbers of sentences.

    units: the number of pairs of the syntactic row, or of sentences of self-BLEU, that a key is of.
    parts: those of the models that the paper's claims are decided on.
    """

    values: Mapping[MeasurementKey, Mapping[SeedAndCopy, float]]
    replicates: Mapping[MeasurementKey, Mapping[SeedAndCopy, Sequence[float]]]
    sentences: Mapping[MeasurementKey, int]
    specs: Mapping[tuple[str, str], ModelSpec]
    sizes: Mapping[str, Mapping[str, float]]
    units: Mapping[MeasurementKey, float]
    parts: Parts = PAPERS_PARTS

    def shared(self, keys: Collection[MeasurementKey]) -> tuple[frozenset[int], frozenset[int]]:
        """Return the seeds and the copies that all of the keys have."""
        return frozenset(self.seeds(keys)), frozenset(self.copies(keys))

    def are_shared(self, keys: Collection[MeasurementKey]) -> bool:
        """Return whether all of the keys have the same seeds, and the same copies."""
        texts = ({text[0] for text in self.values[key]} for key in keys)
        copies = ({text[1] for text in self.values[key]} for key in keys if _has_copies(key))
        return all(len(set(map(frozenset, several))) < 2 for several in (texts, copies))

    def restricted(self, seeds: Container[int], copies: Container[int]) -> "Samples":
        """Return the samples of these seeds only, and of generated text these copies."""
        values = {
            key: {
                text: value
                for text, value in of_texts.items()
                if text[0] in seeds and (text[1] in copies or not _has_copies(key))
            }
            for key, of_texts in self.values.items()
        }
        return replace(self, values={key: kept for key, kept in values.items() if kept})

    def only(self, metrics: Container[str]) -> "Samples":
        """Return the samples of these metrics only."""
        return replace(
            self, values={key: value for key, value in self.values.items() if key.metric in metrics}
        )

    def other_parts(self) -> list[Parts]:
        """Return the parts, other than the paper's, of models with its objective; no controls."""
        others = {spec.parts for spec in self.specs.values() if spec.has_rate_target}
        # A constant posterior is meant to carry nothing.
        return sorted(one for one in others - {PAPERS_PARTS} if one.posterior != "constant")

    def of_parts(self, parts: Parts) -> "Samples":
        """Return the same samples, for claims on models with these parts."""
        return replace(self, parts=parts)

    def places(self, parts: Parts) -> str:
        """Return corpora, C and seeds of the models with these parts: grammar (C = 2, 15; 1 seed).

        The number of seeds is that of the cell with the fewest.
        """
        seeds: dict[str, dict[float, int]] = {}
        for key, texts in self.values.items():
            spec = self.specs[key.corpus, key.model]
            if spec.has_rate_target and spec.parts == parts and key.C > 0:
                count = len({text[0] for text in texts})
                levels = seeds.setdefault(key.corpus, {})
                levels[key.C] = min(count, levels.get(key.C, count))
        return ", ".join(
            f"{name} ({among(sorted(levels))}; {fewest} seed{'' if fewest == 1 else 's'})"
            for name, levels in sorted(seeds.items())
            for fewest in (min(levels.values()),)
        )

    def evidence(self) -> Evidence:
        """Return the means over all seeds and copies."""
        return self._means(lambda text: True)

    def seeds(self, keys: Iterable[MeasurementKey]) -> set[int]:
        """Return the seeds that all of the keys have."""
        return self._common(keys, lambda text: text[0])

    def copies(self, keys: Iterable[MeasurementKey]) -> set[int]:
        """Return the copies that all keys with a value for each copy have."""
        return self._common(filter(_has_copies, keys), lambda text: text[1])

    def of_seed(self, seed: int) -> Evidence:
        """Return the numbers of one seed."""
        return self._means(lambda text: text[0] == seed)

    def of_copy(self, copy: int) -> Evidence:
        """Return the numbers of one copy of the synthetic corpora, and those of the cells."""
        return self._means(lambda text: text[1] in (0, copy))

    def fewest(self, keys: Iterable[MeasurementKey]) -> int:
        """Return the smallest number of sentences, lines or pairs that one of the keys is of."""
        return min(self.units.get(key, self.sentences[key]) for key in keys)

    def of_one_size(self, keys: Iterable[MeasurementKey]) -> bool:
        """Return whether numbers that change with the size of a text are of texts of one size."""
        sizes: dict[str, set[float]] = {}
        for key in keys:
            if (metric := _GROW_WITH.get(key.metric)) is None:
                continue
            counted = self.values.get(key._replace(metric=metric), {}).values()
            sizes.setdefault(key.metric, set()).update(counted if metric else {self.sentences[key]})
        return all(len(each) < 2 for each in sizes.values())

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
        return Evidence(means, self.specs, self.sizes, self.parts)

    def _means(self, selected: Callable[[SeedAndCopy], bool]) -> Evidence:
        means = {
            key: statistics.fmean(kept)
            for key, values in self.values.items()
            if (kept := [value for text, value in values.items() if selected(text)])
        }
        return Evidence(means, self.specs, self.sizes, self.parts)

    def _common(
        self, keys: Iterable[MeasurementKey], part: Callable[[SeedAndCopy], int]
    ) -> set[int]:
        parts = [{part(text) for text in self.values[key]} for key in keys]
        return set.intersection(*parts) if parts else set()


def _has_copies(key: MeasurementKey) -> bool:
    """Return whether a number has a value for each copy of generated text."""
    return bool(key.decoding) and key.metric not in _OF_ALL_COPIES


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
    units = {}
    for key in values:
        row, dot, _ = key.metric.rpartition(".")
        count = f"{row}.pairs" if dot else _COUNTS.get(key.metric)
        if count and (counts := values.get(key._replace(metric=count))):
            units[key] = min(counts.values())
    return Samples(values, resampled, sentences, usual, sizes, units)


def specs_of(trained: Mapping[Cell, TrainedCell]) -> dict[Cell, ModelSpec]:
    """Return the spec of each trained cell."""
    return {
        cell: ModelSpec(
            **asdict(one.config),
            hidden=one.hidden,
            latent=one.latent,
            besides=_besides(one.settings),
            floor=one.settings.get("free_nats"),
        )
        for cell, one in trained.items()
    }


def _besides(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return by what models may differ in the other settings, as text.

    A part has settings of its own. An architecture may have its own learning rate, too, as the
    paper's CNN has.
    """
    rest = {"beta": {"beta"}, "hidden": {"hidden"}}
    for registry in PARTS:
        part = registry.declared().get(str(settings.get(registry.kind)))
        own = (spec.name for spec in part.specs) if part else ()
        rest[registry.kind] = {registry.kind, *own}
    rest["architecture"] = rest["encoder"] | rest["decoder"] | {"learning_rate", "decay"}
    return {
        kind: json.dumps({name: settings[name] for name in sorted(settings) if name not in own})
        for kind, own in rest.items()
    }


def _most_common_specs(specs: Mapping[Cell, ModelSpec]) -> dict[tuple[str, str], ModelSpec]:
    """Return the most common spec of each corpus and model; of several, that of the first cell.

    It is uniform only if all cells of that spec have the same settings, as they have without
    overrides.
    """
    found: dict[tuple[str, str], list[ModelSpec]] = {}
    for cell in sorted(specs):
        found.setdefault((cell.corpus, cell.model), []).append(specs[cell])
    return {name: _usual(several) for name, several in found.items()}


def _usual(specs: Sequence[ModelSpec]) -> ModelSpec:
    usual = Counter(specs).most_common(1)[0][0]
    settings = {(*sorted(one.besides.items()), one.floor) for one in specs if one == usual}
    return replace(usual, uniform=len(settings) == 1)
