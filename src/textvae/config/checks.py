"""Validate the workflow's configuration against its schema and across its sections.

An error is one line: the key, the value it got, and the values it takes.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from textvae.cells import MAX_NAME_LENGTH, Cell, check_name
from textvae.choice.settings import ChoiceSettings
from textvae.config import choices, combinations
from textvae.config.files import check_parts
from textvae.config.messages import check_known, check_values, shown
from textvae.config.model_entry import inherited
from textvae.config.queries import (
    Config,
    cells,
    exhibit_name,
    groups,
    groups_across_C,
    measuring_alike,
    needed,
    training_settings,
)
from textvae.config.registered import given_instead_of_C, uses_C
from textvae.config.schema import Section, validated
from textvae.config.texts import check_corpus, check_pairs_entry
from textvae.corpora.sources import Source
from textvae.errors import InputError
from textvae.measurements import measured_on
from textvae.paper.exhibit import compared_experiments, exhibit_of, exhibits_of
from textvae.paper.stand_ins import UnseededCell, parse_stand_ins
from textvae.schemes import DecodingStrategy
from textvae.settings import resolve

# Folders of the workflow, in which results would be among its own files.
_OF_THE_WORKFLOW = frozenset(
    {"benchmarks", "config", "docs", "envs", "findings", "profiles", "src", "tests", "workflow"}
)


def check(config: Config, sources: Mapping[str, Source]) -> Section:
    """Return the configuration with its defaults; InputError, one line, if it is not valid.

    sources: those declared in config/sources.yaml. Extensions must be imported before.
    """
    check_values(config)
    complete = validated(config)
    for kind in ("corpora", "pairs", "models", "experiments", "choices"):
        for name in config.get(kind, {}):
            check_name(f"{kind}:", name)
    for name, source in sources.items():
        check_name("config/sources.yaml: source", name)
        for file in source.files:
            check_parts(f"config/sources.yaml: sources.{name}.files", file.name)
    for name, folder in config.get("pathvars", {}).items():
        check_parts(f"pathvars.{name}", folder)
        first = folder.partition("/")[0]
        if first in _OF_THE_WORKFLOW or first.startswith("."):
            raise InputError(
                f"pathvars.{name}: got {shown(folder)}, but {first}/ is the workflow's own;"
                " expected another folder, as results/mine"
            )
    for name, corpus in config["corpora"].items():
        check_corpus(f"corpora.{name}", corpus, sources)
    for name, entry in config["pairs"].items():
        check_pairs_entry(f"pairs.{name}", entry, config["corpora"], sources)
    for name in config["models"]:
        inherited(config["models"], name)
    choices.check_settings(config)
    for name in config["experiments"]:
        _check_experiment(config, name)
        _check_choices(config, name, config["experiments"][name])
    _check_files(config["experiments"])
    for index, name in enumerate(config["targets"]):
        check_known(config["experiments"], "experiments", name, f"targets[{index}]")
    _check_stand_ins(config)
    _check_compared(config)
    _check_overrides(config)
    combinations.refuse(config)
    for name in config["experiments"]:
        choices.check_searches(config, name)
    _check_seeds(config)
    return complete


def _check_experiment(config: Config, name: str) -> None:
    entry = config["experiments"][name]
    if (other := name.removesuffix(".bootstrap")) != name and other in config["experiments"]:
        raise InputError(
            f"experiments.{name}: got the name of the replicates of {other}, expected another"
        )
    locations = ["", *(f".plus[{index}]" for index in range(len(entry.get("plus", []))))]
    for location, group in zip(locations, groups(entry), strict=True):
        for kind in ("corpora", "models"):
            for index, value in enumerate(group[kind]):
                check_known(
                    config[kind], kind, value, f"experiments.{name}{location}.{kind}[{index}]"
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
    _check_dictionaries(config, name)
    _check_single_C(config, name, planned)
    _check_decodings(name, entry)
    _check_pairs_named(config, name, entry)
    for measurement in needed(name):
        if measurement not in entry["measurements"]:
            raise InputError(
                f"experiments.{name}.measurements: {measurement} is missing, which"
                f" {exhibit_name(name)} shows"
            )


def _check_dictionaries(config: Config, name: str) -> None:
    """Require one dictionary for the synthetic corpora of a model, of all its C and seeds."""
    of_text = any(one in config["experiments"][name]["measurements"] for one in measured_on("fce"))
    known: dict[tuple[str, str], tuple[int, str]] = {}
    for corpus, model, seed, levels in groups_across_C(config, name):
        if len(levels) > 2 * MAX_NAME_LENGTH:
            joined = f"{levels[:40]}... is too long for a file name"
            raise InputError(f"experiments.{name}.C: too many for one dictionary: {joined}")
        first, expected = known.setdefault((corpus, model), (seed, levels))
        if of_text and levels != expected:
            raise InputError(
                f"experiments.{name}: {corpus}/{model} has C {levels} with seed {seed} and"
                f" {expected} with seed {first}, but the dictionary of FCE is that of the synthetic"
                " corpora of every C; expected the same C with every seed"
            )


def _check_decodings(name: str, entry: Mapping[str, Any]) -> None:
    """Require `decodings` exactly if text is generated."""
    where = f"experiments.{name}"
    of_text = measured_on("text", "fce")
    generates = exhibit_name(name) == "table2" or any(
        measurement in entry["measurements"] for measurement in of_text
    )
    if generates and "decodings" not in entry:
        raise InputError(f"{where}: the key 'decodings' is missing, as in [greedy, nucleus0.9]")
    if "decodings" in entry and not generates:
        raise InputError(
            f"{where}.decodings: nothing is generated; expected {' or '.join(of_text)} among its"
            " measurements, or a name that begins with table2"
        )
    for index, decoding in enumerate(entry.get("decodings", [])):
        try:
            DecodingStrategy.parse(decoding)
        except InputError as error:
            raise InputError(f"{where}.decodings[{index}]: {error}") from None


def _check_choices(config: Config, name: str, entry: Mapping[str, Any]) -> None:
    """Require `choices`, of the section, exactly if the experiment's table shows them."""
    where, exhibit = f"experiments.{name}", exhibit_of(name)
    reads = exhibit is not None and "choices" in exhibit.reads
    if reads and "choices" not in entry:
        raise InputError(f"{where}: the key 'choices' is missing, names of the section choices")
    if "choices" in entry and not reads:
        raise InputError(f"{where}.choices: expected a name that begins with automatic-C")
    for index, choice in enumerate(entry.get("choices", [])):
        known = config.get("choices", {})
        check_known(known, "choices", choice, f"{where}.choices[{index}]")
        way = resolve(ChoiceSettings, known[choice])
        if way.by != "fce" and way.also_measure != "fce":
            continue
        decodings = entry.get("decodings", [])
        if "fce" in entry["measurements"] and way.decoding not in decodings:
            raise InputError(
                f"{where}.decodings: got {', '.join(decodings)}, but the FCE of {choice} is of"
                f" {way.decoding}, expected both"
            )


def _check_pairs_named(config: Config, name: str, entry: Mapping[str, Any]) -> None:
    """Require `pairs` exactly if something is measured on minimal pairs."""
    where = f"experiments.{name}"
    of_pairs = measured_on("pairs")
    measured = any(measurement in entry["measurements"] for measurement in of_pairs)
    if measured and "pairs" not in entry:
        raise InputError(f"{where}: the key 'pairs' is missing, a name of the section pairs")
    if "pairs" in entry and not measured:
        raise InputError(
            f"{where}.pairs: nothing is measured on them; expected {' or '.join(of_pairs)} among"
            " its measurements"
        )
    if not measured:
        return
    check_known(config["pairs"], "pairs", entry["pairs"], f"{where}.pairs")
    corpus = config["pairs"][entry["pairs"]].get("grammar", {}).get("corpus")
    for cell in cells(config, name):
        if corpus not in (None, cell.corpus):
            raise InputError(
                f"{where}.pairs: {entry['pairs']} is made for the corpus {corpus}, but the"
                f" experiment also has {cell.corpus}"
            )


def _check_single_C(config: Config, name: str, planned: Iterable[Cell]) -> None:
    """Refuse several C for an objective without C, which would train the same model repeatedly."""
    levels: dict[tuple[str, str, int], float] = {}
    for cell in planned:
        settings = training_settings(config, cell)
        if uses_C(settings):
            continue
        given = f" with {replaced}" if (replaced := given_instead_of_C(settings)) else ""
        first = levels.setdefault((cell.corpus, cell.model, cell.seed), cell.C)
        if first != cell.C or exhibit_name(name) == "figure1":
            raise InputError(
                f"experiments.{name}: {cell.model} has the objective {settings['objective']}"
                f"{given}, which does not use C; expected a single C for such a model, and none in"
                " Figure 1"
            )


def _check_stand_ins(config: Config) -> None:
    """Require that each stand-in replaces a cell of the paper and has a known corpus and model."""
    stand_ins = config.get("stand_ins", {})
    try:
        parse_stand_ins(stand_ins.items())
    except InputError as error:
        raise InputError(f"stand_ins: {error}") from None
    if not stand_ins:
        return
    compared = [name for name in compared_experiments() if name in config["experiments"]]
    planned = {
        str(UnseededCell(one.corpus, one.model, one.C))
        for name in compared or config["experiments"]
        for one in cells(config, name)
    }
    for paper, text in stand_ins.items():
        ours = UnseededCell.parse(text)
        for kind, value in (("corpora", ours.corpus), ("models", ours.model)):
            check_known(config[kind], kind, value, f"stand_ins.{paper}")
        _check_planned(planned, str(ours), f"stand_ins.{paper}", compared)


def _check_compared(config: Config) -> None:
    """Require that the experiments that are compared with the paper measure each cell alike."""
    among = compared_experiments()
    compared = [name for name in config["targets"] if name in among]
    alike = measuring_alike(config, compared)
    for name in compared:
        if name not in alike:
            raise InputError(
                f"experiments.{name}: measures cells of {' or '.join(alike)} over other C or on"
                " other pairs, so that they would have two values in the comparison with the"
                " paper; expected the same, or the measurement in one of them"
            )


def _check_overrides(config: Config) -> None:
    """Require that each override is of a different cell, and that an experiment has that cell."""
    seen: dict[Cell, str] = {}
    for text in config.get("overrides", {}):
        cell = Cell.parse(text)
        for kind, value in (("corpora", cell.corpus), ("models", cell.model)):
            check_known(config[kind], kind, value, f"overrides.{text}")
        _check_planned(map(str, _all_cells(config)), str(cell), f"overrides.{text}")
        if cell in seen:
            raise InputError(f"overrides.{text}: the same cell as {seen[cell]}, expected it once")
        seen[cell] = text


def _check_seeds(config: Config) -> None:
    """Require that overrides are the same for all seeds of a cell, whose mean tables show."""
    for text in config.get("overrides", {}):
        cell = Cell.parse(text)
        settings = training_settings(config, cell)
        for name in config["experiments"]:
            planned = cells(config, name)
            if cell not in planned:
                continue
            for other in planned:
                same = replace(other, seed=cell.seed) == cell
                if same and training_settings(config, other) != settings:
                    raise InputError(
                        f"overrides.{text}: other settings than {other}, which experiments.{name}"
                        " has as well, and tables show the mean over seeds; expected the same"
                        " override for each seed, or a model of its own"
                    )


def _all_cells(config: Config) -> list[Cell]:
    return [cell for name in config["experiments"] for cell in cells(config, name)]


def _check_files(experiments: Iterable[str]) -> None:
    """Require that no two experiments have a file of the same name."""
    owners: dict[str, str] = {}
    for name in experiments:
        for exhibit in exhibits_of(name):
            stem = exhibit.stem(name)
            if (owner := owners.setdefault(stem, name)) != name:
                raise InputError(
                    f"experiments.{name}: its files would be {stem}.*, as those of {owner} are;"
                    " expected another name"
                )


def _check_planned(
    planned: Iterable[str], cell: str, where: str, experiments: Sequence[str] = ()
) -> None:
    """Require that one of the planned cells is this one; suggest those with a similar name.

    experiments: those that have them; not given for all.
    """
    planned = dict.fromkeys(planned)
    if cell not in planned:
        near = ", ".join(difflib.get_close_matches(cell, planned, n=3))
        none, one = "no experiment", "an experiment"
        if experiments:
            none, one = (f"{word} of {', '.join(experiments)}" for word in ("none", "one"))
        raise InputError(
            f"{where}: {none} has the cell {cell}, expected one that {one} has"
            + (f", such as {near}" if near else "")
        )
