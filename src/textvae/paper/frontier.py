"""The points of a rate-distortion frontier: methods against posterior collapse at several settings.

All methods that only weigh R against D are Lagrangians of one problem, with one frontier: the
lower-left convex hull of their points (Alemi et al. 2018). A rate may be met without information
(Hoffman and Johnson 2016), so each point also has I(x; z).
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textvae.cells import format_C
from textvae.empty_codes import MIN_RATE, MIN_SHARE
from textvae.errors import InputError
from textvae.natural_order import natural
from textvae.paper import information
from textvae.paper.descriptions import ModelConfig, TrainedCell, config_of, read_cells
from textvae.paper.rows import Row
from textvae.spec import Spec

# Metrics of a point, besides those of `information`.
RATE, DISTORTION = "rate_nats", "distortion_nats"
# Of one seed, over sentences.
_STANDARD_ERRORS = {RATE: "rate_standard_error", DISTORTION: "distortion_standard_error"}

# Rates of more than this many medians, such as an autoencoder's, are drawn at the edge.
_MAX_MEDIANS = 8
# Lines of equal D + R.
_ELBO_LINES = 7


def _collapsed(rate: float, upper: float | None) -> bool | None:
    if rate < MIN_RATE:
        return True
    return None if upper is None else upper < MIN_SHARE * rate


@dataclass(frozen=True)
class Point:
    """A method at one setting: the means of its row, and its objective.

    row: with the bracket of R - I, and I limited to 0 <= I <= R. own: the settings that
    identify the objective, as text.
    """

    row: Row
    config: ModelConfig
    own: str = ""

    @property
    def rate(self) -> float:
        return self._mean(RATE)

    @property
    def distortion(self) -> float:
        return self._mean(DISTORTION)

    @property
    def negative_elbo(self) -> float:
        """Return D + R, nats per sentence: at least the entropy of the text."""
        return self.rate + self.distortion

    @property
    def family(self) -> str:
        """Return the group of methods, which have one style: the objective, or the other part.

        A part is another one if it is not the paper's.
        """
        config = self.config
        if config.posterior == "constant":
            return "constant posterior"
        kind = next(iter(config.parts.others), None)
        if kind is None:
            return config.title
        return f"other {'training' if kind == 'strategy' else kind}"

    @property
    def method(self) -> str:
        """Return the objective and the parts that are not the paper's."""
        return ", ".join([self.config.title, *self.config.parts.others.values()])

    @property
    def setting(self) -> str:
        """Return the target, if the objective has one, and its other settings: C = 15, beta = 2."""
        target = f"C = {format_C(self.row.C)}" if self.config.has_target else ""
        return ", ".join(filter(None, (target, self.own)))

    @property
    def collapsed(self) -> bool | None:
        """Return whether the code carries next to nothing; None if I was not measured.

        Next to nothing: no rate, or an I, estimated from above, of less than a tenth of R.
        """
        return _collapsed(self.rate, self.row.mean(information.UPPER))

    @property
    def collapsed_seeds(self) -> int | None:
        """Return how many seeds have a collapsed code; None if I of one is needed and missing."""
        each = self._each_collapsed()
        return None if None in each else sum(map(bool, each))

    @property
    def remark(self) -> str:
        """Return "collapsed", with the number of seeds if the code of only some has; or ""."""
        each = self._each_collapsed()
        if any(each) and not all(each):
            return f"collapsed in {sum(map(bool, each))} of {len(each)} seeds"
        return "collapsed" if self.collapsed else ""

    def _each_collapsed(self) -> list[bool | None]:
        """Return for each seed whether its code carries next to nothing."""
        rates = self.row.values.get(RATE, ())
        uppers = self.row.values.get(information.UPPER, (None,) * len(rates))
        return [
            _collapsed(rate, upper)
            for rate, upper in zip(rates, uppers, strict=True)
            if rate is not None
        ]

    def standard_error(self, metric: str) -> float | None:
        """Return the standard error of R or D: over seeds, or over the sentences of one seed."""
        deviation = self.row.deviation(metric)
        if deviation is not None:
            return deviation / len(self.row.known(metric)) ** 0.5
        return self.row.mean(_STANDARD_ERRORS[metric])

    def _mean(self, metric: str) -> float:
        value = self.row.mean(metric)
        if value is None:
            raise InputError(f"{self.row.cells[0]}: has no {metric}, which the frontier shows")
        return value


def read_points(rows: Iterable[Row], configs: Iterable[Path]) -> list[Point]:
    """Return the points, by corpus as given, then objective, model and C.

    InputError if the configuration of a cell is not given, or the seeds of a row differ in it.
    """
    rows = list(rows)
    trained = read_cells(configs)
    known = {cell: one.config for cell, one in trained.items()}
    shared = [config_of(row, known) for row in rows]
    own = _settings([trained[row.cells[0]] for row in rows])
    points = [
        Point(information.for_table(row), config, settings)
        for row, config, settings in zip(rows, shared, own, strict=True)
    ]
    corpora = list(dict.fromkeys(row.corpus for row in rows))
    return sorted(
        points,
        key=lambda point: (
            *(corpora.index(point.row.corpus), natural(point.family)),
            *(natural(point.row.model), point.row.C),
        ),
    )


def _settings(several: Sequence[TrainedCell]) -> list[str]:
    """Return the settings of each cell's objective that identify it: beta = 0.5.

    Those that differ between cells with this objective, and those that have no default.
    """
    found: dict[tuple[str, str], set[object]] = {}
    for one in several:
        for spec in one.objective_settings:
            value = one.settings.get(spec.name)
            found.setdefault((one.config.objective, spec.name), set()).add(value)

    def identifies(one: TrainedCell, spec: Spec) -> bool:
        values = found[one.config.objective, spec.name]
        return spec.name in one.settings and (len(values) > 1 or (spec.default is None))

    return [
        ", ".join(
            f"{spec.name} = {value:g}" if isinstance(value, float) else f"{spec.name} = {value}"
            for spec in one.objective_settings
            if identifies(one, spec) and (value := one.settings[spec.name]) is not None
        )
        for one in several
    ]


def hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the lower-left convex hull of points (R, D), by increasing R and decreasing D.

    A point of the hull has the smallest D + beta R of all points for some beta >= 0.
    """
    corners: list[tuple[float, float]] = []
    for point in sorted(set(points)):
        # Beyond the smallest D, more rate saves nothing.
        if corners and point[1] >= corners[-1][1]:
            continue
        while len(corners) > 1 and not _turns_left(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    return corners


def _turns_left(
    first: tuple[float, float], second: tuple[float, float], third: tuple[float, float]
) -> bool:
    """Return whether the path turns left at the second point, as a convex curve does."""
    (x0, y0), (x1, y1), (x2, y2) = first, second, third
    return (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0) > 0


def above(corners: Sequence[tuple[float, float]], rate: float, distortion: float) -> float:
    """Return how far D is above a hull at the same R, nats; beyond its ends, above the nearest."""
    import numpy as np

    rates, distortions = zip(*corners, strict=True)
    return distortion - float(np.interp(rate, rates, distortions))


def lines_of_models(points: Sequence[Point]) -> list[list[Point]]:
    """Return the points of each model, by increasing rate."""
    models = dict.fromkeys(point.row.model for point in points)
    return [
        sorted((p for p in points if p.row.model == model), key=lambda p: p.rate)
        for model in models
    ]


def largest_rate(rates: Sequence[float]) -> float:
    """Return the end of the axis of R: beyond all rates but those of more than 8 medians."""
    positive = [rate for rate in rates if rate >= MIN_RATE] or [1.0]
    most = _MAX_MEDIANS * statistics.median(positive)
    return 1.04 * max(*(rate for rate in rates if rate <= most), 1)


def equal_elbos(distortions: Sequence[float], right: float) -> tuple[float, float, list[float]]:
    """Return the ends of the axis of D, and the D + R of lines across its panel.

    right: the end of the axis of R.
    """
    span = max(5.0, max(distortions) - min(distortions))
    low, high = min(distortions) - 0.12 * span, max(distortions) + 0.08 * span
    step = (high - low + right) / (_ELBO_LINES + 1)
    return low, high, [low + step * (index + 1) for index in range(_ELBO_LINES)]
