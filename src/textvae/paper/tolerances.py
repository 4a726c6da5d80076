"""How far ours may be from a printed number and still agree: fixed beforehand, metric by metric.

`published/tolerances.csv` holds them, each with its reason. A tolerance is absolute (in the
number's unit), relative (a share of the printed number) or the larger of both.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from textvae.paper.published import Figure, records


@dataclass(frozen=True)
class Tolerance:
    """`table` and `metric` are patterns as of file names: what numbers it is of."""

    table: str
    metric: str
    absolute: float
    relative: float
    reason: str

    def fits(self, figure: Figure) -> bool:
        """Whether it is of this number."""
        return fnmatchcase(figure.table, self.table) and fnmatchcase(figure.metric, self.metric)

    def of(self, value: float) -> float:
        """How far from `value` agrees, in its unit."""
        return max(self.absolute, self.relative * abs(value))


@cache
def tolerances() -> tuple[Tolerance, ...]:
    """All of them; every printed number has exactly one."""
    return tuple(
        Tolerance(**record | {name: float(record[name] or 0) for name in ("absolute", "relative")})
        for record in records("tolerances")
    )


def tolerance_of(figure: Figure) -> Tolerance:
    """The tolerance of a printed number."""
    return next(one for one in tolerances() if one.fits(figure))
