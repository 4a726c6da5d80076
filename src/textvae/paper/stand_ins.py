"""How large corpora are: what their statistics.json tells of what section 3 prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textvae.cells import Cell, format_C
from textvae.errors import InputError
from textvae.paper.json_values import finite_number, json_object, read_object, text, whole_number
from textvae.paper.published import TABLES, published


@dataclass(frozen=True, order=True)
class Stand:
    """A cell of every seed: corpus, model and C, in nats."""

    corpus: str
    model: str
    C: float

    def __str__(self) -> str:
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}"

    @classmethod
    def parse(cls, text: str) -> "Stand":
        """From corpus/model/C15, in any spelling of C."""
        try:
            cell = Cell.parse(f"{text}/seed1")
        except InputError:
            raise InputError(f"{text!r:.80}: expected corpus/model/C15, without a seed") from None
        return cls(cell.corpus, cell.model, cell.C)


StandIns = Mapping[Stand, Stand]


def printed_stands() -> tuple[Stand, ...]:
    """The cells that the paper has numbers of, in its order."""
    return tuple(
        dict.fromkeys(
            Stand(figure.corpus, figure.model, figure.C)
            for table in TABLES
            for figure in published(table)
            if figure.C is not None
        )
    )


def parse_stand_ins(pairs: Iterable[tuple[str, str]]) -> dict[Stand, Stand]:
    """The paper's cell -> ours. InputError where one is no cell, or the paper's none of its."""
    found: dict[Stand, Stand] = {}
    known = printed_stands()
    for theirs, ours in pairs:
        paper = Stand.parse(theirs)
        if paper not in known:
            names = ", ".join(map(str, known))
            raise InputError(f"{theirs!r:.80}: the paper has no numbers of it, expected of {names}")
        if paper in found:
            raise InputError(f"{theirs!r:.80}: has a stand-in already, {found[paper]}")
        found[paper] = Stand.parse(ours)
    return found


def split_pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """PAPER=OURS, each taken apart; InputError where there is no or more than one `=`."""
    pairs = []
    for entry in texts:
        paper, equals, ours = entry.partition("=")
        if not equals:
            raise InputError(f"{entry!r:.80}: expected PAPER=OURS, as cbt/lstm/C3=mine/lstm/C3")
        pairs.append((paper, ours))
    return pairs


_SPLITS = ("train", "valid", "test")


def read_sizes(paths: Iterable[Path]) -> dict[str, dict[str, float]]:
    """Corpus -> metric (train_sentences, ..., vocabulary_size) -> value, of files as prepared.

    Where it is told also test_mean_length, the words of a test sentence.

    InputError names the file that tells of no corpus, or of one that another file told of.
    """
    sizes: dict[str, dict[str, float]] = {}
    told_by: dict[str, Path] = {}
    for path in paths:
        corpus, found = read_object(path, "statistics of a corpus", _sizes)
        if told_by.setdefault(corpus, path) is not path:
            raise InputError(f"{path}: is of the corpus {corpus}, as is {told_by[corpus]}")
        sizes[corpus] = found
    return sizes


def _sizes(content: dict[str, Any]) -> tuple[str, dict[str, float]]:
    splits = json_object(content.get("splits"), "'splits'")
    sizes: dict[str, float] = {}
    for split in _SPLITS:
        counted = json_object(splits.get(split), f"'{split}' of 'splits'")
        sizes[f"{split}_sentences"] = _count(counted.get("sentences"), f"'sentences' of '{split}'")
        if split == "test" and "mean_length" in counted:
            what = f"'mean_length' of '{split}'"
            sizes["test_mean_length"] = finite_number(counted["mean_length"], what)
    vocabulary = json_object(content.get("vocabulary"), "'vocabulary'")
    sizes["vocabulary_size"] = _count(vocabulary.get("reached"), "'reached' of 'vocabulary'")
    return text(content.get("name"), "'name'"), sizes


def _count(value: Any, what: str) -> float:
    """A whole number, and one that a float can hold."""
    return finite_number(whole_number(value, what), what)
