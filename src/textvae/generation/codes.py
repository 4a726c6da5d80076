"""Latent codes from the prior N(0, I), drawn once: the same for every C, decoding and model.

The paper compares what different models say of the same codes (section 3.3). Draws follow from the
seed (and the copy) alone, row after row, so that a larger set of codes begins with the smaller one.
"""

from pathlib import Path

import numpy as np

from textvae.corpora.encoded import load_array
from textvae.errors import InputError

# A code of N(0, I) has no number beyond 10; what is much further out overflows in a decoder.
FURTHEST = 1e6
# Streams of one seed that must not run into each other.
_CORPUS, _LINES = 1, 2


def corpus_codes(count: int, latent: int, seed: int, copy: int) -> np.ndarray:
    """(count, latent) float32: a code for each sentence of one copy of a synthetic corpus."""
    return _normal((seed, copy, _CORPUS), count, latent)


def line_ends(count: int, latent: int, seed: int) -> np.ndarray:
    """(count, 2, latent) float32: where each of so many lines through the latent space ends."""
    return _normal((seed, _LINES), count, 2, latent)


def points(ends: np.ndarray, count: int) -> np.ndarray:
    """Lines (N, 2, d) to `count` codes on each, evenly spaced, the ends among them: (N, count, d).

    The homotopy of Bowman et al. (2016): z1 + t (z2 - z1) for t from 0 to 1.
    """
    t = np.linspace(0, 1, count, dtype=np.float32)[None, :, None]
    return ends[:, :1] * (1 - t) + ends[:, 1:] * t


def load(path: Path, dimensions: int, latent: int) -> np.ndarray:
    """A file of codes, mapped into memory; InputError where it does not hold such codes.

    dimensions: 2 for the codes of a corpus, 3 for lines.
    """
    codes = load_array(path, "textvae codes")
    kind = {2: "the codes of a corpus, (N, d)", 3: "lines, (N, 2, d)"}[dimensions]
    if (
        codes.ndim != dimensions
        or codes.shape[1:-1] != (2,) * (dimensions - 2)
        or codes.dtype != np.float32
        or len(codes) == 0
    ):
        raise InputError(f"{path}: a {codes.dtype} array {codes.shape}, expected float32 {kind}")
    if codes.shape[-1] != latent:
        raise InputError(f"{path}: codes of {codes.shape[-1]} dimensions, the model has {latent}")
    # Not "beyond", because NaN is not beyond anything.
    if not (abs(codes) <= FURTHEST).all():
        raise InputError(f"{path}: a code is not of numbers from -{FURTHEST:g} to {FURTHEST:g}")
    return codes


def _normal(stream: tuple[int, ...], *shape: int) -> np.ndarray:
    if min(shape) < 1:
        raise InputError(f"codes: {' x '.join(map(str, shape))} asked for, expected at least 1")
    return np.random.default_rng(stream).standard_normal(shape, dtype=np.float32)
