"""Validate the workflow's configuration against its schema and across its sections.

An error is one line: the key, the value it got, and the values it takes.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from textvae.cache import check_once, sha256
from textvae.cells import MAX_NAME_LENGTH, Cell, check_name
from textvae.choice.settings import ChoiceSettings
from textvae.config import choices, combinations
from textvae.config.files import check_parts, check_path
from textvae.config.messages import check_values, one_of, shown
from textvae.config.model_entry import inherited
from textvae.config.queries import (
    Config,
    cells,
    exhibit_name,
    groups,
    groups_across_C,
    measuring_alike,
    needed,
    raw_files,
    training_settings,
)
from textvae.config.registered import given_instead_of_C, uses_C
from textvae.config.schema import Section, validated
from textvae.corpora.labels import check_label
from textvae.corpora.minimal_pairs import check_pairs
from textvae.corpora.sentences import check_language
from textvae.corpora.sources import Source, check_held_out_files
from textvae.errors import InputError
from textvae.measurements import measured_on
from textvae.paper.exhibit import compared_experiments, exhibit_of, exhibits_of
from textvae.paper.stand_ins import UnseededCell, parse_stand_ins
from textvae.provenance import SOURCE, digest
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
        if (first := folder.partition("/")[0]) in _OF_THE_WORKFLOW:
            raise InputError(
                f"pathvars.{name}: got {shown(folder)}, but {first}/ is the workflow's own;"
                " expected another folder, as results/mine"
            )
    for name, corpus in config["corpora"].items():
        _check_corpus(f"corpora.{name}", corpus, sources)
    for name, entry in config["pairs"].items():
        _check_pairs(f"pairs.{name}", entry, config["corpora"], sources)
    for name in config["models"]:
        inherited(config["models"], name)
    choices.check_settings(config)
    for name in config["experiments"]:
        _check_experiment(config, name)
        _check_choices(config, name, config["experiments"][name])
    _check_files(config["experiments"])
    for index, name in enumerate(config["targets"]):
        _check_known(config["experiments"], "experiments", name, f"targets[{index}]")
    _check_stand_ins(config)
    _check_compared(config)
    _check_overrides(config)
    combinations.refuse(config)
    for name in config["experiments"]:
        choices.check_searches(config, name)
    _check_seeds(config)
    return complete


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
            check_path(f"{where}.files.{split}", path)
    elif "text" in corpus:
        check_path(f"{where}.text", corpus["text"])
    _check_digests(where, corpus)
    if "files" in corpus:
        try:
            check_held_out_files({split: Path(path) for split, path in corpus["files"].items()})
        except InputError as error:
            raise InputError(f"{where}.files: {error}") from None
    try:
        check_language(corpus.get("split_sentences"))
    except InputError as error:
        raise InputError(f"{where}.split_sentences: {error}") from None
    try:
        check_label(corpus.get("format", "plain"), corpus.get("label"))
    except InputError as error:
        raise InputError(f"{where}.label: {error}") from None
    if "grammar" in corpus:
        _check_grammar_corpus(where, corpus)
    shortest, longest = corpus.get("shortest", 1), corpus.get("longest")
    if longest is not None and longest < shortest:
        raise InputError(
            f"{where}: got longest {longest} and shortest {shortest}, expected longest >= shortest"
        )


def _check_digests(where: str, corpus: Mapping[str, Any]) -> None:
    """Require that files of your own have the SHA-256 that the entry gives."""
    digests = corpus.get("sha256", {})
    if digests and ("files" not in corpus or "source" in corpus):
        raise InputError(
            f"{where}.sha256: got checksums, expected files of your own, three paths; those of a"
            " source are in config/sources.yaml"
        )
    for split, expected in digests.items():
        path = corpus["files"][split]
        if (found := sha256(Path(path))) != expected:
            raise InputError(
                f"{where}.files.{split}: {path:.300} has the SHA-256 {found}, expected {expected}"
                f" ({where}.sha256.{split})"
            )


def _check_grammar_corpus(where: str, corpus: Mapping[str, Any]) -> None:
    """Require that preparation keeps all sentences of the grammar, as their probabilities do."""
    kept = {"format": "plain", "label": None, "split_sentences": None, "normalise": []}
    kept |= {"shortest": 1, "longest": None, "vocabulary": None, "test_size": None}
    for key, value in kept.items():
        if (given := corpus.get(key, value)) == value:
            continue
        if key == "test_size" and given >= corpus["grammar"]["test"]:
            continue
        raise InputError(
            f"{where}.{key}: got {shown(given)}, expected none: sentences of the grammar are"
            " compared with their probabilities, and all must be kept as they are"
            + (f"; grammar.{key[:-5]} gives their number" if key.endswith("_size") else "")
        )


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
        section = "config/sources.yaml: those of pickles"
        _check_known(pickles, section, entry["source"], f"{where}.source")
    elif "file" in entry:
        check_path(f"{where}.file", entry["file"])
        # Read all of it now, not after days of training.
        try:
            check_once(Path(entry["file"]), _version_of_pairs(), check_pairs)
        except (InputError, OSError) as error:
            raise InputError(f"{where}.file: {error}") from None
    else:
        grammars = [name for name, corpus in corpora.items() if "grammar" in corpus]
        name = entry["grammar"]["corpus"]
        _check_known(grammars, "corpora: those of the grammar", name, f"{where}.grammar.corpus")


@cache
def _version_of_pairs() -> str:
    """Return a digest of the code that reads minimal pairs."""
    return digest(SOURCE, check_pairs.__module__)


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
                _check_known(
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
        _check_known(known, "choices", choice, f"{where}.choices[{index}]")
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
    _check_known(config["pairs"], "pairs", entry["pairs"], f"{where}.pairs")
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
    for paper, text in stand_ins.items():
        ours = UnseededCell.parse(text)
        for kind, value in (("corpora", ours.corpus), ("models", ours.model)):
            _check_known(config[kind], kind, value, f"stand_ins.{paper}")
        compared = [name for name in config["experiments"] if name in compared_experiments()]
        planned = {
            str(UnseededCell(one.corpus, one.model, one.C))
            for name in compared or config["experiments"]
            for one in cells(config, name)
        }
        _check_planned(planned, str(ours), f"stand_ins.{paper}", compared)


def _check_compared(config: Config) -> None:
    """Require that the experiments that are compared with the paper measure each cell alike."""
    compared = [name for name in config["targets"] if name in compared_experiments()]
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
            _check_known(config[kind], kind, value, f"overrides.{text}")
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


def _check_known(known: Collection[str], kind: str, value: str, where: str) -> None:
    if value not in known:
        expected = f"{one_of(known, value)} (see {kind})"
        raise InputError(f"{where}: got {shown(value)}, expected {expected}")
