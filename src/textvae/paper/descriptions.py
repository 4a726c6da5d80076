"""Read config.json of trained cells and statistics.json of corpora."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from textvae.cells import Cell, format_C
from textvae.config.registered import given_instead_of_C, posterior_uses_C
from textvae.errors import InputError
from textvae.io import read_json
from textvae.paper.json_values import (
    cell_of,
    digits_of,
    finite_number,
    json_object,
    read_object,
    text,
    whole_number,
)
from textvae.paper.rows import Row
from textvae.registry import OBJECTIVES
from textvae.spec import Spec

_SPLITS = ("train", "valid", "test")


# Encoders and decoders of the paper's models.
PAPERS_ENCODERS = ("lstm", "gru")
PAPERS_DECODERS = ("lstm", "gru", "cnn")
# The paper's models (section 3): name -> encoder and decoder.
PAPERS_MODELS = {"lstm": ("lstm", "lstm"), "gru": ("gru", "gru"), "cnn": ("lstm", "cnn")}


class Parts(NamedTuple):
    """What a model has beside its objective; by default as in the paper.

    decoder, encoder: "" for one of the paper's.
    """

    posterior: str = "diagonal-gaussian"
    prior: str = "standard-normal"
    strategy: str = "standard"
    decoder: str = ""
    encoder: str = ""

    @property
    def others(self) -> dict[str, str]:
        """Return kind -> name of the parts that are not the paper's."""
        own = zip(self._fields, self, PAPERS_PARTS, strict=True)
        return {kind: name for kind, name, usual in own if name != usual}

    @property
    def title(self) -> str:
        """Return what differs from the paper: prior gaussian-mixture."""
        return ", ".join(f"{kind} {name}" for kind, name in self.others.items())


PAPERS_PARTS = Parts()


@dataclass(frozen=True)
class ModelConfig:
    """The names of a model's parts, objective and strategy, and beta if the objective has one."""

    encoder: str
    decoder: str
    objective: str
    beta: float | None
    # By default those of the paper, which files of earlier versions do not name.
    posterior: str = field(default=PAPERS_PARTS.posterior, kw_only=True)
    prior: str = field(default=PAPERS_PARTS.prior, kw_only=True)
    strategy: str = field(default=PAPERS_PARTS.strategy, kw_only=True)
    # Whether the posterior has the rate C, whatever the objective.
    committed: bool = field(default=False, kw_only=True)
    # Whether a setting of the objective replaces C.
    given_target: bool = field(default=False, kw_only=True)

    @property
    def architecture(self) -> str:
        """Return encoder and decoder: LSTM-CNN."""
        return f"{self.encoder}-{self.decoder}".upper()

    @property
    def parts(self) -> Parts:
        """Return posterior, prior and strategy, and what is not of the paper of the others."""
        decoder = "" if self.decoder in PAPERS_DECODERS else self.decoder
        encoder = "" if self.encoder in PAPERS_ENCODERS else self.encoder
        return Parts(self.posterior, self.prior, self.strategy, decoder, encoder)

    @property
    def of_the_paper(self) -> bool:
        """Return whether all parts but the objective are the paper's."""
        return self.parts == PAPERS_PARTS

    @property
    def has_target(self) -> bool:
        """Return whether objective or posterior aim at C; with the plain ELBO neither does."""
        return self.committed or self.objective_has_target

    @property
    def objective_has_target(self) -> bool:
        """Return whether the objective aims at C."""
        known = OBJECTIVES.declared()[self.objective]
        return bool(known.facts.get("uses_C", True)) and not self.given_target

    @property
    def title(self) -> str:
        """Return the name of the objective in tables and figures."""
        return str(OBJECTIVES.declared()[self.objective].facts.get("title", self.objective))


@dataclass(frozen=True)
class TrainedCell:
    """A trained cell with its configuration, sizes and number of epochs.

    hidden: units of the recurrent state. latent: dimensions of z. weights, corpus: identify the
    training and its text; "" if not recorded. vocabulary: SHA-256 of vocabulary.txt. settings: all
    settings of its parts and training.
    """

    cell: Cell
    config: ModelConfig
    hidden: int
    latent: int
    epochs: int
    weights: str = ""
    corpus: str = ""
    vocabulary: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def objective_settings(self) -> tuple[Spec, ...]:
        """Return the settings of its objective, as they are declared."""
        return OBJECTIVES.declared()[self.config.objective].specs


def read_cells(paths: Iterable[Path]) -> dict[Cell, TrainedCell]:
    """Read the config.json of each cell; InputError if one is invalid or repeats a cell."""
    cells: dict[Cell, TrainedCell] = {}
    for path in paths:
        trained = read_config(path)
        if trained.cell in cells:
            raise InputError(
                f"{path}: describes {trained.cell}, which another file describes already"
            )
        cells[trained.cell] = trained
    return cells


def other_than_the_papers(trained: TrainedCell) -> str:
    """Return in what a model of the paper's name is not the paper's: hidden 8; "" if in nothing.

    Sizes, epochs, learning rate and parts count, but no settings that the paper does not give.
    """
    encoder, decoder = PAPERS_MODELS[trained.cell.model]
    papers = {"encoder": encoder, "decoder": decoder, "hidden": 512, "latent": 64, "epochs": 10}
    papers |= {"embedding": 256, "objective": "rate-target", "beta": 1, "strategy": "standard"}
    papers |= {"posterior": PAPERS_PARTS.posterior, "prior": PAPERS_PARTS.prior}
    papers |= {"learning_rate": 1e-4 if decoder == "cnn" else 85e-5}
    for name, value in papers.items():
        found = trained.settings.get(name, value)
        if found != value:
            return f"{name} {found}, the paper has {value}"
    return ""


def config_of(row: Row, configs: Mapping[Cell, ModelConfig]) -> ModelConfig:
    """Return the configuration that the row's cells share.

    InputError if that of a cell is not given, or the seeds differ in it.
    """
    for cell in row.cells:
        if cell not in configs:
            raise InputError(f"{cell}: is measured, but its config.json is not given")
    shared = {configs[cell] for cell in row.cells}
    if len(shared) > 1:
        raise InputError(
            f"{row.corpus}/{row.model}/C{format_C(row.C)}: its seeds differ in their parts, "
            "objective or beta, expected one of each"
        )
    return shared.pop()


def read_config(path: Path) -> TrainedCell:
    """Read a config.json; InputError if it is not the configuration of a model."""
    content = read_json(path)
    try:
        return _trained_cell(json_object(content, "the file"))
    except InputError as error:
        raise InputError(f"{path}: not the configuration of a model ({error})") from None


def _trained_cell(content: dict) -> TrainedCell:
    cell = cell_of(content.get("cell"))
    architecture = json_object(content.get("architecture"), "'architecture'")
    training = json_object(content.get("training"), "'training'")
    recipe = json_object(training.get("recipe"), "'recipe'")
    objective = text(recipe.get("objective"), "'objective'")
    if objective not in OBJECTIVES.names():
        raise InputError(f"'objective': {OBJECTIVES.unknown(objective)}")
    settings = {name: hashable(value) for name, value in {**architecture, **recipe}.items()}
    weighted = any(setting.name == "beta" for setting in OBJECTIVES.declared()[objective].specs)
    config = ModelConfig(
        encoder=text(architecture.get("encoder"), "'encoder'"),
        decoder=text(architecture.get("decoder"), "'decoder'"),
        objective=objective,
        beta=finite_number(recipe.get("beta"), "'beta'") if weighted else None,
        **{
            name: text(settings[name], f"{name!r}")
            for name in ("posterior", "prior", "strategy")
            if name in settings
        },
        committed=posterior_uses_C(settings),
        given_target=given_instead_of_C(settings) is not None,
    )
    if config.beta is not None and config.beta < 0:
        raise InputError(f"beta {config.beta} is not a number of at least 0")
    hidden, latent = (
        whole_number(architecture.get(name), f"{name!r}", minimum=1)
        for name in ("hidden", "latent")
    )
    epochs = whole_number(recipe.get("epochs"), "'epochs'", minimum=1)
    vocabulary = json_object(content.get("vocabulary", {}), "'vocabulary'")
    return TrainedCell(
        *(cell, config, hidden, latent, epochs),
        weights=digits_of(content, "weights"),
        corpus=_digest(training.get("corpus"), "'corpus' of 'training'"),
        vocabulary=_digest(vocabulary.get("sha256"), "'sha256' of 'vocabulary'"),
        settings=settings,
    )


def hashable(value: Any) -> Any:
    """Return a setting as read from JSON, with tuples in place of lists.

    InputError for a mapping, which no setting is.
    """
    if isinstance(value, dict):
        raise InputError(f"a setting is {value!r:.40}, expected a number, a text or a list")
    return tuple(map(hashable, value)) if isinstance(value, list) else value


def _digest(value: Any, what: str) -> str:
    return "" if value is None else text(value, what)


def read_sizes(paths: Iterable[Path]) -> dict[str, dict[str, float]]:
    """Read corpus -> metric (train_sentences, ..., vocabulary_size) -> value from statistics.json.

    The metrics include test_mean_length, in words, if the file has it.
    InputError names a file that is not corpus statistics or repeats a corpus.
    """
    sizes: dict[str, dict[str, float]] = {}
    first: dict[str, Path] = {}
    for path in paths:
        corpus, counts = read_object(path, "statistics of a corpus", _sizes)
        if first.setdefault(corpus, path) is not path:
            raise InputError(f"{path}: describes the corpus {corpus}, as {first[corpus]} does")
        sizes[corpus] = counts
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


def read_corpus_notes(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return a note per corpus on repeated sentences and unknown words, from statistics.json.

    It ends with what was noted when the corpus was prepared. No note for a file without these
    counts, of an earlier version.
    """
    noted = [read_object(path, "statistics of a corpus", _corpus_note) for path in paths]
    return tuple(note for note in noted if note)


def _corpus_note(content: dict[str, Any]) -> str:
    splits = json_object(content.get("splits"), "'splits'")
    held_out, unknown = [], []
    for split in _SPLITS:
        counted = json_object(splits.get(split), f"'{split}' of 'splits'")
        if "in_train" in counted:
            repeated = _count(counted["in_train"], f"'in_train' of '{split}'")
            sentences = _count(counted.get("sentences"), f"'sentences' of '{split}'")
            share = 100 * repeated / max(1, sentences)
            held_out.append(f"{int(repeated):,} ({share:.1f}%) of {split}")
        percent = finite_number(counted.get("unk_percent", 0), f"'unk_percent' of '{split}'")
        unknown.append(f"{percent:.1f}% of {split}")
    if not held_out:
        return ""
    name = text(content.get("name"), "'name'")
    noted = json_object(content.get("notes", {}), "'notes'")
    clauses = (
        f"{name}: sentences that are also in train: {', '.join(held_out)}",
        f"words that are <unk>: {', '.join(unknown)}",
        # Without the advice for a next preparation.
        *(text(note, f"{key!r} of 'notes'").partition("; ")[0] for key, note in noted.items()),
    )
    return f"{'; '.join(clauses)}."


def _count(value: Any, what: str) -> float:
    """Return a count as a float; InputError if it is not a whole number, or too large for one."""
    return finite_number(whole_number(value, what), what)
