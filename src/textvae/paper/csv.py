"""CSV files of results: numbers in full precision, whole ones without a point, None empty.

Separate from `textvae.io`, because this code determines the bytes of results and is part of the
digest that decides whether they are remade.
"""

import csv
import io
from collections.abc import Iterable, Sequence


def number(value: float | None) -> str:
    """Return the shortest text that parses to the same number: 3 for 3.0, 0.1; "" for None."""
    if value is None:
        return ""
    if float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(float(value))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the text of a CSV file with `header`; floats and None are formatted by `number`."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            number(value) if value is None or isinstance(value, float) else value for value in row
        )
    return file.getvalue()
