"""The von Mises-Fisher distribution on the unit sphere in d dimensions. Does not import torch.

Its density is proportional to exp(kappa mu.z). The cosine w = mu.z has the density (1 - w^2)^((d -
3) / 2) exp(kappa w) up to a constant, and z is uniform given w. All that is needed are integrals
over w, here in float64 in y = artanh w, where the integrand is smooth and falls off exponentially
for d >= 2; the trapezoidal rule then converges exponentially.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

# In float32 a larger one would make the error of kappa mu.z more than a hundredth of a nat.
MAX_CONCENTRATION = 1e5
# The quantile of the cosine is tabulated for normal quantiles from -EDGE to EDGE, of which a
# fraction of 1e-15 is beyond.
EDGE = 8.0
TABULATED = 4097

# Points of the integrand: of the fewer ones the whole integral is exact, but not parts of it.
_POINTS, _FEW_POINTS = 20_001, 2001
# Densities this many nats below the largest do not contribute in float64.
_NEGLIGIBLE = 50.0


@dataclass(frozen=True)
class CosineLaw:
    """The distribution of the cosine for one concentration.

    log_ratio: log of E[exp(kappa w)] for uniform z. mean: E[w]. quantiles: artanh of the quantile
    at the normal distribution function of TABULATED points from -EDGE to EDGE.
    """

    concentration: float
    log_ratio: float
    mean: float
    quantiles: np.ndarray

    @property
    def rate(self) -> float:
        """Return the KL divergence to the uniform distribution, nats."""
        return self.concentration * self.mean - self.log_ratio


@lru_cache(maxsize=16)
def cosine_law(dimensions: int, concentration: float) -> CosineLaw:
    """Return the law of the cosine in at least 2 dimensions."""
    # Not needed at planning.
    from scipy.special import ndtri

    y, log_density = _integrand(dimensions, concentration, _POINTS)
    log_mass, mean = _integrals(y, log_density)
    density = np.exp(log_density - log_mass)
    steps = (density[1:] + density[:-1]) / 2 * (y[1] - y[0])
    # From both sides, because a share near 1 has few digits below it.
    below, above = np.cumsum(steps), np.cumsum(steps[::-1])[::-1]
    middle = np.searchsorted(below, 0.5)
    # Inside, because the first and the last point have the shares 0 and 1.
    normal = np.concatenate([ndtri(below[:middle]), -ndtri(above[middle + 1 :])])
    quantiles = np.interp(np.linspace(-EDGE, EDGE, TABULATED), normal, y[1:-1])
    log_ratio = log_mass - _uniform_log_mass(dimensions)
    return CosineLaw(concentration, log_ratio, mean, quantiles)


def rate(dimensions: int, concentration: float) -> float:
    """Return the KL divergence of vMF to the uniform distribution, nats."""
    log_mass, mean = _integrals(*_integrand(dimensions, concentration, _FEW_POINTS))
    return concentration * mean - (log_mass - _uniform_log_mass(dimensions))


@lru_cache(maxsize=64)
def concentration_of(dimensions: int, target: float) -> float:
    """Return the concentration at which `rate` is `target`, at most MAX_CONCENTRATION."""
    low, high = 0.0, MAX_CONCENTRATION
    if target <= 0:
        return 0.0
    # The rate increases with the concentration.
    for _ in range(60):
        middle = math.sqrt(low * high) if low > 0 else high / 1000
        if middle < 1e-6:
            return 0.0
        low, high = (middle, high) if rate(dimensions, middle) < target else (low, middle)
    return high


def log_area(dimensions: int) -> float:
    """Return the log of the area of the unit sphere in these dimensions."""
    half = dimensions / 2
    return math.log(2) + half * math.log(math.pi) - math.lgamma(half)


def _integrand(dimensions: int, concentration: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` points y where the integrand is not negligible, and its log there."""
    power = (dimensions - 1) / 2

    def log_density(y: np.ndarray) -> np.ndarray:
        # log(1 - tanh(y)^2) without cancellation.
        log_square = 2 * (math.log(2) - np.abs(y) - np.log1p(np.exp(-2 * np.abs(y))))
        return power * log_square + concentration * np.tanh(y)

    # The mode solves kappa (1 - w^2) = (d - 1) w.
    root = math.hypot(2 * power, 2 * concentration)
    mode = math.atanh(2 * concentration / (2 * power + root))
    peak = float(log_density(np.array(mode)))
    edges = []
    for sign in (-1, 1):
        near, far = 0.0, 1.0
        while peak - float(log_density(np.array(mode + sign * far))) < _NEGLIGIBLE:
            near, far = far, 2 * far
        for _ in range(30):
            middle = (near + far) / 2
            inside = peak - float(log_density(np.array(mode + sign * middle))) < _NEGLIGIBLE
            near, far = (middle, far) if inside else (near, middle)
        edges.append(mode + sign * far)
    y = np.linspace(*edges, count)
    return y, log_density(y)


def _integrals(y: np.ndarray, log_density: np.ndarray) -> tuple[float, float]:
    """Return the log of the integral, and the mean of w = tanh(y)."""
    peak = log_density.max()
    weights = np.exp(log_density - peak)
    total = weights.sum()
    return float(peak + math.log(total * (y[1] - y[0]))), float(weights @ np.tanh(y) / total)


def _uniform_log_mass(dimensions: int) -> float:
    """Return the log of the integral for a concentration of 0: log B(1/2, (d - 1) / 2)."""
    half = (dimensions - 1) / 2
    return math.lgamma(0.5) + math.lgamma(half) - math.lgamma(half + 0.5)
