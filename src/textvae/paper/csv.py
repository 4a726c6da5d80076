"""CSV of results: numbers in full, whole ones without a point, None as an empty field.

Not in `textvae.io`, which results do not stand on: this decides their bytes.
"""

import csv
import io
from collections.abc import Iterable, Sequence


def number(value: float | None) -> str:
    """The shortest text that reads back as the same number: 3 for 3.0, 0.1; "" for None."""
    if value is None:
        return ""
    if float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(float(value))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file with `header`; floats and None are written by `number`."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            number(value) if value is None or isinstance(value, float) else value for value in row
        )
    return file.getvalue()
