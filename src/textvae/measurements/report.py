"""The form of a measurement on the disk: whose, of what, how, and the numbers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textvae import bootstrap
from textvae.cells import Cell
from textvae.errors import one_line
from textvae.settings import setting


def replicates_setting(drawn: str = "test sentences") -> Any:
    """Declare the field `bootstrap`: how many replicates, on resamples of what is drawn."""
    return setting(0, f"bootstrap replicates on resampled {drawn}, 0 for none", ge=0, le=10_000)


@dataclass(frozen=True)
class Result:
    """The values of a measurement, and what it has beside them.

    values: metric -> number, None where it has no meaning; under `bootstrap`, metric -> replicates,
    (R,). notes: metric -> why it is missing. texts: name -> maker of a further file, of those that
    the measurement's fact `texts` lists. remarks: lines for the person who runs the command.
    """

    values: dict[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: "Result | dict[str, Any]") -> "Result":
        """Take what a measurement returns: a result, or its values alone."""
        return found if isinstance(found, Result) else cls(found)


def report(
    cell: Cell,
    measurement: str,
    text: str,
    sentences: int,
    settings: Any,
    values: dict[str, Any],
    notes: dict[str, str],
    **generated: Any,
) -> dict[str, Any]:
    """One measurement as JSON; `text` names the split, or the file, that was measured.

    sentences: how many of it the values stand on. generated: of a text that the cell's model made,
    `decoding` and `copy`. A value that is no finite number (the covariance of fewer sentences than
    dimensions) becomes null, with a note, if `notes` has none on it. Under `bootstrap`, values may
    hold arrays of replicates, (R,) for a metric; those of what became null are left out.
    """
    replicates = bootstrap.rounded(values.get(bootstrap.KEY, {}))
    values = {name: value for name, value in values.items() if name != bootstrap.KEY}
    missing = [name for name, value in values.items() if value is None or not math.isfinite(value)]
    result = {
        "cell": cell.as_dict(),
        **generated,
        "measurement": measurement,
        "split": one_line(text),
        "sentences": sentences,
        "settings": settings.model_dump(),
        "values": {name: None if name in missing else value for name, value in values.items()},
        "notes": dict.fromkeys(missing, "not defined on these sentences") | notes,
    }
    replicates = {name: found for name, found in replicates.items() if name not in missing}
    return result | ({bootstrap.KEY: replicates} if replicates else {})
