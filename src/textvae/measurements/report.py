"""The JSON of a measurement: its cell, subject, settings, values and notes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from textvae import bootstrap
from textvae.cells import Cell
from textvae.errors import InputError, one_line
from textvae.settings import setting


def replicates_setting(resampled: str = "test sentences") -> Any:
    """Return the field `bootstrap`, the number of replicates on resamples of `resampled`."""
    return setting(0, f"bootstrap replicates on resampled {resampled}, 0 for none", ge=0, le=10_000)


@dataclass(frozen=True)
class Result:
    """The values of a measurement, with notes, additional files and remarks.

    values: metric -> number, None if undefined; under `bootstrap`, metric -> replicates, (R,).
    notes: metric -> why it is missing. texts: name -> function that returns the content of an
    additional file, one of the measurement's fact `texts`. remarks: further notes by name, which
    are also printed as warnings. sentences: their number, or that of pairs, where it is less than
    the settings say.
    """

    values: dict[str, Any]
    notes: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    sentences: int | None = None

    @classmethod
    def of(cls, result: "Result | dict[str, Any]", measurement: str) -> "Result":
        """Return a result from what a measurement returns: a result, or values alone.

        InputError, by the name of the measurement, if they are not numbers by metric.
        """
        whole = result if isinstance(result, Result) else cls(result)
        if not isinstance(whole.values, Mapping):
            raise InputError(
                f"{measurement}: returned {_kind(result)}, expected a dictionary from metrics to"
                " numbers"
            )
        for metric, value in whole.values.items():
            if metric != bootstrap.KEY and not (value is None or _is_number(value)):
                raise InputError(
                    f"{measurement}: {metric!r:.80} is {_kind(value)}, expected a number, or None"
                )
        return whole


def report(
    cell: Cell,
    measurement: str,
    text: str,
    sentences: int,
    settings: Any,
    values: dict[str, Any],
    notes: dict[str, str],
    further: Mapping[str, Any] = MappingProxyType({}),
    **origin: Any,
) -> dict[str, Any]:
    """Return a measurement as JSON; `text` names the split, or the file, that was measured.

    sentences: number of sentences measured. further: settings of the text. origin: `weights` of the
    cell's model, the SHA-256 of its corpus and of the pairs, and `decoding` and `copy` of a text
    that it generated. A value that is not finite (LogDetCov of fewer sentences than dimensions,
    say) becomes null, with a note unless `notes` has one. Under `bootstrap`, values may contain
    replicates, (R,) for a metric; those of a null value are left out.
    """
    replicates = bootstrap.rounded(values.get(bootstrap.KEY, {}))
    values = {name: value for name, value in values.items() if name != bootstrap.KEY}
    missing = [name for name, value in values.items() if value is None or not math.isfinite(value)]
    result = {
        "cell": cell.as_dict(),
        **origin,
        "measurement": measurement,
        "split": one_line(text),
        "sentences": sentences,
        "settings": settings.model_dump() | dict(further),
        "values": {
            name: None if name in missing else _plain(value) for name, value in values.items()
        },
        "notes": dict.fromkeys(missing, "not defined on these sentences") | notes,
    }
    replicates = {name: rows for name, rows in replicates.items() if name not in missing}
    return result | ({bootstrap.KEY: replicates} if replicates else {})


def _is_number(value: Any) -> bool:
    """Return whether a value is one number, of Python, NumPy or torch."""
    try:
        math.isfinite(value)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def _kind(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.40}"


def _plain(value: Any) -> Any:
    """Return a number of NumPy or torch, as a measurement of your own may return, as Python's."""
    return value.item() if hasattr(value, "item") else value
