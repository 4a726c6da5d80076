"""Our value of each number that the paper prints.

It is measured on a cell of the name that the paper's has, or on a stand-in for it.
"""

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from textvae.cells import format_C
from textvae.paper.measured_on import elsewhere
from textvae.paper.measurements import Measured, table
from textvae.paper.published import CORPORA, TABLES, PublishedValue, published
from textvae.paper.rows import MIN_SENTENCES, bucket_of, deviations_of_copies
from textvae.paper.stand_ins import StandIns, UnseededCell

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# The columns that identify a measurement, and the columns of the texts that it is averaged over.
_KEY = ["corpus", "model", "C", "decoding", "metric"]
_TEXT = ["seed", "copy"]

# The share by which a size of a corpus may differ from the paper's, before it is another corpus.
MAX_OTHER_SIZE = 0.2
# The second cut of WIKI, whose sizes the paper does not give: longer sentences, hence not fewer.
_SECOND_CUT = {"wiki50": "wiki"}
# The pairs of Marvin and Linzen (2018), which the paper measures.
_PAPERS_PAIRS = 163_124
# Fewest generated sentences whose numbers are compared. The paper does not give how many it has.
MIN_GENERATED = 1000
# Of the first sentences of a generated text, counted by `self_bleu_sentences`.
_OF_SELF_BLEU = ("self_bleu4", "pairwise_bleu4")
# The standard deviation of the FCE over copies.
_DEVIATION = "fce_standard_deviation"


@dataclass(frozen=True)
class Ours:
    """Our value of a number that the paper prints.

    value: the mean over all seeds and copies. measured_on: corpus/model/C, or the part of it that
    the number depends on. stands_in: whether that is a stand-in. of_seeds: the value of each seed,
    in order; empty for a number without seeds, such as a corpus size. deviation: the standard
    deviation (N - 1), and `over` what: "seeds", "copies" or "seeds and copies"; None and "" for a
    single value. generated: the sentences of each synthetic corpus that it is of, if it is of any.
    """

    value: float
    measured_on: str
    stands_in: bool
    of_seeds: tuple[float, ...] = ()
    deviation: float | None = None
    over: str = ""
    generated: int | None = None


class Reproduction:
    """The measurements and corpus sizes of a run, looked up by published number."""

    def __init__(
        self,
        measured: "Iterable[Measured] | DataFrame",
        sizes: Mapping[str, Mapping[str, float]],
        stand_ins: StandIns,
        other_models: Mapping[tuple[str, str], str] = MappingProxyType({}),
    ) -> None:
        """sizes: corpus -> metric -> value. stand_ins: the paper's cell -> ours.

        other_models: corpus and model -> in what a model of the paper's name is not the paper's.
        """
        known = table(measured).dropna(subset="value")
        few = (known["sentences"] < MIN_SENTENCES) | known.index.isin(_in_few(known))
        printed = known["corpus"].str.casefold().isin(CORPORA) & known["metric"].isin(_printed())
        self._few = int((few & printed).sum())
        known = known[~few]
        others = elsewhere(known)
        self._elsewhere = others.groupby(_KEY)["split"].first()
        self._fewest = known.groupby(_KEY)["sentences"].min()
        self._least = known.groupby(_KEY)["value"].min()
        self._values = known.set_index([*_KEY, *_TEXT])["value"].sort_index()
        self._sizes = sizes
        self._stand_ins = stand_ins
        self._other_models = other_models
        self._corpora = sorted({*sizes, *known["corpus"]})

    def of(self, figure: PublishedValue) -> Ours | None:
        """Return our value for a printed number; None if neither its cell nor a stand-in is run."""
        values = self._of_sizes(figure) if not figure.model else self._of_cells(figure)
        return next(values, None)

    def _of_sizes(self, figure: PublishedValue) -> Iterator[Ours]:
        others = [cell.corpus for paper, cell in self._stand_ins.items() if _belongs(paper, figure)]
        named = self._named(figure.corpus)
        own = [corpus for corpus in named if not self._other_size(corpus)]
        others = [corpus for corpus in named if corpus not in own] + others
        for corpora, stands_in in ((own, False), (others, True)):
            for corpus in corpora:
                if (value := self._sizes.get(corpus, {}).get(figure.metric)) is not None:
                    yield Ours(value, corpus, stands_in)

    def _of_cells(self, figure: PublishedValue) -> Iterator[Ours]:
        named = self._cells_named(figure)
        own = [
            cell
            for cell in named
            if self._is_the_papers(*cell[:2]) and not self._other_text(figure, *cell)
        ]
        others = [cell for cell in named if cell not in own]
        others += [
            (cell.corpus, cell.model, cell.C if figure.C is not None else None)
            for paper, cell in self._stand_ins.items()
            if _belongs(paper, figure)
        ]
        deviates, metric = figure.metric == _DEVIATION, _measured(figure)
        for cells, stands_in in ((own, False), (others, True)):
            for corpus, model, C in cells:
                name = f"{corpus}/{model}" + ("" if C is None else f"/C{format_C(C)}")
                for level in self._levels(corpus, model) if C is None else [C]:
                    key = (corpus, model, level, figure.decoding, metric)
                    if key not in self._values.index:
                        continue
                    texts = self._values.loc[key]
                    if C is None:
                        # Metrics of the test set are the same for every C and every copy.
                        texts = texts.groupby("seed").head(1)
                    ours = _deviation(texts) if deviates else _mean(texts)
                    if ours is not None:
                        generated = self._generated(figure, corpus, model, level)
                        yield replace(
                            ours, measured_on=name, stands_in=stands_in, generated=generated
                        )

    def lookalikes(self) -> list[str]:
        """Return a sentence for each corpus and model that has only the name of the paper's."""
        sizes = {corpus: self._other_size(corpus) for corpus in self._corpora}
        models = {f"{corpus}/{model}": what for (corpus, model), what in self._other_models.items()}
        texts = {
            f"{corpus}/{model}" + ("" if C is None else f"/C{format_C(C)}"): what
            for name in TABLES
            for figure in published(name)
            for corpus, model, C in self._cells_named(figure)
            if (what := self._other_text(figure, corpus, model, C))
        }
        few = f"{self._few} of our numbers are of fewer than {MIN_SENTENCES} sentences or pairs."
        return [
            *(
                f"{name} is not the paper's: {what}."
                for name, what in (*sizes.items(), *models.items())
                if what
            ),
            *(f"{name} is not compared with the paper's: {what}." for name, what in texts.items()),
            *self._unknown_sizes(),
            *([f"Not compared: {few}"] if self._few else []),
        ]

    def _unknown_sizes(self) -> list[str]:
        """Return a sentence on corpora that are the paper's by their names alone."""
        named = [
            name for name in self._corpora if name.casefold() in CORPORA and name not in self._sizes
        ]
        if not named:
            return []
        return [f"The sizes of {', '.join(named)} are not known, only the name is the paper's."]

    def _other_text(self, figure: PublishedValue, corpus: str, model: str, C: float | None) -> str:
        """Return in what text or pairs are not like the paper's; "" if in nothing.

        A number of the test set depends on the generated text of every C, but for its length.
        """
        levels = self._levels(corpus, model) if C is None else [C]
        found = (self._other_text_at(figure, corpus, model, level) for level in levels)
        return next(filter(None, found), "")

    def _other_text_at(self, figure: PublishedValue, corpus: str, model: str, C: float) -> str:
        key = (corpus, model, C, figure.decoding, _measured(figure))
        if text := self._elsewhere.get(key):
            return f"measured on “{text}”, not on the test split"
        if "." in figure.metric:
            pairs = self._fewest.get(key, _PAPERS_PAIRS)
            if abs(pairs - _PAPERS_PAIRS) > MAX_OTHER_SIZE * _PAPERS_PAIRS:
                return f"{pairs:,.0f} minimal pairs, the paper has {_PAPERS_PAIRS:,}"
        generated = self._generated(figure, corpus, model, C)
        if generated is None or figure.metric == "test_mean_length":
            return ""
        if figure.metric in _OF_SELF_BLEU:
            generated = int(self._least.get((*key[:-1], "self_bleu_sentences"), generated))
        if generated < MIN_GENERATED:
            return f"{generated:,} generated sentences, expected at least {MIN_GENERATED:,}"
        return ""

    def _generated(self, figure: PublishedValue, corpus: str, model: str, C: float) -> int | None:
        """Return the sentences of the synthetic corpora that a number is of; None if of none."""
        key = (corpus, model, C, figure.decoding, "mean_length")
        return int(self._fewest[key]) if figure.decoding and key in self._fewest else None

    def _cells_named(self, figure: PublishedValue) -> list[tuple[str, str, float | None]]:
        """Return corpus, model and C of our cells with the name of a number's."""
        if not figure.model:
            return []
        return [(corpus, figure.model, figure.C) for corpus in self._named(figure.corpus)]

    def _is_the_papers(self, corpus: str, model: str) -> bool:
        return not self._other_size(corpus) and (corpus, model) not in self._other_models

    def _other_size(self, corpus: str) -> str:
        """Return in what size a corpus of the paper's name is far from the paper's; "" if none."""
        for figure in published("corpora"):
            found = self._sizes.get(corpus, {}).get(figure.metric)
            if figure.corpus != corpus.casefold() or found is None:
                continue
            if abs(found - figure.value) > MAX_OTHER_SIZE * figure.value:
                what = figure.metric.replace("_", " ")
                return f"{what} {found:,.0f}, the paper has {figure.value:,.0f}"
        return self._smaller_than_first_cut(corpus)

    def _smaller_than_first_cut(self, corpus: str) -> str:
        """Return in what a second cut of a corpus is smaller than the first; "" if in nothing."""
        first = _SECOND_CUT.get(corpus.casefold())
        found = self._sizes.get(corpus, {}).get("train_sentences")
        if first is None or found is None:
            return ""
        [least] = (
            figure.value
            for figure in published("corpora")
            if (figure.corpus, figure.metric) == (first, "train_sentences")
        )
        if found >= (1 - MAX_OTHER_SIZE) * least:
            return ""
        return (
            f"train sentences {found:,.0f}, the paper's {first} of shorter sentences has"
            f" {least:,.0f}"
        )

    def _named(self, corpus: str) -> list[str]:
        """Return our corpora with the paper's name, regardless of case (cbt, CBT)."""
        names = [name for name in self._corpora if name.casefold() == corpus]
        return sorted(names, key=lambda name: name != corpus)

    def _levels(self, corpus: str, model: str) -> list[float]:
        """Return the values of C of a model, ascending."""
        if (corpus, model) not in self._values.index:
            return []
        return sorted(self._values.loc[corpus, model].index.unique("C"))


def _measured(figure: PublishedValue) -> str:
    """Return the metric from whose values a number is computed."""
    return "fce_nats" if figure.metric == _DEVIATION else figure.metric


def _printed() -> set[str]:
    """Return the metrics of which the paper prints numbers."""
    return {_measured(figure) for name in TABLES for figure in published(name)}


def _in_few(known: "DataFrame") -> list[int]:
    """Return the index of every BLEU and ROUGE of a bucket of few sentences."""
    counts = {
        (row.corpus, row.model, row.C, row.seed, row.metric): row.value
        for row in known[known["metric"].str.startswith("sentences_")].itertuples()
    }
    rows = known[known["metric"].map(bucket_of) != ""]
    return [
        row.Index
        for row in rows.itertuples()
        if counts.get(
            (row.corpus, row.model, row.C, row.seed, f"sentences_{bucket_of(row.metric)}"),
            MIN_SENTENCES,
        )
        < MIN_SENTENCES
    ]


def _belongs(paper: UnseededCell, figure: PublishedValue) -> bool:
    """Return whether a number belongs to a cell; only the fields that the number has count."""
    return (
        figure.corpus == paper.corpus
        and figure.model in ("", paper.model)
        and figure.C in (None, paper.C)
    )


def _mean(texts: "Series") -> Ours:
    """Return the mean over texts, indexed by seed and copy, with their standard deviation."""
    # Python's mean and standard deviation are correctly rounded, unlike those of pandas.
    values, seeds = texts.tolist(), texts.groupby("seed")
    several = {"seeds": seeds.ngroups > 1, "copies": seeds.size().max() > 1}
    return Ours(
        statistics.fmean(values),
        *("", False),
        tuple(seeds.agg(statistics.fmean)),
        statistics.stdev(values) if len(values) > 1 else None,
        " and ".join(name for name, present in several.items() if present),
    )


def _deviation(texts: "Series") -> Ours | None:
    """Return the mean over seeds of the standard deviation over copies; None without any."""
    of_seeds = deviations_of_copies(
        zip(texts.index.get_level_values("seed"), texts.tolist(), strict=True)
    )
    return Ours(statistics.fmean(of_seeds), "", False, tuple(of_seeds)) if of_seeds else None
