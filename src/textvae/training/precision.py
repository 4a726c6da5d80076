"""The precision of a training: set, or chosen once by a probe and kept by its checkpoints."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch

from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.io import read_json, write_json
from textvae.models.batches import Batch, pack
from textvae.models.kernels.precision import PRECISIONS, Choice, choose
from textvae.training.fingerprint import digest

# The choice, beside the checkpoints.
FILE = "precision.json"

# Tokens of a probe: enough for products of the shapes of a step, few enough for a fraction of a
# second with the paper's sizes.
PROBE_TOKENS = 256


class Job(Protocol):
    """A dataclass with these attributes; `choice` is its choice for `auto`, None before it."""

    device: torch.device
    choice: Choice | None

    @property
    def precision_setting(self) -> str: ...

    @property
    def identity(self) -> dict[str, Any]: ...


Task = TypeVar("Task", bound=Job)


def precision_of(job: Job) -> torch.dtype:
    """Return the precision of a job's products; ValueError if it is `auto` and not yet chosen."""
    if job.precision_setting != "auto":
        return PRECISIONS[job.precision_setting]
    if job.choice is None:
        raise ValueError("the precision of this training is not yet chosen")
    return job.choice.precision


def with_choice(
    job: Task, checkpoint_root: Path, work: Callable[[], Callable[[torch.dtype], int]]
) -> Task:
    """Return the job with its precision: set, chosen, of its checkpoints, or the faster one here.

    The choice is made once, because a probe may decide otherwise at another time or on another
    machine, and a training in another precision is another training. work: returns what the probe
    computes; see `choose`.
    """
    if job.precision_setting != "auto" or job.choice is not None:
        return job
    if (started := _started(job, checkpoint_root)) is not None:
        return started
    chosen = replace(job, choice=choose(work(), job.device))
    write_json(_folder(chosen, checkpoint_root) / FILE, chosen.choice.as_dict())
    return chosen


def with_recorded_choice(
    job: Task, path: Path, work: Callable[[], Callable[[torch.dtype], int]]
) -> Task:
    """Return the job with its precision: set, that of a file, or the faster one here.

    One for several trainings; the file is written unless it is there. work: as in `with_choice`.
    """
    if job.precision_setting != "auto":
        return job
    if not path.exists():
        chosen = choose(work(), job.device)
        write_json(path, chosen.as_dict())
        return replace(job, choice=chosen)
    recorded = read_json(path)
    name = recorded.get("chosen") if isinstance(recorded, dict) else None
    if name not in PRECISIONS:
        raise InputError(f"{path}: got {name!r:.40}, expected {' or '.join(PRECISIONS)}")
    return replace(job, choice=Choice(name, f"as in {path}", _speeds(path.parent)))


def probe_batch(sentences: Sentences, batch: int, device: torch.device) -> Batch:
    """Return the beginnings of a batch of sentences, about PROBE_TOKENS tokens, on the device."""
    first = [sentences[index] for index in range(min(batch, len(sentences)))]
    words = max(1, PROBE_TOKENS // max(1, len(first)) - 1)
    return pack([sentence[:words] for sentence in first]).to(device)


def _started(job: Task, checkpoint_root: Path) -> Task | None:
    """Return the job with the precision of its newest checkpoint, None if there is none."""
    newest: tuple[str, Task] | None = None
    for name in PRECISIONS:
        candidate = replace(job, choice=Choice(name, "as in its checkpoint"))
        folder = _folder(candidate, checkpoint_root)
        # Their names sort by step.
        last = max((path.name for path in folder.glob("step*.safetensors")), default=None)
        if last is not None and (newest is None or last > newest[0]):
            choice = replace(candidate.choice, speeds=_speeds(folder))
            newest = last, replace(candidate, choice=choice)
    return None if newest is None else newest[1]


def _folder(job: Job, checkpoint_root: Path) -> Path:
    return checkpoint_root / digest(job.identity)


def _speeds(folder: Path) -> dict[str, float] | None:
    """Read the speeds of the probe; None if they cannot be read: nothing depends on them."""
    with suppress(InputError, OSError, AttributeError):
        speeds = read_json(folder / FILE).get("tokens_per_second")
        if isinstance(speeds, dict) and set(speeds) == set(PRECISIONS):
            return speeds
    return None
