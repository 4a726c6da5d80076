"""What a run has for a number that the paper prints: its own cell's, or that of a stand-in."""

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from textvae.cells import format_C
from textvae.paper.measurements import Measured
from textvae.paper.published import Figure
from textvae.paper.stand_ins import Stand, StandIns

# What else a measurement is told by than its seed and copy: corpus, model, C, decoding, metric.
_Key = tuple[str, str, float, str, str]
# Seed and copy (0 where nothing was generated).
_Text = tuple[int, int]


@dataclass(frozen=True)
class Ours:
    """A number of ours.

    value: the mean over all seeds and copies. measured_on: corpus/model/C, or as much of it as the
    number depends on; stands_in: whether that is a stand-in. of_seeds: the number of each seed, in
    order; none where there is no seed, as of a corpus. deviation: the standard deviation (N - 1)
    `over` what there are several of: seeds, copies, seeds and copies; None and "" otherwise.
    """

    value: float
    measured_on: str
    stands_in: bool
    of_seeds: tuple[float, ...] = ()
    deviation: float | None = None
    over: str = ""


class Reproduction:
    """What a run measured and how large its corpora are, asked for by what the paper prints."""

    def __init__(
        self,
        measured: Iterable[Measured],
        sizes: Mapping[str, Mapping[str, float]],
        stand_ins: StandIns,
    ) -> None:
        """sizes: corpus -> metric -> value. stand_ins: the paper's cell -> ours."""
        self._texts: dict[_Key, dict[_Text, float]] = {}
        for one in measured:
            if one.value is not None:
                cell = one.cell
                key = (cell.corpus, cell.model, cell.C, one.decoding, one.metric)
                self._texts.setdefault(key, {})[cell.seed, one.copy or 0] = one.value
        self._sizes = sizes
        self._stand_ins = stand_ins
        self._corpora = sorted({*sizes, *(key[0] for key in self._texts)})

    def of(self, figure: Figure) -> Ours | None:
        """What answers to a printed number; None where neither its cell nor a stand-in is run."""
        found = self._of_sizes(figure) if not figure.model else self._of_cells(figure)
        return next(found, None)

    def _of_sizes(self, figure: Figure) -> Iterator[Ours]:
        others = [ours.corpus for paper, ours in self._stand_ins.items() if _of(paper, figure)]
        for corpora, stands_in in ((self._named(figure.corpus), False), (others, True)):
            for corpus in corpora:
                if (value := self._sizes.get(corpus, {}).get(figure.metric)) is not None:
                    yield Ours(value, corpus, stands_in)

    def _of_cells(self, figure: Figure) -> Iterator[Ours]:
        own = [(corpus, figure.model, figure.C) for corpus in self._named(figure.corpus)]
        others = [
            (ours.corpus, ours.model, ours.C if figure.C is not None else None)
            for paper, ours in self._stand_ins.items()
            if _of(paper, figure)
        ]
        # A standard deviation is of a mean, and measured with it.
        deviates = figure.metric == "fce_standard_deviation"
        metric = "fce_nats" if deviates else figure.metric
        for cells, stands_in in ((own, False), (others, True)):
            for corpus, model, C in cells:
                name = f"{corpus}/{model}" + ("" if C is None else f"/C{format_C(C)}")
                # What has no C (the test set's) is the same for every C, and for every copy.
                levels = self._levels(corpus, model) if C is None else [C]
                for level in levels:
                    texts = self._texts.get((corpus, model, level, figure.decoding, metric))
                    if texts and C is None:
                        texts = {text: texts[text] for text in _first_copies(texts)}
                    found = texts and _told(texts, name, stands_in, deviates)
                    if found:
                        yield found

    def _named(self, corpus: str) -> list[str]:
        """Our corpora that are the paper's; one is as good written CBT."""
        names = [name for name in self._corpora if name.casefold() == corpus]
        return sorted(names, key=lambda name: name != corpus)

    def _levels(self, corpus: str, model: str) -> list[float]:
        return sorted({key[2] for key in self._texts if key[:2] == (corpus, model)})


def _of(paper: Stand, figure: Figure) -> bool:
    """Whether a number is of a cell of the paper, as far as it says of which it is."""
    return (
        figure.corpus == paper.corpus
        and figure.model in ("", paper.model)
        and figure.C in (None, paper.C)
    )


def _first_copies(texts: Iterable[_Text]) -> list[_Text]:
    """The first text of each seed."""
    return list({seed: (seed, copy) for seed, copy in sorted(texts, reverse=True)}.values())


def _told(
    texts: Mapping[_Text, float], measured_on: str, stands_in: bool, deviates: bool
) -> Ours | None:
    """The mean of what all texts tell, or (`deviates`) its deviation; None if it has none."""
    seeds = sorted({seed for seed, _ in texts})
    by_seed = [[texts[text] for text in sorted(texts) if text[0] == seed] for seed in seeds]
    values = [value for values in by_seed for value in values]
    spread = statistics.stdev(values) if len(values) > 1 else None
    if deviates:
        if spread is None:
            return None
        of_seeds = [statistics.stdev(values) for values in by_seed if len(values) > 1]
        if not of_seeds:
            return None
        # Between seeds models differ; the paper's is between the texts of one.
        return Ours(statistics.fmean(of_seeds), measured_on, stands_in, tuple(of_seeds))
    several = {"seeds": len(seeds) > 1, "copies": any(len(values) > 1 for values in by_seed)}
    return Ours(
        statistics.fmean(values),
        measured_on,
        stands_in,
        tuple(map(statistics.fmean, by_seed)),
        spread,
        " and ".join(name for name, there in several.items() if there),
    )
