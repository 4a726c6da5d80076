"""Numbers of ours in the format of the paper's: as many decimals as it prints."""

import re

from textvae.paper.render.table import MISSING, decimals


def printed_decimals(printed: str, unit: str, value: float) -> int:
    """Return the decimals of a number as printed; one for nats (.62 is 62 nats), two for shares.

    printed: its text, verbatim. value: in `unit`.
    """
    number = re.match(r"-?\d*(?:\.(\d+))?", printed)
    places = len(number[1] or "") if number else 0
    if unit == "nats":
        return 1
    if unit == "1":
        return max(2, places)
    return 0 if abs(value) >= 1000 else places


def shown(value: float | None, places: int) -> str:
    """Format a number; one decimal if it has none but is not whole (unless 1000 or larger)."""
    if value is None:
        return MISSING
    whole = places > 0 or float(value).is_integer() or abs(value) >= 1000
    return decimals(value, places if whole else 1)
