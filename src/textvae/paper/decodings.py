"""Decodings by their names: greedy, top15, nucleus0.9, with a temperature nucleus0.9-t0.7."""

import re

_TEMPERATURE = r"(-t(?P<temperature>[0-9.]+))?"
_GREEDY, _TOP, _NUCLEUS, _OTHER = range(4)
_PATTERNS = {
    _GREEDY: rf"greedy{_TEMPERATURE}",
    _TOP: rf"top(?P<number>[0-9]+){_TEMPERATURE}",
    _NUCLEUS: rf"nucleus(?P<number>[0-9.]+){_TEMPERATURE}",
}


def place(name: str) -> tuple[int, float, float, str]:
    """What decodings sort by: none (""), greedy, top-k by k, nucleus by p, then others by name."""
    if not name:
        return (-1, 0, 0, "")
    kind, number, temperature = _parsed(name)
    return (kind, float(number or 0), float(temperature or 1), name)


def title(name: str) -> str:
    """As the paper writes it, in the middle of a sentence: greedy, top-15, NS (p = 0.9).

    A decoding of another kind is called by its own name.
    """
    kind, number, temperature = _parsed(name)
    parts = [f"p = {number}"] if kind == _NUCLEUS else []
    parts += [f"T = {temperature}"] if temperature else []
    plain = {_GREEDY: "greedy", _TOP: f"top-{number}", _NUCLEUS: "NS"}.get(kind, name)
    return f"{plain} ({', '.join(parts)})" if parts else plain


def heading(name: str) -> str:
    """The title as a heading: Greedy, Top-15, NS (p = 0.9); "" for no decoding."""
    shown = title(name) if name else ""
    return shown if _parsed(name)[0] == _OTHER else shown[:1].upper() + shown[1:]


def _parsed(name: str) -> tuple[int, str, str]:
    """The kind of a decoding, its number and its temperature; "" where it has none."""
    for kind, pattern in _PATTERNS.items():
        if match := re.fullmatch(pattern, name):
            found = match.groupdict()
            if all(_is_number(part) for part in found.values() if part):
                return kind, found.get("number", ""), found["temperature"] or ""
    return _OTHER, "", ""


def _is_number(digits: str) -> bool:
    """1.2.3 is of digits and points, and is not a number."""
    return bool(re.fullmatch(r"[0-9]+(\.[0-9]+)?", digits))
