"""Training steps on arrays of fixed shapes, each shape one CUDA graph.

A graph replays the kernels of a whole step (forward, backward, Adam) with one launch; alone, a step
of the paper's LSTM launches a thousand small ones. Graphs need fixed shapes, and a packed batch has
its own sizes, so here sentences are padded to a multiple of `STEPS` time steps and real tokens to a
multiple of an eighth of their number; the loss is computed on real tokens only. The recurrences
take as long as packed ones, because a step costs the same for few sentences as for many.

Only for the paper's recurrent text VAEs, objective and language models. `torch.compile` is not
measured: cuDNN's recurrent layers are opaque to it, and the other products gain nothing.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.kernels.precision import recurrences_in
from textvae.training.schedule import seed_step
from textvae.training.trainer import Trainer

# Time steps are rounded up to a multiple of these.
STEPS = 16
# Steps before a capture, so that libraries have made their choices.
WARM_UP = 2


@dataclass(frozen=True)
class Shape:
    """Time steps L, sentences B and tokens T of a padded batch."""

    steps: int
    sentences: int
    tokens: int

    @classmethod
    def of(cls, sentences: list[np.ndarray]) -> "Shape":
        """Return the shape to which a batch is padded."""
        lengths = [len(sentence) + 1 for sentence in sentences]
        total = sum(lengths)
        unit = max(64, 2 ** (total.bit_length() - 4))
        return cls(-(-max(lengths) // STEPS) * STEPS, len(sentences), -(-total // unit) * unit)

    def split(self, flat: Tensor) -> dict[str, Tensor]:
        """Return the parts of a batch by name, as views of the array of `fill`."""
        size, tokens, rows = self.steps * self.sentences, self.tokens, self.sentences
        names = ("words", "previous", "positions", "targets", "ends", "count")
        return dict(zip(names, flat.split([size, size, tokens, tokens, rows, 1]), strict=True))

    def fill(self, sentences: list[np.ndarray]) -> np.ndarray:
        """Return a batch as one array; sentences are sorted by length, as in a packed batch.

        words and previous: (L, B) ids. positions, targets: (T,) index of each real token in these,
        and its id. ends: (B,) index of the last token of each sentence. count: real tokens.
        """
        lengths = np.array([len(sentence) + 1 for sentence in sentences])
        order = np.argsort(-lengths, kind="stable")
        lengths = lengths[order]
        padded = np.full((len(sentences), self.steps + 1), EOS_ID, dtype=np.int64)
        for row, index in enumerate(order):
            padded[row, 1 : lengths[row]] = sentences[index]
        words = padded[:, 1:].T.ravel()
        real = (np.arange(self.steps)[:, None] < lengths).ravel().nonzero()[0]
        positions = np.zeros(self.tokens, dtype=np.int64)
        positions[: len(real)] = real
        ends = (lengths - 1) * len(sentences) + np.arange(len(sentences))
        parts = (words, padded[:, :-1].T.ravel(), positions, words[positions], ends, [len(real)])
        return np.concatenate(parts)


class StaticNLL(torch.autograd.Function):
    """-log p summed over the first `count` tokens; like the fused loss, with fixed shapes."""

    @staticmethod
    def forward(ctx, features, weight, bias, targets, count, precision):
        hidden, rounded, columns = features.to(precision), weight.to(precision), targets[:, None]
        logits = (hidden @ rounded.t()).float().add_(bias)
        normaliser = logits.logsumexp(1, keepdim=True)
        real = (torch.arange(len(targets), device=targets.device) < count).float()
        nll = ((normaliser - logits.gather(1, columns)).squeeze(1) * real).sum()
        # d NLL / d logits = p - onehot.
        gradient = logits.sub_(normaliser).exp_()
        gradient.scatter_add_(1, columns, -torch.ones_like(normaliser)).mul_(real[:, None])
        by_bias, small = gradient.sum(0), gradient.to(precision)
        ctx.save_for_backward((small @ rounded).float(), (small.t() @ hidden).float(), by_bias)
        return nll

    @staticmethod
    def backward(ctx, grad):
        return *(each * grad for each in ctx.saved_tensors), None, None, None


class StaticTrainer:
    """The steps of a trainer on padded batches; on a GPU, graphs in a stream of its own."""

    def __init__(self, trainer: Trainer, same_noise: bool = False) -> None:
        """Take over the trainer's model; same_noise: draw as the trainer would on a CPU."""
        self.trainer, self.model, self.device = trainer, trainer.model, trainer.device
        self.same_noise = same_noise
        self.on_gpu = self.device.type == "cuda"
        # A language model has none.
        self.objective = getattr(trainer, "objective", None)
        self.latent = self.model.architecture.latent if self.objective else 0
        # Tensors, so that a graph reads their present values.
        self.rate = torch.tensor(trainer.schedule.learning_rate(0), device=self.device)
        self.target = torch.zeros((), device=self.device)
        self.optimiser = torch.optim.Adam(
            self.model.parameters(),
            lr=self.rate if self.on_gpu else self.rate.item(),
            fused=True,
            capturable=self.on_gpu,
        )
        self.stream = torch.cuda.Stream(self.device) if self.on_gpu else None
        self.pool = torch.cuda.graph_pool_handle() if self.on_gpu else None
        self.graphs: dict[Shape, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}
        if self.on_gpu:
            # The weights were written in another stream.
            torch.cuda.synchronize(self.device)

    def advance(self, sentences: list[np.ndarray]) -> None:
        """Take one step."""
        trainer, shape = self.trainer, Shape.of(sentences)
        if self.on_gpu:
            with torch.cuda.stream(self.stream):
                graph, inputs, noise = self.prepare(shape, sentences)
                self._copy(shape, sentences, inputs, noise)
                graph.replay()
        else:
            inputs = torch.from_numpy(shape.fill(sentences))
            noise = torch.empty(len(sentences), self.latent)
            self._copy(shape, sentences, inputs, noise)
            self._step(shape, inputs, noise)
        trainer.step += 1

    def prepare(
        self, shape: Shape, sentences: list[np.ndarray]
    ) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor]:
        """Return the graph of a shape, which is captured once, and its inputs."""
        if shape not in self.graphs:
            filled = torch.from_numpy(shape.fill(sentences))
            inputs = filled.to(self.device)
            noise = torch.zeros((shape.sentences, self.latent), device=self.device)
            # Steps to warm up, whose effect on the weights is undone.
            if not self.optimiser.state:
                self._step(shape, inputs, noise, frozen=True)
            before = [each.clone() for each in self._state()]
            for _ in range(WARM_UP):
                self._step(shape, inputs, noise)
            torch.cuda.synchronize(self.device)
            self.optimiser.zero_grad(set_to_none=True)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self.pool, stream=self.stream):
                self._step(shape, inputs, noise)
            for each, value in zip(self._state(), before, strict=True):
                each.copy_(value)
            self.optimiser.zero_grad(set_to_none=True)
            self.graphs[shape] = graph, inputs, noise
        return self.graphs[shape]

    def _copy(
        self, shape: Shape, sentences: list[np.ndarray], inputs: Tensor, noise: Tensor
    ) -> None:
        """Write a batch and its noise to the inputs of a step, without waiting for the GPU."""
        filled, trainer = torch.from_numpy(shape.fill(sentences)), self.trainer
        seed_step(trainer.seed, trainer.step)
        if self.same_noise:
            noise.copy_(torch.randn(noise.shape))
        else:
            noise.normal_()
        inputs.copy_(filled.pin_memory() if self.on_gpu else filled, non_blocking=True)
        self.rate.fill_(trainer.schedule.learning_rate(trainer.step))
        if self.objective:
            self.target.fill_(self.objective.target(trainer.step))

    def _step(self, shape: Shape, inputs: Tensor, noise: Tensor, frozen: bool = False) -> None:
        """Take a step on padded arrays; frozen: only create the state of the optimiser."""
        with recurrences_in(self.trainer.precision, self.device):
            self._loss(shape, inputs, noise).backward()
        if frozen:
            rate = self.rate.clone()
            self.rate.zero_()
            self.optimiser.step()
            for state in self.optimiser.state.values():
                for each in state.values():
                    each.zero_()
            self.rate.copy_(rate)
        else:
            self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    def _loss(self, shape: Shape, inputs: Tensor, noise: Tensor) -> Tensor:
        part = shape.split(inputs)
        previous = self._embedded(shape, part["previous"])
        if self.objective is None:
            return self._nll(part, previous) / shape.sentences
        read = self._states(self.model.encoder, self._embedded(shape, part["words"]))
        # Selected by index_select, whose gradient needs no sorting.
        posterior = self.model.posterior(read.index_select(0, part["ends"]))
        z, rates = self.model.draw(posterior, noise)
        nll = self._nll(part, torch.cat([previous, z.expand(shape.steps, *z.shape)], dim=2))
        gap = (rates.mean() - self.target).abs()
        return nll / shape.sentences + self.objective.settings.beta * gap

    def _nll(self, part: dict[str, Tensor], inputs: Tensor) -> Tensor:
        """Return -log p of the real tokens, summed, from the inputs of the decoder (L, B, ...)."""
        features = self._states(self.model.decoder, inputs).index_select(0, part["positions"])
        output = self.model.output
        return StaticNLL.apply(
            *(features, output.weight, output.bias),
            *(part["targets"], part["count"], self.trainer.precision),
        )

    def _embedded(self, shape: Shape, ids: Tensor) -> Tensor:
        """Return the embeddings of padded ids, (L, B, E)."""
        chosen = self.model.embedding.weight.index_select(0, ids)
        return chosen.view(shape.steps, shape.sentences, -1)

    @staticmethod
    def _states(part: torch.nn.Module, inputs: Tensor) -> Tensor:
        """Return the hidden states at all padded tokens, (L B, H)."""
        return part.recurrence(inputs)[0].flatten(0, 1)

    def _state(self) -> list[Tensor]:
        """Return all tensors that a step changes."""
        states = self.optimiser.state.values()
        return [p.data for p in self.model.parameters()] + [
            each for state in states for each in state.values()
        ]
