"""The trainer: weights, optimisers, step and running sums, and how to take a step."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from textvae.corpora.encoded import Sentences
from textvae.models.batches import Batch, pack
from textvae.models.kernels.precision import recurrences_in
from textvae.training.checkpoints import Checkpoint
from textvae.training.schedule import Schedule, further_sentences, seed_inner_step, seed_step
from textvae.training.strategy import Strategy


class Trainer:
    """The state of a training; a subclass defines the losses.

    The constructor of a subclass must end with `begin`.
    """

    # Names of the logged losses, `loss` first; means over a batch, nats per sentence.
    recorded: tuple[str, ...] = ("loss",)

    def __init__(
        self,
        title: str,
        identity: dict[str, Any],
        model: nn.Module,
        sentences: Sentences,
        schedule: Schedule,
        seed: int,
        device: torch.device,
        precision: torch.dtype,
    ) -> None:
        """Store the arguments; the model is on `device`.

        title: name of the training in messages. identity: everything that decides the outcome, as
        JSON; on a CPU the weights are a function of it, bit for bit. sentences: the training split.
        """
        self.title = title
        self.identity = identity
        self.model = model
        self.sentences = sentences
        self.schedule = schedule
        self.seed = seed
        self.device = device
        self.precision = precision
        self.step = 0

    def begin(self, strategy: Strategy) -> None:
        """Set the strategy and initialise its optimisers, at step 0."""
        self.strategy = strategy
        for optimiser in strategy.optimisers.values():
            make_state(optimiser)
        strategy.state = {name: value.to(self.device) for name, value in strategy.state.items()}
        self.sums = Sums(self.recorded, self.device)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the `recorded` losses of a batch on the device: scalars, `loss` differentiable."""
        raise NotImplementedError

    def validate(self) -> dict[str, float]:
        """Return the values to log after an epoch; FloatingPointError if one is not finite."""
        raise NotImplementedError

    def conclusion(self, validation: dict[str, Any]) -> str | None:
        """Return a warning on the last entry of `validate`, None by default."""
        return None

    def save(self, folder: Path) -> None:
        """Write the trained model."""
        raise NotImplementedError

    def identity_of(self, folder: Path) -> dict[str, Any]:
        """Read the identity (and more) that `save` wrote to a folder; InputError if incomplete."""
        raise NotImplementedError

    def settings_of_step(self) -> dict[str, Any]:
        """Return the values to log for the coming step besides the losses."""
        return {}

    def after_step(self, losses: dict[str, Tensor]) -> None:
        """React to the detached losses of a step; by default do nothing."""

    @property
    def finished(self) -> bool:
        return self.step >= self.schedule.steps

    def advance(self, batch: Batch) -> None:
        """Take one step on a batch; FloatingPointError if the loss is not finite."""
        seed_step(self.seed, self.step)
        with recurrences_in(self.precision, self.device):
            losses = self.strategy.step(batch.to(self.device))
        losses = {name: value.detach() for name, value in losses.items()}
        self.sums.add(len(batch.words), tuple(losses[name] for name in self.recorded))
        self.after_step(losses)
        self.step += 1

    def minimise(self, loss: Tensor, *names: str) -> None:
        """Minimise a loss by one step of the named optimisers; FloatingPointError if not finite.

        The gradients of all weights are cleared, also of those in none of these optimisers.
        """
        # Reading a number from a GPU would synchronise at every step: there the sums are checked
        # instead, whenever they are logged.
        if self.device.type == "cpu" and not loss.isfinite():
            raise FloatingPointError
        loss.backward()
        for name in names:
            optimiser = self.strategy.optimisers[name]
            for group in optimiser.param_groups:
                group["lr"] = self.schedule.learning_rate(self.step)
            optimiser.step()
        self.model.zero_grad()

    def further_batch(self, inner: int) -> Batch:
        """Return the batch of an inner step, 1, 2, ..., on the device, independent of the others.

        The batch and the random numbers drawn after it depend on seed, step and inner step alone.
        """
        seed_inner_step(self.seed, self.step, inner)
        size = min(self.schedule.recipe.batch, len(self.sentences))
        chosen = further_sentences(len(self.sentences), size, self.seed, self.step, inner)
        return pack([self.sentences[i] for i in chosen]).to(self.device)

    def check_finite(self) -> None:
        """Raise FloatingPointError if a sum or a weight is not finite.

        The loss is checked before a step, so weights that the last step damaged go unnoticed
        without this check.
        """
        tensors = [self.sums.values, *(p.detach() for p in self.model.parameters())]
        if not all(tensor.isfinite().all() for tensor in tensors):
            raise FloatingPointError

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors of a checkpoint by name; names, shapes and types never change."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for name, optimiser in self.strategy.optimisers.items():
            for index, state in optimiser.state_dict()["state"].items():
                tensors |= {
                    f"optimiser.{name}.{index}.{key}": value
                    for key, value in state.items()
                    if isinstance(value, Tensor)
                }
        state = self.strategy.state_dict()
        tensors |= {f"strategy.{name}": value for name, value in state.items()}
        return tensors | {"sums": self.sums.values}

    def checkpoint(self) -> Checkpoint:
        """Return the full training state; FloatingPointError if a weight or a sum is not finite."""
        self.check_finite()
        return Checkpoint(self.step, self.tensors())

    def misfit(self, checkpoint: Checkpoint) -> str | None:
        """Return why a checkpoint does not fit this training, None if it does."""
        expected, tensors = self.tensors(), checkpoint.tensors
        for name in sorted(expected.keys() | tensors.keys()):
            if name not in tensors:
                return f"lacks {name}"
            if name not in expected:
                return f"has {ascii(name)[:80]}, which is not of this model"
            if (kind := _kind(tensors[name])) != _kind(expected[name]):
                return f"{name} is {kind}, expected {_kind(expected[name])}"
        return None

    def restore(self, checkpoint: Checkpoint) -> None:
        """Restore the state of a checkpoint that fits."""
        kept = checkpoint.tensors
        self.model.load_state_dict(part_of(kept, "model"))
        for name, optimiser in self.strategy.optimisers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for label, tensor in part_of(kept, f"optimiser.{name}").items():
                index, key = label.split(".")
                state.setdefault(int(index), {})[key] = tensor
            optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
        self.strategy.load_state_dict(part_of(kept, "strategy"))
        self.sums.values.copy_(kept["sums"])
        self.step = checkpoint.step


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors named `prefix.NAME`, by NAME."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)
    }


def make_state(optimiser: Optimizer) -> None:
    """Create the state that an optimiser would otherwise create at its first step.

    Checkpoints then have the same tensors from the start, whichever weights have been updated.
    """
    rates = [group["lr"] for group in optimiser.param_groups]
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    # Some optimisers, such as Adagrad, have a state from the start.
    before = [
        {key: value.clone() for key, value in _tensors(optimiser, weight).items()}
        for weight in weights
    ]
    # Take a step with learning rate 0 and gradients 0, then reset its count.
    for group in optimiser.param_groups:
        group["lr"] = 0.0
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    optimiser.step()
    for weight, values in zip(weights, before, strict=True):
        weight.grad = None
        for key, tensor in _tensors(optimiser, weight).items():
            tensor.copy_(values.get(key, torch.zeros_like(tensor)))
    for group, rate in zip(optimiser.param_groups, rates, strict=True):
        group["lr"] = rate


def _tensors(optimiser: Optimizer, weight: Tensor) -> dict[str, Tensor]:
    """Return the tensors of an optimiser's state for a weight; SGD also has None there."""
    state = optimiser.state[weight].items()
    return {key: value for key, value in state if isinstance(value, Tensor)}


def _kind(tensor: Tensor) -> str:
    """Return type and shape for a message."""
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {tuple(tensor.shape)}"


class Sums:
    """Sums over the steps since the last line of the log, kept on the device."""

    def __init__(self, names: tuple[str, ...], device: torch.device) -> None:
        self.names = names
        # steps, tokens, and the sum of each loss
        self.values = torch.zeros(2 + len(names), dtype=torch.float64, device=device)

    def add(self, tokens: int, losses: tuple[Tensor, ...]) -> None:
        """Add one step; the losses are scalars, means over its batch."""
        with torch.no_grad():
            # Numbers, not a tensor: copying one to a GPU would synchronise at every step.
            self.values[0] += 1
            self.values[1] += tokens
            self.values[2:] += torch.stack(losses)

    @property
    def tokens(self) -> int:
        """Return the number of tokens since the sums were taken."""
        return int(self.values[1].item())

    def take(self) -> tuple[int, dict[str, float]]:
        """Return the number of tokens and means over steps, in nats per sentence; reset the sums.

        FloatingPointError if a sum is not finite.
        """
        steps, tokens, *sums = self.values.tolist()
        if not self.values.isfinite().all():
            raise FloatingPointError
        self.values.zero_()
        means = zip(self.names, sums, strict=True)
        return int(tokens), {name: value / steps for name, value in means}
