"""Latent codes from N(0, I), the same for every C, decoding and model.

The paper compares the sentences of different models for the same codes (section 3.3). Draws depend
on the seed (and the copy) alone, row by row: a smaller set of codes is a prefix of a larger one.
"""

from pathlib import Path

import numpy as np

from textvae.corpora.encoded import load_array
from textvae.errors import InputError

# Samples of N(0, I) are below 10 in practice; far larger numbers overflow in a decoder.
MAX_ABS_CODE = 1e6
# Numbers of the independent random streams of one seed.
_CORPUS, _LINES = 1, 2


def corpus_codes(count: int, latent: int, seed: int, copy: int) -> np.ndarray:
    """Return a code for each sentence of a copy of a synthetic corpus, (count, latent) float32."""
    return _normal((seed, copy, _CORPUS), count, latent)


def line_ends(count: int, latent: int, seed: int) -> np.ndarray:
    """Return both ends of lines through the latent space, (count, 2, latent) float32."""
    return _normal((seed, _LINES), count, 2, latent)


def points(ends: np.ndarray, count: int) -> np.ndarray:
    """Return `count` evenly spaced codes on lines (N, 2, d), ends included: (N, count, d).

    This is the homotopy of Bowman et al. (2016): z1 + t (z2 - z1) for t from 0 to 1.
    """
    t = np.linspace(0, 1, count, dtype=np.float32)[None, :, None]
    return ends[:, :1] * (1 - t) + ends[:, 1:] * t


def load(path: Path, dimensions: int, latent: int) -> np.ndarray:
    """Return the codes of a file, memory-mapped; InputError if it does not contain such codes.

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
    # Negated, so that NaN is refused too.
    if not (abs(codes) <= MAX_ABS_CODE).all():
        raise InputError(
            f"{path}: a code has a number that is not from -{MAX_ABS_CODE:g} to {MAX_ABS_CODE:g}"
        )
    return codes


def _normal(stream: tuple[int, ...], *shape: int) -> np.ndarray:
    if min(shape) < 1:
        raise InputError(
            f"codes: got the shape {' x '.join(map(str, shape))}, expected at least 1 each"
        )
    return np.random.default_rng(stream).standard_normal(shape, dtype=np.float32)
