"""Warn of settings that may be meant, but have an effect that few would expect."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.choice.settings import ChoiceSettings
from textvae.config import model_entry
from textvae.config.combinations import planned_settings, split_size, where_of
from textvae.config.queries import (
    Config,
    cells,
    choice_runs,
    experiments_for_claims,
    model_settings,
)
from textvae.config.registered import uses_C
from textvae.corpora.minimal_pairs import count_pairs
from textvae.corpora.settings import tokenised_twice
from textvae.corpora.sources import is_same_file
from textvae.fce.settings import LanguageModelSettings
from textvae.measurements import measured_on
from textvae.paper.claims.intervals import MIN_REPLICATES
from textvae.paper.exhibit import exhibit_of, exhibits
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.schemes import DecodingStrategy
from textvae.settings import resolve
from textvae.training.objective import Objective

# Fewest lines, test sentences or pairs by which a claim is decided.
_MIN_UNITS = 20
# Settings by which D in training is that of less than is read in measurements.
_NOISE = ("word_dropout", "dropout")
# Settings that D in training is compared with.
_TARGETS_OF_D = ("target_distortion", "target_share")
# Settings of a corpus by which sentences are drawn at random.
_SAMPLED = frozenset({"text", "train_size", "valid_size", "test_size"})


def warnings(config: Config, shipped: Iterable[Config] = ()) -> list[str]:
    """Return a line for each combination that may be meant, but has an effect few would expect.

    shipped: configurations that `config` was merged of; what they define need not be used. Beside
    the targets, the experiments that they do not define are looked at, which may be asked for.
    """
    shipped = list(shipped)
    own = [
        name
        for name in config["experiments"]
        if shipped and not any(name in (one.get("experiments") or ()) for one in shipped)
    ]
    config = {**config, "targets": list(dict.fromkeys((*config["targets"], *own)))}
    planned = planned_settings(config, config["targets"])
    lines = [
        *_of_names(config),
        *_of_corpora(config, planned),
        *_of_trainings(config, planned),
        *_of_searches(config),
        *_of_models(config, planned),
        *_of_overrides(config, planned),
        *_of_measurements(config),
        *_of_claims(config),
        *_of_few(config, planned),
        *_of_generation(config, planned),
        *_of_decodings(config),
        *_of_definitions(config, shipped),
    ]
    return list(dict.fromkeys(lines))


def training_warnings(settings: Mapping[str, Any], C: float) -> Iterator[str]:
    """Yield a line for each combination of a training's settings to be warned of."""
    ramp, epochs = settings.get("ramp_epochs"), settings["epochs"]
    if ramp is not None and ramp == epochs and C > 0:
        yield f"ramp_epochs equals epochs {epochs}, so that C is reached in the last step only"
    noise = next((name for name in _NOISE if 0 < settings.get(name, 0) < 1), None)
    wanted = next((name for name in _TARGETS_OF_D if settings.get(name) is not None), None)
    if noise and wanted:
        yield (
            f"{wanted} is compared with D in training, where {noise} {settings[noise]:g} raises it:"
            " D is lower without"
        )
    if C > 0 and settings.get("beta") == 0 and uses_C(settings):
        yield f"beta is 0, so that the rate has no weight and C = {C:g} no effect"


def size_warnings(settings: Mapping[str, Any], sentences: int) -> Iterator[str]:
    """Yield a line for each setting that makes no sense for a text of two or more sentences."""
    if sentences < 2:
        return
    batch, decay = settings["batch"], settings["decay"]
    if batch > sentences:
        yield f"batch {batch} is more than the {sentences} sentences: one step an epoch"
    steps = settings["epochs"] * -(-sentences // batch)
    if 0 < decay * steps <= 1:
        yield f"decay {decay:g} of {steps} steps is at most one step, and has no effect"
    share = settings.get("held_out")
    if share is not None and share * sentences < 1:
        yield (
            f"held_out {share:g} of {sentences} sentences is less than one: one sentence decides"
            " when to stop"
        )


def early_stopping_warnings(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line if the settings of a language model never let its training stop early."""
    patience, epochs = settings["patience"], settings["epochs"]
    if patience >= epochs > 1:
        yield f"patience {patience} is not below epochs {epochs}: training never stops early"


def _of_names(config: Config) -> Iterator[str]:
    """Yield a line for each target that is named like an exhibit, and shown by none."""
    own = [one for one in exhibits().values() if one.scope == "own"]
    for name in config["targets"]:
        meant = [one for one in own if name.lower().startswith(one.name.lower())]
        if not meant or exhibit_of(name) is not None:
            continue
        one = max(meant, key=lambda one: len(one.name))
        variants = f" or a name that begins with {one.name}-" if one.accepts_variants else ""
        yield f"experiments.{name}: {one.name} does not show it, expected {one.name}{variants}"


def _of_corpora(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for name in dict.fromkeys(cell.corpus for cell in planned):
        corpus = config["corpora"][name]
        files = corpus.get("files") or {}
        held_out = [Path(files[split]) for split in ("valid", "test") if split in files]
        if len(held_out) == 2 and is_same_file(*held_out):
            selecting = dict.fromkeys(
                method
                for cell, settings in planned.items()
                if cell.corpus == name
                for method in _looking_at_valid(settings)
            )
            if any(config["experiments"][each].get("choices") for each in config["targets"]):
                selecting["choices"] = None
            if selecting:
                yield (
                    f"corpora.{name}.files: valid is also test, so that {' and '.join(selecting)}"
                    " select on sentences of the file that is measured"
                )
        if "seed" in corpus and not _SAMPLED.intersection(corpus):
            yield (
                f"corpora.{name}.seed: no effect, nothing is drawn at random without"
                f" {' or '.join(sorted(_SAMPLED))}"
            )
        if line := tokenised_twice(corpus.get("format", ""), corpus.get("normalise", ())):
            yield f"corpora.{name}.normalise: {line}"


def _looking_at_valid(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the methods of a training that decide by validation sentences."""
    objective = OBJECTIVES.declared()[settings["objective"]]
    if objective.of_package and OBJECTIVES[objective.name].looks_after is not Objective.looks_after:
        yield f"objective {objective.name}"
    strategy = STRATEGIES.declared()[settings["strategy"]]
    if strategy.facts.get("selects_on_valid"):
        yield f"strategy {strategy.name}"


def _of_trainings(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for cell, settings in planned.items():
        where = where_of(config, cell)
        for line in training_warnings(settings, cell.C):
            yield f"{where}: {line}"
        known = split_size(config["corpora"][cell.corpus], "test")
        if known is not None and known <= settings["latent"] and _measured(config, "posterior"):
            yield (
                f"{where}.latent: {settings['latent']} dimensions are not fewer than the {known}"
                f" test sentences of {cell.corpus}, so that LogDetCov and the KL of moments are"
                " undefined"
            )


def _of_searches(config: Config) -> Iterator[str]:
    """Yield a line for each combination of a way of choosing C and a model to be warned of."""
    for experiment in config["targets"]:
        for _, model, _, choice in choice_runs(config, experiment):
            way = resolve(ChoiceSettings, config["choices"][choice])
            search = {**model_settings(config, model), **way.model_dump()}
            for line in training_warnings(search, way.max_rate):
                yield f"choices.{choice} for {model}: {line}"


def _of_models(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for name in dict.fromkeys(cell.model for cell in planned):
        own = config["models"][name]
        used = model_entry.resolved(model_entry.inherited(config["models"], name))
        for key in own:
            if key not in used and key != model_entry.BASE:
                yield f"models.{name}.{key}: {model_entry.no_effect(key)}"


def _of_overrides(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for text, override in config.get("overrides", {}).items():
        used = planned.get(Cell.parse(text), override)
        for key in override:
            if key not in used:
                yield f"overrides.{text}.{key}: {model_entry.no_effect(key)}"


def _of_definitions(config: Config, shipped: Sequence[Config]) -> Iterator[str]:
    """Yield a line for each definition of your own that no experiment uses."""
    if not shipped:
        return
    experiments = config["experiments"].values()
    every = [cell for name in config["experiments"] for cell in cells(config, name)]
    named = {entry.get(model_entry.BASE) for entry in config["models"].values()}
    pairs = {entry.get("pairs") for entry in experiments}
    made = {entry.get("grammar", {}).get("corpus") for entry in config["pairs"].values()}
    used = {
        "corpora": {cell.corpus for cell in every} | made,
        "models": {cell.model for cell in every} | named,
        "pairs": pairs,
        "choices": {name for entry in experiments for name in entry.get("choices", ())},
    }
    for kind, names in used.items():
        for name in config.get(kind, ()):
            known = any(name in (one.get(kind) or ()) for one in shipped)
            if name not in names and not known:
                yield f"{kind}.{name}: no experiment uses it"


def _of_measurements(config: Config) -> Iterator[str]:
    for name, settings in config["evaluation"].items():
        replicates = settings.get("bootstrap", 0)
        if 0 < replicates < MIN_REPLICATES and _measured(config, name):
            yield (
                f"evaluation.{name}.bootstrap: {replicates} replicates are too few for an interval"
                f" of 95%, expected 0 or at least {MIN_REPLICATES}"
            )
        sentences = settings.get("sentences")
        if sentences is not None and sentences < _MIN_UNITS and _measured(config, name):
            yield (
                f"evaluation.{name}.sentences: {sentences} are too few for a number to mean much,"
                f" expected at least {_MIN_UNITS}"
            )
        if settings.get("samples") == 1 and name == "likelihood" and _measured(config, name):
            yield (
                "evaluation.likelihood.samples: 1 code makes the importance-weighted likelihood"
                " D + R again, expected more"
            )


def _of_claims(config: Config) -> Iterator[str]:
    """Yield a line for each target that claims leave out."""
    deciding = experiments_for_claims(config)
    for name in config["targets"]:
        if name not in deciding:
            yield (
                f"targets: {name} decides no claim, because it has generated text of other C or"
                " other pairs of the same models than a target before it"
            )


def _of_few(config: Config, planned: Iterable[Cell]) -> Iterator[str]:
    """Yield a line for each number of lines, sentences or pairs by which no claim is decided."""
    few = f"no claim is decided by fewer than {_MIN_UNITS}"
    if (lines := config["generation"]["lines"]) < _MIN_UNITS and _measured(
        config, *measured_on("lines")
    ):
        yield f"generation.lines: {lines} lines through the latent space, and {few}"
    for name in ("sentences", "self_bleu_sentences"):
        generated = config["generation"].get(name)
        if (
            generated is not None
            and generated < _MIN_UNITS
            and _measured(config, *measured_on("text"), *measured_on("fce"))
        ):
            yield f"generation.{name}: {generated} sentences, and {few}"
    for name in dict.fromkeys(cell.corpus for cell in planned):
        known = split_size(config["corpora"][name], "test")
        if known is not None and known < _MIN_UNITS:
            yield f"corpora.{name}: {known} test sentences, and {few}"
    for name in dict.fromkeys(config["experiments"][one].get("pairs") for one in config["targets"]):
        path = config["pairs"].get(name, {}).get("file")
        if path is not None and (pairs := count_pairs(Path(path))) < _MIN_UNITS:
            yield f"pairs.{name}: {pairs} pairs, and {few}"


def _of_generation(config: Config, planned: Iterable[Cell]) -> Iterator[str]:
    asked = _measured(config, *measured_on("fce"))
    recipe = resolve(LanguageModelSettings, config["language_model"])
    if asked:
        for line in early_stopping_warnings(recipe.model_dump()):
            yield f"language_model: {line}"
    sentences = config["generation"].get("sentences")
    if sentences is None:
        return
    of_self_bleu = config["generation"]["self_bleu_sentences"]
    if of_self_bleu > sentences and _measured(config, *measured_on("text")):
        yield (
            f"generation.self_bleu_sentences: {of_self_bleu} is more than generation.sentences,"
            f" so that self-BLEU is of {sentences} sentences"
        )
    if not asked:
        return
    share = recipe.held_out
    if share * sentences < 1:
        yield (
            f"language_model.held_out: {share:g} of the {sentences} sentences of"
            " generation.sentences is less than one, so that one sentence decides when to stop"
        )
    for name in dict.fromkeys(cell.corpus for cell in planned):
        corpus = config["corpora"][name]
        train = corpus.get("train_size") or corpus.get("grammar", {}).get("train")
        if train is not None and train < sentences:
            yield (
                f"generation.sentences: {sentences} is more than the {train} training sentences of"
                f" {name}, so that the floor of real text has fewer"
            )


def _measured(config: Config, *measurements: str) -> bool:
    """Return whether a target has one of these measurements."""
    by_target = [config["experiments"][name]["measurements"] for name in config["targets"]]
    return any(one in names for names in by_target for one in measurements)


def _of_decodings(config: Config) -> Iterator[str]:
    """Yield a line for each strategy of the most probable words that are all there are."""
    for experiment in config["targets"]:
        for name in config["experiments"][experiment].get("decodings", ()):
            top_k = DecodingStrategy.parse(name).top_k
            for corpus in dict.fromkeys(cell.corpus for cell in cells(config, experiment)):
                words = config["corpora"][corpus].get("vocabulary")
                if top_k and words and top_k >= words:
                    yield (
                        f"experiments.{experiment}.decodings: {name} samples from all {words} words"
                        f" of {corpus}, as `sample` does"
                    )
