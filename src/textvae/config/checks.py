"""Is the workflow's configuration what the schema and sense allow?

What is wrong is said in one line: where, what it got, and what it takes.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema

from textvae.cells import LONGEST_NAME, Cell, check_name
from textvae.config import messages as yaml_values
from textvae.config.messages import explain, one_of, shown
from textvae.config.queries import (
    Config,
    cells,
    groups,
    groups_by_C,
    needed,
    raw_files,
    shown_as,
    training_settings,
)
from textvae.corpora.minimal_pairs import check_header
from textvae.corpora.sources import Source
from textvae.errors import InputError
from textvae.fce.recipe import Recipe as LanguageModelRecipe
from textvae.measurements import measured_on
from textvae.models.architecture import ModelConfig
from textvae.paper.stand_ins import Stand, parse_stand_ins
from textvae.schemes import Scheme
from textvae.settings import check as settings_check
from textvae.settings import resolve
from textvae.training.config import TrainingConfig


def check(config: Config, schema: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    """InputError, one line, where the configuration is not what the schema or sense allows."""
    yaml_values.check(config)
    validator = _Validator(schema)
    # The deepest error is the one nearest to what a person wrote.
    errors = sorted(validator.iter_errors(config), key=lambda error: -len(error.absolute_path))
    if errors:
        raise InputError(explain(errors[0]))
    for kind in ("corpora", "pairs", "models", "experiments"):
        for name in config[kind]:
            check_name(f"{kind}:", name)
    for name, source in sources.items():
        check_name("config/sources.yaml: source", name)
        for file in source.files:
            _check_parts(f"config/sources.yaml: sources.{name}.files", file.name)
    for name, folder in config.get("pathvars", {}).items():
        _check_parts(f"pathvars.{name}", folder)
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
    _check_stand_ins(config)
    for text, settings in config.get("overrides", {}).items():
        cell = Cell.parse(text)
        _check_settings(f"overrides.{text}", settings)
        for kind, value in (("corpora", cell.corpus), ("models", cell.model)):
            _check_known(config[kind], kind, value, f"overrides.{text}")


def _fullmatch(
    validator: Any, pattern: str, value: Any, schema: Mapping[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    # To Python's `$` a line end is no part of the text before it.
    if isinstance(value, str) and not re.fullmatch(pattern, value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    {"pattern": _fullmatch},
    # To JSON Schema 2.0 is a whole number, to a command line it is none.
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda checker, value: type(value) is int
    ),
)


def _check_parts(where: str, path: str) -> None:
    """Whether a path is of names below a folder, none of which is too long for a file system."""
    for part in path.split("/"):
        if part in ("", ".", ".."):
            raise InputError(f"{where}: {shown(path)} has {part!r} in it, expected names alone")
        if len(part) > LONGEST_NAME:
            most = f"expected {LONGEST_NAME} at the most"
            raise InputError(f"{where}: {part[:40]!r}... has {len(part)} characters, {most}")


def _check_path(where: str, path: str) -> None:
    """Whether a path is of a file that is there."""
    if not path.isprintable():
        raise InputError(f"{where}: {shown(path)} has characters in it that do not show")
    if set("{}") & set(path):
        raise InputError(f"{where}: {shown(path)} has a bracket in it, which Snakemake fills in")
    try:
        there = Path(path).is_file()
    except OSError:  # a name that is too long, for instance
        there = False
    if not there:
        raise InputError(f"{where}: no such file: {path:.300}")


def _check_settings(where: str, settings: Mapping[str, Any]) -> None:
    """What a schema cannot say: that numbers are finite."""
    for cls in (ModelConfig.every(), TrainingConfig.every()):
        _check_finite(where, cls, settings)


def _check_finite(where: str, cls: type, settings: Mapping[str, Any]) -> None:
    try:
        settings_check(resolve(cls, settings))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _check_corpus(where: str, corpus: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    kinds = [kind for kind in ("source", "files", "text", "grammar") if kind in corpus]
    if len(kinds) != 1 and kinds != ["source", "files"]:
        raise InputError(
            f"{where}: got {' and '.join(kinds) or 'no origin'}, expected a source (of"
            " config/sources.yaml), files (three paths), a text (one path) or a grammar"
        )
    if "source" in corpus:
        name = corpus["source"]
        _check_known(sources, "config/sources.yaml", name, f"{where}.source")
        declared = [file.name for file in sources[name].files]
        for split, file in raw_files(corpus).items():
            if file not in declared:
                raise InputError(
                    f"{where}.files.{split}: got {shown(file)}, expected"
                    f" {one_of(declared, file)} (see {name} in config/sources.yaml)"
                )
    elif "files" in corpus:
        for split, path in corpus["files"].items():
            _check_path(f"{where}.files.{split}", path)
    elif "text" in corpus:
        _check_path(f"{where}.text", corpus["text"])
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
        _check_path(f"{where}.file", entry["file"])
        # Now, not after days of training.
        try:
            check_header(Path(entry["file"]))
        except (InputError, OSError) as error:
            raise InputError(f"{where}.file: {error}") from None
    else:
        made_of_it = [name for name, corpus in corpora.items() if "grammar" in corpus]
        name = entry["grammar"]["corpus"]
        _check_known(made_of_it, "corpora: those of the grammar", name, f"{where}.grammar.corpus")


def _check_experiment(config: Config, name: str) -> None:
    entry = config["experiments"][name]
    if (other := name.removesuffix(".bootstrap")) != name and other in config["experiments"]:
        raise InputError(
            f"experiments.{name}: the replicates of {other} have this name, expected another"
        )
    places = ["", *(f".plus[{index}]" for index in range(len(entry.get("plus", []))))]
    for place, group in zip(places, groups(entry), strict=True):
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
    for *_, levels in groups_by_C(config, name):
        if len(levels) > 2 * LONGEST_NAME:
            joined = f"{levels[:40]}... is no name of a file"
            raise InputError(f"experiments.{name}.C: too many for one dictionary: {joined}")
    _check_elbo(config, name, planned)
    _check_decodings(name, entry)
    _check_pairs_named(config, name, entry)
    for measurement in needed(name):
        if measurement not in entry["measurements"]:
            raise InputError(
                f"experiments.{name}.measurements: {measurement} is missing, which"
                f" {shown_as(name)} shows"
            )


def _check_decodings(name: str, entry: Mapping[str, Any]) -> None:
    """What is generated is generated in a decoding; what is not has none."""
    where = f"experiments.{name}"
    of_text = measured_on("text", "fce")
    speaks = shown_as(name) == "table2" or any(
        measurement in entry["measurements"] for measurement in of_text
    )
    if speaks and "decodings" not in entry:
        raise InputError(f"{where}: the key 'decodings' is missing, as in [greedy, nucleus0.9]")
    if "decodings" in entry and not speaks:
        raise InputError(
            f"{where}.decodings: nothing is generated; expected {' or '.join(of_text)} among its"
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
    of_pairs = measured_on("pairs")
    judges = any(measurement in entry["measurements"] for measurement in of_pairs)
    if judges and "pairs" not in entry:
        raise InputError(f"{where}: the key 'pairs' is missing, a name of the section pairs")
    if "pairs" in entry and not judges:
        raise InputError(
            f"{where}.pairs: nothing is measured on them; expected {' or '.join(of_pairs)} among"
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


def _check_stand_ins(config: Config) -> None:
    """The paper's cells, each with one of a corpus and a model that are known."""
    stand_ins = config.get("stand_ins", {})
    try:
        parse_stand_ins(stand_ins.items())
    except InputError as error:
        raise InputError(f"stand_ins: {error}") from None
    for paper, text in stand_ins.items():
        ours = Stand.parse(text)
        for kind, value in (("corpora", ours.corpus), ("models", ours.model)):
            _check_known(config[kind], kind, value, f"stand_ins.{paper}")


def _check_known(known: Collection[str], kind: str, value: str, where: str) -> None:
    if value not in known:
        expected = f"{one_of(known, value)} (see {kind})"
        raise InputError(f"{where}: got {shown(value)}, expected {expected}")
