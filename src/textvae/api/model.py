"""A trained text VAE in Python: sentences to codes, and codes to sentences.

The numbers are those of the measurements and of `textvae sample`: the same functions compute them.
"""

import operator
import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from textvae.api import MAX_WORDS
from textvae.api.archive import model_folder
from textvae.api.sentences import Reader, unknown_message
from textvae.cells import Cell
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError, UnknownWordWarning
from textvae.generation.codes import MAX_ABS_CODE, corpus_codes
from textvae.generation.synthesis import Tally, synthesise
from textvae.models import saved
from textvae.models.batches import in_order
from textvae.models.inference import codes_between, codes_of, draw_noise, encoded, posteriors
from textvae.models.layers import check_finite
from textvae.models.saved import TrainedModel
from textvae.registry import STEPS
from textvae.runtime.device import select_device
from textvae.schemes import DecodingStrategy
from textvae.spec import MAX_INTEGER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

# How far given codes may be from those that the prior can give.
_MAX_OFF = 1e-3
# A string, or its words.
Sentence: TypeAlias = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class Encoded:
    """q(z|x) of N sentences, in the order given, with codes of d numbers.

    mean, standard_deviation: (N, d) float32; of von Mises-Fisher its direction, of a flow the image
    of its Gaussian's mean; the latter is NaN for a posterior that has no closed form for it. rate:
    (N,) float64, KL(q(z|x) || p(z)) in nats, or its estimate by `sample`. sample: (N, d) float32,
    one z ~ q(z|x) each.
    """

    mean: np.ndarray
    standard_deviation: np.ndarray
    rate: np.ndarray
    sample: np.ndarray

    def __len__(self) -> int:
        """Return N."""
        return len(self.rate)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each sentence: rate, mean_1 ..., standard_deviation_1 ..."""
        import pandas as pd

        columns = {"rate": self.rate}
        for name in ("mean", "standard_deviation"):
            numbers = enumerate(getattr(self, name).T, start=1)
            columns |= {f"{name}_{number}": values for number, values in numbers}
        return pd.DataFrame(columns)


class TextModel:
    """A trained text VAE, which `textvae.load` returns.

    A sentence is a string or a list of words; several are any iterable of these. Unknown words are
    read as `<unk>`, with one UnknownWordWarning a call. Invalid arguments raise InputError.
    """

    def __init__(self, trained: TrainedModel, as_prepared: bool = False) -> None:
        for name in () if as_prepared else trained.normalise or ():
            STEPS.check_registered(name)
        self._trained = trained
        self._reader = Reader(trained.vocabulary, trained.normalise or (), as_prepared)

    @classmethod
    def load(cls, path: Any, device: str = "cpu", as_prepared: bool = False) -> "TextModel":
        """Load a model folder, or one in an archive of a run; see `textvae.load`."""
        if not isinstance(device, str):
            raise InputError(f"device: got {device!r:.40}, expected a text, as 'cpu' or 'cuda'")
        try:
            selected = select_device(device)
        except InputError as error:
            raise InputError(str(error).removeprefix("--")) from None
        wrong = InputError(f"{path}: not a folder, expected that of a trained model")
        if not isinstance(path, (str, os.PathLike)):
            raise wrong
        with model_folder(Path(path)) as folder:
            if not folder.is_dir():
                raise wrong
            return cls(saved.load(folder, selected), as_prepared)

    def __repr__(self) -> str:
        return f"<TextModel {self.cell}: {self.latent} dimensions, {self.vocabulary.types:,} words>"

    @property
    def cell(self) -> Cell:
        """Return corpus, model, C and seed of its training."""
        return self._trained.cell

    @property
    def latent(self) -> int:
        """Return d, the number of dimensions of z."""
        return self._trained.model.architecture.latent

    @property
    def vocabulary(self) -> Vocabulary:
        """Return its vocabulary; `vocabulary.words` are the words."""
        return self._trained.vocabulary

    @property
    def normalise(self) -> tuple[str, ...] | None:
        """Return the normalisation steps of its corpus; None if the folder does not record them."""
        return self._trained.normalise

    def words(self, sentence: Sentence) -> list[str]:
        """Return the words that a sentence is read as; those not in the vocabulary stay visible."""
        return self._reader.words(sentence)

    def encode(self, sentences: Iterable[Sentence], seed: int = 1) -> Encoded:
        """Return mean, standard deviation, rate and a sample of q(z|x) of each sentence.

        seed: of the sampled codes, as `noise_seed` of the measurement rate-distortion.
        """
        seed = _integer("seed", seed, 0)
        read = self._read(sentences)
        shape = (len(read), self.latent)
        noise = draw_noise(*shape, seed)
        mean, sample = np.empty(shape, np.float32), np.empty(shape, np.float32)
        deviation, rate = np.full(shape, np.nan, np.float32), np.empty(len(read))
        for part, batch, posterior in encoded(self._trained.model, read):
            with torch.no_grad():
                z, rates = self._trained.model.draw(posterior, batch.arrange(noise[part]))
            mean[part] = batch.restore(posterior.mean).cpu().numpy()
            sample[part] = batch.restore(z).cpu().numpy()
            rate[part] = batch.restore(rates).double().cpu().numpy()
            if (width := posterior.standard_deviation) is not None:
                deviation[part] = batch.restore(width).cpu().numpy()
        check_finite("code or rate", mean, sample, rate)
        return Encoded(mean, deviation, rate, sample)

    def log_prob(self, sentences: Iterable[Sentence], codes: "ArrayLike") -> np.ndarray:
        """Return log p(x|z) of each sentence given its code, (N,) float64, nats, `<eos>` included.

        codes: (N, d). With `encode(sentences).sample` it is minus the distortion.
        """
        read = self._read(sentences)
        z = torch.from_numpy(self._codes(codes, len(read)))
        model, log_prob = self._trained.model, np.empty(len(read))
        for part, batch in in_order(read, model.device):
            distortion = model.distortion(batch, batch.arrange(z[part]))
            log_prob[part] = -batch.restore(distortion).double().cpu().numpy()
        check_finite("log-probability", log_prob)
        return log_prob

    def reconstruct(
        self,
        sentences: Iterable[Sentence],
        decoding: str = "greedy",
        seed: int = 1,
        longest: int | None = None,
    ) -> list[str]:
        """Return each sentence decoded from its posterior mean.

        decoding, seed: see `decode`. longest: words after which a sentence is cut; by default one
        more than the longest sentence given, as in Table 1.
        """
        read = self._read(sentences)
        codes = posteriors(self._trained.model, read).mean.numpy()
        longest = int(read.lengths.max()) + 1 if longest is None else longest
        return self.decode(codes, decoding, seed, longest)

    def sample(
        self, n: int, decoding: str = "nucleus0.9", seed: int = 1, longest: int = MAX_WORDS
    ) -> list[str]:
        """Return `n` sentences decoded from codes of the prior, as `textvae sample` does.

        decoding, longest: see `decode`. seed: of the codes and of sampled words.
        """
        n, seed = _integer("n", n, 1), _integer("seed", seed, 0)
        codes = codes_of(self._trained.model, corpus_codes(n, self.latent, seed, copy=1))
        return self.decode(codes, decoding, seed, longest)

    def interpolate(
        self,
        a: Sentence,
        b: Sentence,
        steps: int = 7,
        decoding: str = "greedy",
        seed: int = 1,
        longest: int = MAX_WORDS,
    ) -> list[str]:
        """Return the sentences of `steps` codes from the posterior mean of `a` to that of `b`.

        Decoded greedily, the first is the reconstruction of `a` and the last that of `b`, if they
        are not cut at `longest`. The rest: see `decode`.
        """
        return self.decode(self.line(a, b, steps), decoding, seed, longest)

    def line(self, a: Sentence, b: Sentence, steps: int = 7) -> np.ndarray:
        """Return `steps` codes on the prior's path between the posterior means of `a` and `b`."""
        steps = _integer("steps", steps, 2)
        read = self._read([self._reader.words(a, "a"), self._reader.words(b, "b")])
        ends = posteriors(self._trained.model, read).mean.numpy()
        return codes_between(self._trained.model, ends[None], steps)[0]

    def decode(
        self,
        codes: "ArrayLike",
        decoding: str = "greedy",
        seed: int = 1,
        longest: int = MAX_WORDS,
    ) -> list[str]:
        """Return the sentence of each code, words between single spaces.

        codes: (N, d). decoding: greedy, top15, nucleus0.9, sample, at a temperature as in
        top15-t0.7. seed: of sampled words; the draws of sentence i depend on the seed and i alone.
        longest: words after which a sentence is cut.
        """
        if not isinstance(decoding, str):
            raise InputError(f"decoding: got {decoding!r:.40}, expected a name such as greedy")
        strategy = DecodingStrategy.parse(decoding)
        seed, longest = _integer("seed", seed, 0), _integer("longest", longest, 1)
        z = self._codes(codes)
        # The second number is that of the copy in `textvae sample`, and of the line in Table 2.
        return list(synthesise(self._trained, z, strategy, (seed, 1), longest, Tally()))

    def _read(self, sentences: Iterable[Sentence]) -> Sentences:
        """Return sentences as ids; warn of unknown words in the line that calls this package."""
        read, unknown = self._reader.read(sentences)
        if unknown:
            message = unknown_message(unknown, read, self._trained.unk_percent == 0)
            warnings.warn(message, UnknownWordWarning, stacklevel=_level_of_caller())
        return read

    def _codes(self, codes: "ArrayLike", count: int | None = None) -> np.ndarray:
        """Return codes (N, d) as float32; InputError for another shape or numbers that overflow."""
        expected = f"({'N' if count is None else count}, {self.latent})"
        try:
            given = np.asarray(codes)
            if given.dtype.kind not in "fiu" and given.size:
                raise TypeError
            with np.errstate(over="ignore"):
                array = np.array(given, dtype=np.float32)
        except (TypeError, ValueError, RuntimeError):
            raise InputError(f"codes: not numbers, expected an array {expected}") from None
        if array.ndim != 2 or array.shape[1] != self.latent or len(array) != (count or len(array)):
            raise InputError(f"codes: an array {array.shape}, expected {expected}")
        if not len(array):
            raise InputError("codes: got none, expected at least one")
        # Negated, so that NaN is refused too.
        if not (abs(array) <= MAX_ABS_CODE).all():
            raise InputError(f"codes: a number is not from -{MAX_ABS_CODE:g} to {MAX_ABS_CODE:g}")
        given = torch.from_numpy(array)
        nearest = self._trained.model.prior.supported(given.to(self._trained.model.device)).cpu()
        if not torch.allclose(nearest, given, rtol=0, atol=_MAX_OFF):
            norms = given.norm(dim=1)
            worst = float(norms[(norms - 1).abs().argmax()])
            raise InputError(
                f"codes: a norm of {worst:.3g}, expected codes of norm 1, on the unit sphere"
            )
        return array


def _level_of_caller() -> int:
    """Return the level in the stack, from the caller of this function, of the first other file."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        level, frame = level + 1, frame.f_back
    return level


def _integer(name: str, value: Any, least: int) -> int:
    """Return a whole number from `least` to MAX_INTEGER; InputError for anything else."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or not least <= number <= MAX_INTEGER:
        valid = f"from {least} to {MAX_INTEGER}"
        raise InputError(f"{name}: {value!r:.40} is not a whole number {valid}")
    return number
