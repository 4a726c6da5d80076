"""Settings that are valid alone and make no sense together: refused, or worth a warning.

What depends on the size of a text that is not known at planning, is checked by the commands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.config import model_entry
from textvae.config.queries import Config, cells, training_settings
from textvae.config.registered import given_rate_fault, uses_C, weight_fault
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.pcfg import length_bounds
from textvae.corpora.minimal_pairs import count_pairs
from textvae.corpora.sources import is_same_file
from textvae.errors import InputError
from textvae.fce.settings import LanguageModelSettings
from textvae.measurements import measured_on
from textvae.models.limits import part_fault
from textvae.paper.claims.intervals import MIN_REPLICATES
from textvae.paper.exhibit import exhibit_of, exhibits
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.schemes import DecodingStrategy
from textvae.settings import resolve
from textvae.training.objective import Objective

# Fewest lines, test sentences or pairs by which a claim is decided.
_MIN_UNITS = 20
# Settings of parts that are another method at 0.
_EFFECTIVE = (
    *("svi_steps", "word_dropout", "bag_weight", "aggressive_share", "free_nats"),
    *("delta_rate", "batch_norm_gamma", "vmf_concentration"),
)
# Strategies that train the encoder in a way of their own.
# Settings by which D in training is that of less than is read in measurements.
_NOISE = ("word_dropout", "dropout")
_OF_THE_ENCODER = ("aggressive", "pretrained-encoder")


def refuse(config: Config) -> None:
    """Raise InputError at the first combination that makes no sense in a planned cell."""
    for cell, settings in _planned(config, config["experiments"]).items():
        corpus = config["corpora"][cell.corpus]
        if fault := (
            training_fault(settings, cell.C)
            or void_fault(settings)
            or objective_fault(settings, cell.C)
            or job_fault(settings, split_size(corpus, "train"), split_size(corpus, "valid"))
            or part_fault(settings, cell.C, longest(corpus))
        ):
            raise InputError(f"{_where(config, cell)}: {fault}")


def refuse_by_extensions(config: Config) -> None:
    """Raise InputError at the first planned cell whose objective or strategy refuses its settings.

    Those of extensions, too: their files are imported, and may import torch.
    """
    for cell, settings in _planned(config, config["experiments"]).items():
        corpus = config["corpora"][cell.corpus]
        sizes = split_size(corpus, "train"), split_size(corpus, "valid")
        fault = objective_fault(settings, cell.C, of_extensions=True)
        if fault := fault or job_fault(settings, *sizes, of_extensions=True):
            raise InputError(f"{_where(config, cell)}: {fault}")


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
    planned = _planned(config, config["targets"])
    lines = [
        *_of_names(config),
        *_of_corpora(config, planned),
        *_of_trainings(config, planned),
        *_of_models(config, planned),
        *_of_overrides(config, planned),
        *_of_measurements(config),
        *_of_few(config, planned),
        *_of_generation(config, planned),
        *_of_decodings(config),
        *_of_definitions(config, shipped),
    ]
    return list(dict.fromkeys(lines))


def training_fault(settings: Mapping[str, Any], C: float) -> str | None:
    """Return why the settings of a training make no sense together; None if they do."""
    ramp, epochs = settings.get("ramp_epochs"), settings["epochs"]
    if ramp is not None and ramp > epochs and C > 0:
        return (
            f"ramp_epochs {ramp:g} is more than epochs {epochs}, so that C would only rise to"
            f" {C * epochs / ramp:.3g} of {C:g}; expected ramp_epochs below epochs"
        )
    return None


def void_fault(settings: Mapping[str, Any]) -> str | None:
    """Return why a chosen part has no effect, as a message; None if it has one.

    Trainings in Python may have such settings, as the limit of a method.
    """
    for name in _EFFECTIVE:
        if settings.get(name) == 0:
            return f"{name} 0 leaves its method without effect, expected more than 0"
    if settings.get("pretraining") == settings.get("pretraining_rise") == 0:
        return "pretraining 0 and pretraining_rise 0 have no effect, expected more than 0"
    if settings.get("mixture_components") == 1:
        return "mixture_components 1 is N(0, I) after standardisation, expected more"
    strategy = settings.get("strategy")
    if strategy in _OF_THE_ENCODER and settings.get("posterior") == "constant":
        return f"strategy {strategy} trains an encoder, which the posterior constant does not read"
    if strategy == "pretrained-encoder" and settings.get("beta") == 0:
        return "strategy pretrained-encoder has no effect with beta 0, which the rate has at first"
    return given_rate_fault(settings) or weight_fault(settings)


def objective_fault(
    settings: Mapping[str, Any], C: float, of_extensions: bool = False
) -> str | None:
    """Return why objective or strategy of a training cannot be used with C; None if they can.

    of_extensions: whether those of extensions are checked, too, which imports their files.
    """
    for registry in (OBJECTIVES, STRATEGIES):
        name = settings[registry.kind]
        if not (of_extensions or registry.declared()[name].of_package):
            continue
        chosen = registry[name]
        if reason := chosen.check(resolve(chosen.Settings, settings), C):
            return f"{name}: {reason}"
    return None


def job_fault(
    settings: Mapping[str, Any],
    sentences: int | None,
    valid: int | None,
    of_extensions: bool = False,
) -> str | None:
    """Return why the objective of a training cannot be used in it; None if it can.

    sentences, valid: those of the training and validation split, at most; None if unknown.
    """
    name = settings["objective"]
    if not (of_extensions or OBJECTIVES.declared()[name].of_package):
        return None
    steps = None if sentences is None else steps_of(settings, sentences)
    chosen = OBJECTIVES[name]
    fault = chosen.check_job(resolve(chosen.Settings, settings), settings, steps, valid)
    return fault and f"{name}: {fault}"


def steps_of(settings: Mapping[str, Any], sentences: int) -> int:
    """Return the number of steps of a training on `sentences` sentences."""
    return settings["epochs"] * -(-sentences // settings["batch"])


def split_size(corpus: Mapping[str, Any], split: str) -> int | None:
    """Return an upper bound on the sentences of a split, None if it is not known."""
    known = [corpus.get(f"{split}_size"), corpus.get("grammar", {}).get(split)]
    return min((size for size in known if size is not None), default=None)


def training_warnings(settings: Mapping[str, Any], C: float) -> Iterator[str]:
    """Yield a line for each combination of a training's settings to be warned of."""
    ramp, epochs = settings.get("ramp_epochs"), settings["epochs"]
    if ramp is not None and ramp == epochs and C > 0:
        yield f"ramp_epochs equals epochs {epochs}, so that C is reached in the last step only"
    noise = next((name for name in _NOISE if 0 < settings.get(name, 0) < 1), None)
    if noise and settings.get("target_distortion") is not None:
        yield (
            f"target_distortion is compared with D in training, where {noise} {settings[noise]:g}"
            " raises it: D is lower without"
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


def _planned(config: Config, experiments: Iterable[str]) -> dict[Cell, dict[str, Any]]:
    """Return the settings of each cell of the experiments."""
    every = dict.fromkeys(cell for name in experiments for cell in cells(config, name))
    return {cell: training_settings(config, cell) for cell in every}


def _where(config: Config, cell: Cell) -> str:
    for text in config.get("overrides", {}):
        if Cell.parse(text) == cell:
            return f"overrides.{text}"
    return f"models.{cell.model}"


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
                    " select on the sentences that are measured"
                )
        if corpus.get("format") == "webtext" and "tokenise" in corpus.get("normalise", ()):
            yield (
                f"corpora.{name}.normalise: tokenise has no effect, `format: webtext` tokenises;"
                " `json-lines` does not"
            )


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
        where = _where(config, cell)
        for line in training_warnings(settings, cell.C):
            yield f"{where}: {line}"
        known = split_size(config["corpora"][cell.corpus], "test")
        if known is not None and known <= settings["latent"] and _measured(config, "posterior"):
            yield (
                f"{where}.latent: {settings['latent']} dimensions are not fewer than the {known}"
                f" test sentences of {cell.corpus}, so that LogDetCov and the KL of moments are"
                " undefined"
            )


def _of_models(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for name in dict.fromkeys(cell.model for cell in planned):
        own = config["models"][name]
        used = model_entry.resolved(model_entry.inherited(config["models"], name))
        for key in own:
            if key not in used and key != model_entry.BASE:
                yield f"models.{name}.{key}: {no_effect(key)}"


def _of_overrides(config: Config, planned: Mapping[Cell, dict[str, Any]]) -> Iterator[str]:
    for text, override in config.get("overrides", {}).items():
        used = planned.get(Cell.parse(text), override)
        for key in override:
            if key not in used:
                yield f"overrides.{text}.{key}: {no_effect(key)}"


def no_effect(key: str) -> str:
    """Return, as the end of a message, which parts a setting belongs to."""
    parts = " or ".join(f"the {kind} {part}" for kind, part in model_entry.owners(key))
    return f"has no effect, it is a setting of {parts}"


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
    }
    for kind, names in used.items():
        for name in config[kind]:
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
    sentences = config["generation"].get("sentences")
    if sentences is None:
        return
    of_self_bleu = config["generation"]["self_bleu_sentences"]
    if of_self_bleu > sentences and _measured(config, *measured_on("text")):
        yield (
            f"generation.self_bleu_sentences: {of_self_bleu} is more than generation.sentences,"
            f" so that self-BLEU is of {sentences} sentences"
        )
    if not _measured(config, *measured_on("fce")):
        return
    share = resolve(LanguageModelSettings, config["language_model"]).held_out
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


def longest(corpus: Mapping[str, Any]) -> int | None:
    """Return the most words that a sentence of a corpus may have, None if it is not known."""
    return _longest_of_grammar() if "grammar" in corpus else corpus.get("longest")


@cache
def _longest_of_grammar() -> int:
    return length_bounds(english_like())[1]


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
