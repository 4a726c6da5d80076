"""Refuse files that do not belong together: of two trainings of a cell, or of other cells.

A training is identified by the SHA-256 of the weights that it saved. Measurements, tidy tables,
homotopies and config.json record it, and the SHA-256 of its corpus.
Files of earlier versions do not, and are not compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.json_values import DIGITS, cell_of, read_object, text

if TYPE_CHECKING:
    from textvae.paper.choices import Choice
    from textvae.paper.descriptions import TrainedCell
    from textvae.paper.exhibit import Inputs
    from textvae.paper.homotopy import Homotopy
    from textvae.paper.measurements import Measured


# Keys of a measurement with the SHA-256 of a text, or of a model that stands for one -> its name.
_TEXTS = {
    "corpus_sha256": "the corpus {corpus}",
    "pairs_sha256": "the minimal pairs of {measurement} on {corpus}",
    "text_sha256": "the text generated as {generated}",
    "sentences_sha256": "“{split}” for models of {corpus}",
    "language_model_sha256": "the language model beside all C of {corpus}/{model}, seed {seed}",
    "dictionary_sha256": "the dictionary of all C of {corpus}/{model}, seed {seed}, {decoding}",
    "floor_sha256": "the language model of real text for all C of {corpus}/{model}, seed {seed},"
    " {decoding}",
    "lines_sha256": "the lines in {dimensions} dimensions of seed {seed}",
}


class Origin(NamedTuple):
    """The cell of a file, or of one of its lines, and its training; weights "" if not recorded."""

    cell: Cell
    weights: str
    path: Path


def check_trainings(origins: Iterable[Origin]) -> None:
    """Raise InputError if two files are of different trainings of the same cell."""
    first: dict[Cell, Origin] = {}
    for origin in origins:
        if not origin.weights:
            continue
        known = first.setdefault(origin.cell, origin)
        if known.weights != origin.weights:
            raise InputError(
                f"{origin.path}: of another training of {origin.cell} than {known.path}: the "
                "weights differ; expected results of one model"
            )


def check_texts(texts: Iterable[tuple[str, str, Path]]) -> None:
    """Raise InputError if two files are of different texts of the same name.

    texts: name ("the corpus cbt"), SHA-256 ("" if it is not recorded) and file of each.
    """
    first: dict[str, tuple[str, Path]] = {}
    for what, sha256, path in texts:
        if not sha256:
            continue
        known, other = first.setdefault(what, (sha256, path))
        # Tables have only the first digits.
        if known[:DIGITS] != sha256[:DIGITS]:
            raise InputError(
                f"{path}: of another text, preparation or training of {what} than {other}; "
                "expected files of one"
            )


def texts_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and SHA-256 of the texts of a measurement.

    They are its corpus, its minimal pairs, and the other text, or lines, that were measured.
    """
    cell = cell_of(content.get("cell"))
    names = {
        "corpus": cell.corpus,
        "model": cell.model,
        "measurement": content.get("measurement"),
        "decoding": content.get("decoding"),
        "generated": f"{cell}/{content.get('decoding')}/copy{content.get('copy')}",
        "split": content.get("split"),
        "dimensions": content.get("dimensions"),
        "seed": cell.seed,
    }
    return [
        (what.format(**names), text(content[key], f"'{key}'"))
        for key, what in _TEXTS.items()
        if key in content
    ]


def corpora_of(rows: "Iterable[tuple[Measured | Homotopy, Path]]") -> list[tuple[str, str, Path]]:
    """Return name and first digits of the SHA-256 of the corpus of each row, and its file."""
    return [(f"the corpus {row.cell.corpus}", row.corpus_sha256, path) for row, path in rows]


def check_inputs(inputs: "Inputs") -> None:
    """Raise InputError if the files of an exhibit are of different trainings, cells or texts."""
    from textvae.paper.choices import read_choice
    from textvae.paper.descriptions import read_config
    from textvae.paper.homotopy import read_homotopy
    from textvae.paper.measurements import from_csv, replicates_from_csv

    measured = [(row, path) for path in inputs.measurements for row in from_csv(path)]
    resampled = [(row, path) for path in inputs.bootstrap for row in replicates_from_csv(path)]
    homotopies = [(read_homotopy(path), path) for path in inputs.homotopies]
    configs = [(read_config(path), path) for path in inputs.configs]
    beside = {path.with_name("config.json") for path in inputs.records}
    trained = [(read_config(path), path) for path in sorted(beside) if path.is_file()]
    read = (*measured, *resampled, *homotopies, *configs, *trained)
    check_trainings(Origin(one.cell, one.weights, path) for one, path in read)
    of_trainings = [(f"the corpus {one.cell.corpus}", one.corpus, path) for one, path in configs]
    chosen = [(read_choice(path), path) for path in inputs.choices]
    of_choices = [(f"the corpus {one.corpus}", one.text, path) for one, path in chosen]
    check_texts((*corpora_of((*measured, *homotopies)), *of_trainings, *of_choices))
    keys = {row.key for row, _ in measured}
    for row, path in resampled:
        if row.key not in keys:
            raise InputError(
                f"{path}: has {row.metric} of {row.origin}, which no table of --measurements has; "
                "expected both tables of one `textvae gather`"
            )
    cells = {row.cell for row, _ in measured}
    for one, path in homotopies:
        if cells and one.cell not in cells:
            raise InputError(f"{path}: of {one.cell}, which no table of --measurements has")
    _check_corpora(configs, inputs.sizes)
    _check_choices(chosen, configs)


def _check_corpora(configs: "Sequence[tuple[TrainedCell, Path]]", sizes: Sequence[Path]) -> None:
    """Raise InputError if statistics.json of a corpus is not that of the text of its cells."""
    from textvae.corpora.encoded import fingerprint_of

    for path in sizes:
        statistics = read_object(path, "statistics of a corpus", dict)
        for one, config in configs:
            if not (one.corpus and one.vocabulary) or one.cell.corpus != statistics.get("name"):
                continue
            if fingerprint_of(one.vocabulary, statistics, path) != one.corpus:
                raise InputError(
                    f"{path}: of another text or preparation of {one.cell.corpus} than {config}, "
                    "which was trained on it; expected the statistics.json of that corpus"
                )


def _check_choices(
    chosen: "Sequence[tuple[Choice, Path]]", configs: "Sequence[tuple[TrainedCell, Path]]"
) -> None:
    """Raise InputError if C was chosen for another model than the cells of its name."""
    from textvae.paper.descriptions import hashable

    for one, path in chosen:
        for other, config in configs:
            if (one.corpus, one.model) != (other.cell.corpus, other.cell.model):
                continue
            for name in one.trained.keys() & other.settings.keys():
                if hashable(one.trained[name]) != other.settings[name]:
                    raise InputError(
                        f"{path}: chosen for a model {one.model} with {name} {one.trained[name]}, "
                        f"but {config} has {other.settings[name]}; expected one model"
                    )
