"""The workflow's configuration: checked, and asked questions of.

Everything here takes the plain dictionary that YAML gives. What is wrong with it is said in one
line: where, what it got, and what it takes.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema

from textvae.cells import Cell, format_C
from textvae.corpora import SPLITS
from textvae.corpora.pairs import check_header
from textvae.corpora.sources import Source
from textvae.errors import InputError
from textvae.fce.recipe import Recipe as LanguageModelRecipe
from textvae.models.architecture import Architecture
from textvae.schema_errors import explain, one_of
from textvae.schemes import Scheme
from textvae.settings import check as settings_check
from textvae.settings import resolve
from textvae.training.recipe import Recipe

Config = Mapping[str, Any]

# What the tables and figures read of each cell, at the least.
NEEDED = {
    "table1": ("rate-distortion",),
    "figure1": ("rate-distortion", "posterior"),
    "section3_2": ("rate-distortion", "posterior"),
    "collapse": ("rate-distortion", "posterior"),
    "table2": ("sensitivity",),
    "table3": ("fce", "description"),
    "table4": ("rate-distortion", "syntax", "probe"),
}
# These are drawn from any experiment whose name begins so: figure1-mine as Figure 1.
_OPEN = ("figure1", "table2", "table3", "table4")
# Measurements of what a model generates, in one decoding or another.
_OF_TEXT = ("fce", "description")
# Measurements on minimal pairs.
OF_PAIRS = ("syntax", "probe")


def check(config: Config, schema: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    """InputError, one line, where the configuration is not what the schema or sense allows."""
    validator = jsonschema.Draft202012Validator(schema)
    # The deepest error is the one nearest to what a person wrote.
    errors = sorted(validator.iter_errors(config), key=lambda error: -len(error.absolute_path))
    if errors:
        raise InputError(explain(errors[0]))
    for name, corpus in config["corpora"].items():
        _check_corpus(f"corpora.{name}", corpus, sources)
    for name, entry in config["pairs"].items():
        _check_pairs(f"pairs.{name}", entry, config["corpora"], sources)
    for name, model in config["models"].items():
        _check_settings(f"models.{name}", model)
    for name in config["experiments"]:
        _check_experiment(config, name)
    for index, name in enumerate(config["targets"]):
        _check_known(config["experiments"], "experiments", name, f"targets[{index}]")
    _check_finite("language_model", LanguageModelRecipe, config["language_model"])
    for text, settings in config.get("overrides", {}).items():
        cell = Cell.parse(text)
        _check_settings(f"overrides.{text}", settings)
        for kind, value in (("corpora", cell.corpus), ("models", cell.model)):
            _check_known(config[kind], kind, value, f"overrides.{text}")


def cells(config: Config, experiment: str) -> list[Cell]:
    """The cells of an experiment, in the order of its lists, those of `plus` behind."""
    return [
        Cell(corpus, model, float(C), seed)
        for group in _groups(config["experiments"][experiment])
        for corpus in group["corpora"]
        for model in group["models"]
        for C in group["C"]
        for seed in group["seeds"]
    ]


def shown_as(experiment: str) -> str | None:
    """The table or figure that shows an experiment; figure1-mine is drawn as Figure 1."""
    for name in _OPEN:
        if experiment.startswith(f"{name}-"):
            return name
    return experiment if experiment in NEEDED else None


def groups_by_C(config: Config, experiment: str) -> list[tuple[str, str, int, str]]:
    """(corpus, model, seed, levels) of each set of cells that differ in C alone.

    levels: their C, rising, as in a path: 3-15-100. Their synthetic corpora share a dictionary.
    """
    levels: dict[tuple[str, str, int], set[float]] = {}
    for cell in cells(config, experiment):
        levels.setdefault((cell.corpus, cell.model, cell.seed), set()).add(cell.C)
    return [
        (*group, "-".join(format_C(C) for C in sorted(found))) for group, found in levels.items()
    ]


def language_model_settings(config: Config, model: str) -> dict[str, Any]:
    """How the language models of what a model generates are made and trained.

    Their sizes are those of the model's decoder (paper, section 3.3.2).
    """
    decoder = asdict(resolve(Architecture, config["models"][model]))
    settings = {name: decoder[name] for name in ("embedding", "hidden", "embedding_range")}
    return settings | asdict(resolve(LanguageModelRecipe, config["language_model"]))


def without_code_settings(config: Config, model: str) -> dict[str, Any]:
    """How a language model is trained that shall tell what a model's decoder knows by itself.

    As the decoder is trained: as many passes, in as large batches and steps. Passes without gain on
    held-out text end it as they do other language models.
    """
    recipe = asdict(resolve(Recipe, config["models"][model]))
    alike = ("epochs", "batch", "learning_rate", "decay", "precision")
    return language_model_settings(config, model) | {name: recipe[name] for name in alike}


def training_settings(config: Config, cell: Cell) -> dict[str, Any]:
    """What the model's entry says, and over it what `overrides` says of this very cell.

    Every setting is there, in one order and one spelling, whether or not an entry gives it: what
    means the same trains nothing anew.
    """
    settings = dict(config["models"][cell.model])
    for text, override in config.get("overrides", {}).items():
        if Cell.parse(text) == cell:
            settings |= override
    return asdict(resolve(Architecture, settings)) | asdict(resolve(Recipe, settings))


def raw_files(corpus: Mapping[str, Any]) -> dict[str, str]:
    """Split -> file of a corpus's entry: a path of one's own, or a name below its origin."""
    return dict(corpus.get("files", {split: f"{split}.txt" for split in SPLITS}))


def flags(settings: Mapping[str, Any]) -> str:
    """Settings as command-line flags: {"learning_rate": 1e-4} as `--learning-rate 0.0001`.

    A list becomes several words, true a bare flag; false and null are left out.
    """
    words = []
    for name, value in settings.items():
        if value is None or value is False or value == []:
            continue
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words += [str(word) for word in (value if isinstance(value, list) else [value])]
    return shlex.join(words)


def _check_settings(where: str, settings: Mapping[str, Any]) -> None:
    """What a schema cannot say: that numbers are finite."""
    for cls in (Architecture, Recipe):
        _check_finite(where, cls, settings)


def _check_finite(where: str, cls: type, settings: Mapping[str, Any]) -> None:
    try:
        settings_check(resolve(cls, settings))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _check_corpus(where: str, corpus: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    kinds = [kind for kind in ("source", "files", "grammar") if kind in corpus]
    if len(kinds) != 1 and kinds != ["source", "files"]:
        raise InputError(
            f"{where}: got {' and '.join(kinds) or 'no origin'}, expected a source (of"
            " config/sources.yaml), files (three paths) or a grammar"
        )
    if "source" in corpus:
        name = corpus["source"]
        _check_known(sources, "config/sources.yaml", name, f"{where}.source")
        declared = [file.name for file in sources[name].files]
        for split, file in raw_files(corpus).items():
            if file not in declared:
                raise InputError(
                    f"{where}.files.{split}: got {file!r}, expected {one_of(declared, file)} (see"
                    f" {name} in config/sources.yaml)"
                )
    elif "files" in corpus:
        for split, path in corpus["files"].items():
            if not Path(path).is_file():
                raise InputError(f"{where}.files.{split}: no such file: {path}")
    shortest, longest = corpus.get("shortest", 1), corpus.get("longest")
    if longest is not None and longest < shortest:
        raise InputError(f"{where}: longest, {longest}, is less than shortest, {shortest}")


def _check_pairs(
    where: str,
    entry: Mapping[str, Any],
    corpora: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Source],
) -> None:
    kinds = [kind for kind in ("source", "file", "grammar") if kind in entry]
    if len(kinds) != 1:
        raise InputError(
            f"{where}: got {' and '.join(kinds) or 'no origin'}, expected a source (of"
            " config/sources.yaml), a file (a TSV) or a grammar"
        )
    if "source" in entry:
        pickles = [
            name
            for name, source in sources.items()
            if all(file.name.endswith(".pickle") for file in source.files)
        ]
        place = "config/sources.yaml: those of pickles"
        _check_known(pickles, place, entry["source"], f"{where}.source")
    elif "file" in entry:
        path = Path(entry["file"])
        if not path.is_file():
            raise InputError(f"{where}.file: no such file: {path}")
        # Now, not after days of training.
        try:
            check_header(path)
        except InputError as error:
            raise InputError(f"{where}.file: {error}") from None
    else:
        made_of_it = [name for name, corpus in corpora.items() if "grammar" in corpus]
        name = entry["grammar"]["corpus"]
        _check_known(made_of_it, "corpora: those of the grammar", name, f"{where}.grammar.corpus")


def _groups(experiment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The groups of cells of an experiment's entry, each with all four lists."""
    return [experiment, *({**experiment, **group} for group in experiment.get("plus", []))]


def _check_experiment(config: Config, name: str) -> None:
    entry = config["experiments"][name]
    places = ["", *(f".plus[{index}]" for index in range(len(entry.get("plus", []))))]
    for place, group in zip(places, _groups(entry), strict=True):
        for kind in ("corpora", "models"):
            for index, value in enumerate(group[kind]):
                _check_known(
                    config[kind], kind, value, f"experiments.{name}{place}.{kind}[{index}]"
                )
    seen = set()
    try:
        planned = cells(config, name)
    except InputError as error:
        raise InputError(f"experiments.{name}: {error}") from None
    for cell in planned:
        if cell in seen:
            raise InputError(f"experiments.{name}: the cell {cell} appears twice")
        seen.add(cell)
    _check_elbo(config, name, planned)
    _check_decodings(name, entry)
    _check_pairs_named(config, name, entry)
    for measurement in NEEDED.get(shown_as(name) or "", ()):
        if measurement not in entry["measurements"]:
            raise InputError(
                f"experiments.{name}.measurements: {measurement} is missing, which"
                f" {shown_as(name)} shows"
            )


def _check_decodings(name: str, entry: Mapping[str, Any]) -> None:
    """What is generated is generated in a decoding; what is not has none."""
    where = f"experiments.{name}"
    speaks = shown_as(name) == "table2" or any(
        measurement in entry["measurements"] for measurement in _OF_TEXT
    )
    if speaks and "decodings" not in entry:
        raise InputError(f"{where}: the key 'decodings' is missing, as in [greedy, nucleus0.9]")
    if "decodings" in entry and not speaks:
        raise InputError(
            f"{where}.decodings: nothing is generated; expected {' or '.join(_OF_TEXT)} among its"
            " measurements, or a name that begins with table2"
        )
    for index, decoding in enumerate(entry.get("decodings", [])):
        try:
            Scheme.parse(decoding)
        except InputError as error:
            raise InputError(f"{where}.decodings[{index}]: {error}") from None


def _check_pairs_named(config: Config, name: str, entry: Mapping[str, Any]) -> None:
    """What is measured on minimal pairs says which; what is not names none."""
    where = f"experiments.{name}"
    judges = any(measurement in entry["measurements"] for measurement in OF_PAIRS)
    if judges and "pairs" not in entry:
        raise InputError(f"{where}: the key 'pairs' is missing, a name of the section pairs")
    if "pairs" in entry and not judges:
        raise InputError(
            f"{where}.pairs: nothing is measured on them; expected {' or '.join(OF_PAIRS)} among"
            " its measurements"
        )
    if not judges:
        return
    _check_known(config["pairs"], "pairs", entry["pairs"], f"{where}.pairs")
    new_to = config["pairs"][entry["pairs"]].get("grammar", {}).get("corpus")
    for cell in cells(config, name):
        if new_to not in (None, cell.corpus):
            raise InputError(
                f"{where}.pairs: {entry['pairs']} is new to the corpus {new_to} alone, but there is"
                f" {cell.corpus} among the experiment's"
            )


def _check_elbo(config: Config, name: str, planned: Iterable[Cell]) -> None:
    """The ELBO has no C: at a second one the same model would be trained again."""
    chosen: dict[tuple[str, str, int], float] = {}
    for cell in planned:
        if training_settings(config, cell)["objective"] != "elbo":
            continue
        first = chosen.setdefault((cell.corpus, cell.model, cell.seed), cell.C)
        if first != cell.C or shown_as(name) == "figure1":
            raise InputError(
                f"experiments.{name}: {cell.model} has the objective elbo, which C has no part in;"
                " such a model takes a single C (and no place in Figure 1)"
            )


def _check_known(known: Collection[str], kind: str, value: str, where: str) -> None:
    if value not in known:
        raise InputError(f"{where}: got {value!r}, expected {one_of(known, value)} (see {kind})")
