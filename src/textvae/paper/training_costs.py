"""The cost of trainings: processor seconds and steps, also relative to a plain training.

Seconds are those of the processor, from the records of `textvae --costs train`: how many jobs
shared the machine does not change them much. They are recorded beside the models, by the run.
"""

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.io import read_text
from textvae.paper.descriptions import TrainedCell, read_config
from textvae.paper.json_values import json_object, whole_number
from textvae.runtime.costs import SUFFIX, read

# A training of the paper's parts with one of these takes one step of each side for a batch.
_PLAIN_OBJECTIVES = ("rate-target", "elbo")


@dataclass(frozen=True)
class TrainingCost:
    """Seconds and steps of a training, or ratios to those of another; None if not recorded."""

    cpu_seconds: float | None
    encoder_steps: float | None
    decoder_steps: float | None


def read_training_costs(
    records: Iterable[Path], folders: Iterable[Path]
) -> dict[Cell, TrainingCost]:
    """Read the cost of each training from its training.jsonl, in the folder of its config.json.

    folders: with CORPUS/MODEL/C/SEED.tsv of `textvae --costs`, as costs/train of a run; a file that
    is not there, or is empty, gives no seconds. InputError if a file is not what it should be.
    """
    folders = list(folders)
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: not a folder, expected that of the costs of trainings")
    costs = {}
    for path in records:
        cell = read_config(path.with_name("config.json")).cell
        files = [folder / f"{cell}{SUFFIX}" for folder in folders]
        recorded = [found for file in files if file.is_file() if (found := read(file))]
        seconds = recorded[0].cpu_seconds if recorded else None
        costs[cell] = TrainingCost(seconds, *read_steps(path))
    return costs


def read_steps(path: Path) -> tuple[int | None, int | None]:
    """Return the steps of encoder and decoder at the end of a training record.

    A strategy that takes unequal steps records both; else each is the number of steps.
    """
    last: dict[str, object] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            entry = json_object(json.loads(line), "a line")
        except (ValueError, InputError):
            raise InputError(f"{path}: line {number}: is not a JSON object") from None
        if "split" not in entry:
            last = entry
    if "step" not in last:
        return None, None
    encoder, decoder = (
        whole_number(last.get(name, last["step"]), f"{path}: {name!r}")
        for name in ("encoder_steps", "decoder_steps")
    )
    return encoder, decoder


def relative_costs(
    cells: Mapping[Cell, TrainedCell], costs: Mapping[Cell, TrainingCost]
) -> dict[Cell, TrainingCost]:
    """Return each cost divided by the mean of plain trainings; no cell without one of its sizes.

    Plain: the paper's parts, with |R - C| or the ELBO. Of those of the same corpus, sizes, batches
    and epochs, the ones that are most alike: with the same decoder and encoder, in this order.
    """
    plain = [
        one
        for one in cells.values()
        if one.config.of_the_paper and one.config.objective in _PLAIN_OBJECTIVES
    ]
    relative = {}
    for cell, trained in cells.items():
        if cell not in costs:
            continue
        alike: dict[tuple[bool, ...], list[TrainingCost]] = {}
        for one in plain:
            if _sizes(one) == _sizes(trained) and one.cell in costs:
                alike.setdefault(_likeness(trained, one), []).append(costs[one.cell])
        if alike:
            relative[cell] = _ratio(costs[cell], alike[max(alike)])
    return relative


def _sizes(one: TrainedCell) -> tuple[object, ...]:
    batch, embedding = (one.settings.get(name) for name in ("batch", "embedding"))
    return one.cell.corpus, one.hidden, one.latent, one.epochs, batch, embedding


def _likeness(one: TrainedCell, other: TrainedCell) -> tuple[bool, ...]:
    return (
        one.config.decoder == other.config.decoder,
        one.config.encoder == other.config.encoder,
    )


def _ratio(cost: TrainingCost, plain: Iterable[TrainingCost]) -> TrainingCost:
    plain = list(plain)

    def ratio(name: str) -> float | None:
        own = getattr(cost, name)
        known = [value for one in plain if (value := getattr(one, name))]
        return own / statistics.fmean(known) if known and own is not None else None

    return TrainingCost(*map(ratio, ("cpu_seconds", "encoder_steps", "decoder_steps")))
