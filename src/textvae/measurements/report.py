"""The form of a measurement on the disk: whose, of what, how, and the numbers."""

import math
from typing import Any

from textvae import bootstrap
from textvae.cells import Cell
from textvae.errors import one_line


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
