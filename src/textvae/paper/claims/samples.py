"""Measurements as evidence, and what they would be with other seeds, copies or test sentences.

A claim is decided on the means of all seeds and copies. How sure that is shows where the same claim
is put to each seed alone, each copy alone, or each resample of the test sentences.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.evidence import Evidence, Key, Kind
from textvae.paper.measurements import Measured
from textvae.paper.replicates import Replicates

# The seed of a cell and the copy of a synthetic corpus, 0 where there is none.
Text = tuple[int, int]


@dataclass(frozen=True)
class Worlds:
    """Every number by key and text, with its bootstrap replicates and its number of sentences."""

    values: Mapping[Key, Mapping[Text, float]]
    replicates: Mapping[Key, Mapping[Text, Sequence[float]]]
    sentences: Mapping[Key, int]
    kinds: Mapping[tuple[str, str], Kind]
    sizes: Mapping[str, Mapping[str, float]]

    def only(self, metrics: Container[str]) -> "Worlds":
        """The same of these metrics alone."""
        return replace(
            self, values={key: value for key, value in self.values.items() if key.metric in metrics}
        )

    def evidence(self) -> Evidence:
        """Means over all seeds and copies."""
        return self._of(lambda text: True)

    def seeds(self, keys: Iterable[Key]) -> set[int]:
        """The seeds that all of the keys have."""
        return self._common(keys, lambda text: text[0])

    def copies(self, keys: Iterable[Key]) -> set[int]:
        """The copies that all of the keys that are of generated text have."""
        return self._common((key for key in keys if key.decoding), lambda text: text[1])

    def of_seed(self, seed: int) -> Evidence:
        """What one seed gives."""
        return self._of(lambda text: text[0] == seed)

    def of_copy(self, copy: int) -> Evidence:
        """What one copy of the synthetic corpora gives; other numbers as they are."""
        return self._of(lambda text: text[1] in (0, copy))

    def resamples(self, keys: Iterable[Key]) -> int:
        """How many bootstrap replicates all of the keys have."""
        counts = [
            len(self.replicates.get(key, {}).get(text, ()))
            for key in keys
            for text in self.values[key]
        ]
        return min(counts, default=0)

    def of_resample(self, number: int) -> Evidence:
        """What one resample of the test sentences gives; numbers without replicates as they are."""

        def value(key: Key, text: Text) -> float:
            resampled = self.replicates.get(key, {}).get(text, ())
            return resampled[number] if number < len(resampled) else self.values[key][text]

        means = {
            key: statistics.fmean(value(key, text) for text in texts)
            for key, texts in self.values.items()
        }
        return Evidence(means, self.kinds, self.sizes)

    def _of(self, chosen: Callable[[Text], bool]) -> Evidence:
        means = {
            key: statistics.fmean(found)
            for key, values in self.values.items()
            if (found := [value for text, value in values.items() if chosen(text)])
        }
        return Evidence(means, self.kinds, self.sizes)

    def _common(self, keys: Iterable[Key], part: Callable[[Text], int]) -> set[int]:
        found = [{part(text) for text in self.values[key]} for key in keys]
        return set.intersection(*found) if found else set()


def worlds(
    measured: Iterable[Measured],
    replicates: Iterable[Replicates],
    kinds: Mapping[Cell, Kind],
    sizes: Mapping[str, Mapping[str, float]],
) -> Worlds:
    """Measurements, their replicates, what each cell is, and the sizes of corpora by metric.

    A cell that is of another kind than most of its model's (an override of its width, say) is no
    evidence for or against a claim, and left out. InputError where the kind of a cell is not given.
    """
    usual = _usual(kinds)
    values: dict[Key, dict[Text, float]] = {}
    sentences: dict[Key, int] = {}
    for one in measured:
        cell = one.cell
        if cell not in kinds:
            raise InputError(f"{cell}: is measured, but its config.json is not given")
        if one.value is None or kinds[cell] != usual[cell.corpus, cell.model]:
            continue
        key, text = _key(one)
        values.setdefault(key, {})[text] = one.value
        sentences[key] = min(one.sentences, sentences.get(key, one.sentences))
    resampled: dict[Key, dict[Text, Sequence[float]]] = {}
    for one in replicates:
        key, text = _key(one)
        if text in values.get(key, {}):
            resampled.setdefault(key, {})[text] = one.values
    return Worlds(values, resampled, sentences, usual, sizes)


def _usual(kinds: Mapping[Cell, Kind]) -> dict[tuple[str, str], Kind]:
    """By corpus and model the kind of most of its cells; of as many, that of the first."""
    counts: dict[tuple[str, str], Counter[Kind]] = {}
    for cell in sorted(kinds):
        counts.setdefault((cell.corpus, cell.model), Counter())[kinds[cell]] += 1
    return {name: count.most_common(1)[0][0] for name, count in counts.items()}


def _key(one: Measured | Replicates) -> tuple[Key, Text]:
    cell = one.cell
    key = Key(cell.corpus, cell.model, cell.C, one.decoding, one.metric)
    return key, (cell.seed, one.copy or 0)
