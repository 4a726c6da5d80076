"""Measurements as evidence, and what they would be with other seeds, copies or test sentences.

A claim is decided on the means of all seeds and copies. How sure that is shows where the same claim
is put to each seed alone, each copy alone, or each resample of the test sentences.
"""

import statistics
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textvae.claims.evidence import Evidence, Key, Kind
from textvae.errors import InputError
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

    def only(self, metrics: Container[str]) -> "Worlds":
        """The same of these metrics alone."""
        return replace(
            self, values={key: value for key, value in self.values.items() if key.metric in metrics}
        )

    def evidence(self) -> Evidence:
        """Means over all seeds and copies."""
        return self._of(lambda text: True)

    def seeds(self, keys: Iterable[Key]) -> list[int]:
        """The seeds that all of the keys have."""
        return self._common(keys, lambda text: text[0])

    def copies(self, keys: Iterable[Key]) -> list[int]:
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
            len(values)
            for key in keys
            for text in self.values[key]
            for values in [self.replicates.get(key, {}).get(text, ())]
        ]
        return min(counts, default=0)

    def of_resample(self, number: int) -> Evidence:
        """What one resample of the test sentences gives; numbers without replicates as they are."""
        return Evidence(
            {
                key: statistics.fmean(
                    resampled[number]
                    if (resampled := self.replicates.get(key, {}).get(text)) is not None
                    and number < len(resampled)
                    else value
                    for text, value in values.items()
                )
                for key, values in self.values.items()
            },
            self.kinds,
        )

    def _of(self, chosen: Callable[[Text], bool]) -> Evidence:
        means = {
            key: statistics.fmean(found)
            for key, values in self.values.items()
            if (found := [value for text, value in values.items() if chosen(text)])
        }
        return Evidence(means, self.kinds)

    def _common(self, keys: Iterable[Key], part: Callable[[Text], int]) -> list[int]:
        found = [{part(text) for text in self.values[key]} for key in keys]
        return sorted(set.intersection(*found)) if found else []


def worlds(
    measured: Iterable[Measured],
    replicates: Iterable[Replicates],
    kinds: Mapping[tuple[str, str], Kind],
    sizes: Mapping[str, Mapping[str, float]],
) -> Worlds:
    """Measurements, their replicates and the sizes of corpora (corpus -> metric -> value).

    InputError where the kind of a measured model is not given.
    """
    values: dict[Key, dict[Text, float]] = {}
    sentences: dict[Key, int] = {}
    for one in measured:
        if (one.cell.corpus, one.cell.model) not in kinds:
            raise InputError(f"{one.cell}: is measured, but its config.json is not given")
        if one.value is None:
            continue
        key, text = _key(one)
        values.setdefault(key, {})[text] = one.value
        sentences[key] = min(one.sentences, sentences.get(key, one.sentences))
    for key in [key for key in values if key.metric == "vocabulary_size"]:
        if size := sizes.get(key.corpus, {}).get("vocabulary_size"):
            values[key._replace(metric="corpus_vocabulary_size")] = dict.fromkeys(values[key], size)
    resampled: dict[Key, dict[Text, Sequence[float]]] = {}
    for one in replicates:
        key, text = _key(one)
        if text in values.get(key, {}):
            resampled.setdefault(key, {})[text] = one.values
    return Worlds(values, resampled, sentences, kinds)


def _key(one: Measured | Replicates) -> tuple[Key, Text]:
    cell = one.cell
    key = Key(cell.corpus, cell.model, cell.C, one.decoding, one.metric)
    return key, (cell.seed, one.copy or 0)
