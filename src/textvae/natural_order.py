"""Natural order of names for readers: x-2 before x-10."""

import re

NaturalKey = tuple[tuple[str, int, str], ...]

_PART = re.compile(r"([^0-9]*)([0-9]*)")


def natural(name: object) -> tuple[NaturalKey, str]:
    """Return the sort key of a name, in which runs of digits are compared as whole numbers.

    Names that differ only in leading zeros are compared as text.
    """
    text = str(name)
    # By number of digits, then digits: int() refuses thousands of them.
    parts = [(word, number.lstrip("0")) for word, number in _PART.findall(text)]
    return tuple((word, len(number), number) for word, number in parts), text
