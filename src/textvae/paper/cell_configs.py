"""What a trained cell is, as `config.json` beside its weights says."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.io import read_json
from textvae.paper.json_values import cell_of, finite_number, json_object, text, whole_number
from textvae.registry import OBJECTIVES


@dataclass(frozen=True)
class ModelConfig:
    """The parts of a model by name, its objective (D + beta R or D + beta |R - C|) and its beta."""

    encoder: str
    decoder: str
    objective: str
    beta: float

    @property
    def architecture(self) -> str:
        """LSTM-CNN: encoder, then decoder."""
        return f"{self.encoder}-{self.decoder}".upper()

    @property
    def has_target(self) -> bool:
        """Whether C has a part in the objective, as a target; it has none in the plain ELBO."""
        return bool(OBJECTIVES.declared()[self.objective].facts["uses_C"])

    @property
    def title(self) -> str:
        """The objective as tables and figures call it."""
        return str(OBJECTIVES.declared()[self.objective].facts["title"])


@dataclass(frozen=True)
class TrainedCell:
    """A cell, its configuration, its sizes (units of the recurrent state, dimensions of z), and
    for how many epochs it was trained.
    """

    cell: Cell
    config: ModelConfig
    hidden: int
    latent: int
    epochs: int


def read_cells(paths: Iterable[Path]) -> dict[Cell, TrainedCell]:
    """What the config.json of each cell says; InputError if one is none, or two are of one cell."""
    found: dict[Cell, TrainedCell] = {}
    for path in paths:
        trained = read_config(path)
        if trained.cell in found:
            raise InputError(
                f"{path}: tells of {trained.cell}, which another of the files tells of"
            )
        found[trained.cell] = trained
    return found


def read_config(path: Path) -> TrainedCell:
    """What a config.json says; InputError if it is not the configuration of a model."""
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
    config = ModelConfig(
        encoder=text(architecture.get("encoder"), "'encoder'"),
        decoder=text(architecture.get("decoder"), "'decoder'"),
        objective=text(recipe.get("objective"), "'objective'"),
        beta=finite_number(recipe.get("beta"), "'beta'"),
    )
    if config.objective not in OBJECTIVES.names():
        raise InputError(f"'objective': {OBJECTIVES.unknown(config.objective)}")
    if config.beta < 0:
        raise InputError(f"beta {config.beta} is not a number of at least 0")
    hidden, latent = (
        whole_number(architecture.get(name), f"{name!r}", least=1) for name in ("hidden", "latent")
    )
    epochs = whole_number(recipe.get("epochs"), "'epochs'", least=1)
    return TrainedCell(cell, config, hidden, latent, epochs)
