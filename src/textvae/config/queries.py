"""Queries on the workflow's configuration, a plain dictionary parsed from YAML.

The configuration must be one that `config.checks` accepts.
"""

import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from textvae.cells import Cell, format_C
from textvae.choice.settings import ChoiceSettings
from textvae.config import model_entry
from textvae.corpora import SPLITS
from textvae.corpora.settings import Preparation
from textvae.fce.settings import LanguageModelSettings
from textvae.measurements import measured_on
from textvae.models.architecture import LanguageModelSizes
from textvae.paper.exhibit import exhibit_of, exhibits_of
from textvae.registry import MEASUREMENTS, PARTS
from textvae.settings import NULL, resolve, specs

Config = Mapping[str, Any]

# Assumed for a corpus without `train_size`. The paper's largest, WIKI, has 2 million.
MAX_SENTENCES = 3_000_000
# Words; of documents in Yahoo and Yelp.
MAX_DOCUMENT_WORDS = 200


def cells(config: Config, experiment: str) -> list[Cell]:
    """Return the cells of an experiment, in the order of its lists, followed by those of `plus`."""
    return [
        Cell(corpus, model, float(C), seed)
        for group in groups(config["experiments"][experiment])
        for corpus in group["corpora"]
        for model in group["models"]
        for C in group["C"]
        for seed in group["seeds"]
    ]


def exhibit_name(experiment: str) -> str | None:
    """Return the exhibit that shows an experiment: figure1 for figure1-mine; None if none does."""
    exhibit = exhibit_of(experiment)
    return exhibit.name if exhibit else None


def needed(experiment: str) -> list[str]:
    """Return the measurements that an experiment's exhibits need."""
    return list(
        dict.fromkeys(need for exhibit in exhibits_of(experiment) for need in exhibit.needs)
    )


def groups_across_C(config: Config, experiment: str) -> list[tuple[str, str, int, str]]:
    """Return (corpus, model, seed, levels) of each set of cells that differ only in C.

    levels: their C, ascending, as in a path: 3-15-100. Their synthetic corpora share a dictionary.
    """
    levels: dict[tuple[str, str, int], set[float]] = {}
    for cell in cells(config, experiment):
        levels.setdefault((cell.corpus, cell.model, cell.seed), set()).add(cell.C)
    return [
        (*group, "-".join(format_C(C) for C in sorted(values))) for group, values in levels.items()
    ]


def experiments_for_claims(config: Config) -> list[str]:
    """Return the targets that claims are decided on, in order."""
    return measuring_alike(config, config["targets"])


def measuring_alike(config: Config, experiments: Iterable[str]) -> list[str]:
    """Return the experiments without those that measure the cells of an earlier one differently.

    Over another dictionary, with other C, or on other pairs, they have other values for the same
    metrics.
    """
    chosen: dict[object, str] = {}
    names = []
    for name in experiments:
        entry = config["experiments"][name]
        variants: dict[object, str] = {}
        if any(one in entry["measurements"] for one in measured_on("fce")):
            groups = groups_across_C(config, name)
            variants |= {(corpus, model, seed): levels for corpus, model, seed, levels in groups}
        if any(one in entry["measurements"] for one in measured_on("pairs")):
            variants |= dict.fromkeys(cells(config, name), entry["pairs"])
        if all(chosen.get(key, variant) == variant for key, variant in variants.items()):
            chosen |= variants
            names.append(name)
    return names


def preparation_settings(config: Config, corpus: str) -> dict[str, Any]:
    """Return the settings of a corpus's preparation, without where its text comes from."""
    own = {one.name for one in specs(Preparation)}
    return {key: value for key, value in config["corpora"][corpus].items() if key in own}


def measurement_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of a measurement, from `evaluation` and `generation`."""
    own = {one.name for one in MEASUREMENTS.declared()[name].specs}
    shared = {"self_bleu_sentences": config["generation"]["self_bleu_sentences"]}
    settings = {key: value for key, value in shared.items() if key in own}
    return settings | config["evaluation"].get(name, {})


def model_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of a model's entry, with inherited ones and defaults.

    They are the shared settings and those of the parts that the entry selects.
    """
    return model_entry.resolved(model_entry.inherited(config["models"], model))


def training_settings(config: Config, cell: Cell) -> dict[str, Any]:
    """Return the settings that a cell's training depends on: its model's, and its overrides.

    All settings are present, in canonical order and form, whether or not an entry gives them, so
    that equivalent configurations retrain nothing.
    """
    settings = model_entry.inherited(config["models"], cell.model)
    for text, override in config.get("overrides", {}).items():
        if Cell.parse(text) == cell:
            settings |= override
    return model_entry.resolved(settings)


def overrides_note(config: Config, experiment: str) -> str:
    """Return a sentence on the cells of an experiment with other settings than their model's.

    "" if there are none.
    """
    shown = set(cells(config, experiment))
    notes = []
    for text in config.get("overrides", {}):
        cell = Cell.parse(text)
        if cell not in shown:
            continue
        own = training_settings(config, cell)
        usual = model_entry.resolved(model_entry.inherited(config["models"], cell.model))
        if other := [f"{name} {own[name]}" for name in own if own[name] != usual.get(name)]:
            notes.append(f"{cell} ({', '.join(other)})")
    return f"With other settings than their model: {'; '.join(notes)}." if notes else ""


def choice_settings(config: Config, name: str, model: str) -> dict[str, Any]:
    """Return the settings of a way of choosing C and of the models that it trains.

    Those of an objective other than the paper's are left out: the search sets the objective.
    """
    own = resolve(ChoiceSettings, config["choices"][name]).model_dump()
    entry = model_entry.inherited(config["models"], model) | {"objective": "rate-target"}
    trained = model_entry.resolved(entry)
    return own | {name: value for name, value in trained.items() if name != "objective"}


def choice_runs(config: Config, experiment: str) -> list[tuple[str, str, int, str]]:
    """Return (corpus, model, seed, choice) of each choice of C that an experiment compares."""
    entry = config["experiments"][experiment]
    runs = [
        (corpus, model, seed, choice)
        for group in groups(entry)
        for corpus in group["corpora"]
        for model in group["models"]
        for seed in group["seeds"]
        for choice in entry.get("choices", [])
    ]
    # Groups may have other C of the same.
    return list(dict.fromkeys(runs))


def language_model_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of the language models of a model's generated text.

    Their sizes are those of the model's decoder (paper, section 3.3.2).
    """
    decoder = model_settings(config, model)
    sizes = {one.name: decoder[one.name] for one in specs(LanguageModelSizes)}
    return sizes | resolve(LanguageModelSettings, config["language_model"]).model_dump()


def unconditional_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of the unconditional language model that a decoder is compared with.

    It has the decoder's epochs, batch size and learning rate, and the early stopping of the other
    language models.
    """
    trained = model_settings(config, model)
    same = ("epochs", "batch", "learning_rate", "decay", "precision")
    return language_model_settings(config, model) | {name: trained[name] for name in same}


def work(config: Config, corpus: str, model: str) -> int:
    """Return the relative duration of a training: an upper bound on words read, in thousands.

    A corpus without `train_size` is assumed to have MAX_SENTENCES sentences, and one without
    `longest` to consist of documents.
    """
    entry = config["corpora"][corpus]
    sentences = entry.get("train_size") or entry.get("grammar", {}).get("train") or MAX_SENTENCES
    words = sentences * (entry.get("longest") or MAX_DOCUMENT_WORDS)
    return model_settings(config, model)["epochs"] * words // 1000


def raw_files(corpus: Mapping[str, Any]) -> dict[str, str]:
    """Return split -> file of a corpus's entry: your own path, or a name below its origin."""
    return dict(corpus.get("files", {split: f"{split}.txt" for split in SPLITS}))


def flags(settings: Mapping[str, Any]) -> str:
    """Return settings as command-line flags: {"learning_rate": 1e-4} as `--learning-rate 0.0001`.

    A list or tuple becomes several words. Null and empty ones are left out where they are the
    default.
    """
    words = []
    for name, value in settings.items():
        several = isinstance(value, (list, tuple))
        if (value is None or (several and not value)) and name not in _with_a_value():
            continue
        flag, texts = "--" + name.replace("_", "-"), [*map(_word, value if several else [value])]
        if not several and texts[0].startswith("-"):
            # As a word of its own it would be another flag.
            words.append(f"{flag}={texts[0]}")
        else:
            words += [flag, *texts]
    return shlex.join(words)


def _word(value: Any) -> str:
    if value is None:
        return NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _with_a_value() -> frozenset[str]:
    """Return the settings that may be null or empty, and by default are not (of extensions)."""
    every = (
        one
        for registry in (*PARTS, MEASUREMENTS)
        for known in registry.declared().values()
        for one in known.specs
    )
    return frozenset(
        one.name
        for one in every
        if (one.optional and one.default is not None) or (one.many and one.default)
    )


def groups(experiment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the groups of cells of an experiment's entry, each with all four lists."""
    return [experiment, *({**experiment, **group} for group in experiment.get("plus", []))]
