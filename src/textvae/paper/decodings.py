"""Order and titles of decoding strategies in tables."""

from textvae.errors import InputError
from textvae.schemes import DecodingStrategy


def sort_key(name: str) -> tuple[int, float, float, str]:
    """Return a decoding's sort key: none (""), greedy, top-k by k, nucleus by p, others by name."""
    scheme = _scheme(name)
    if scheme is None:
        return (3 if name else -1, 0, 0, name)
    if scheme.top_k is not None:
        return (0 if scheme.greedy else 1, scheme.top_k, scheme.temperature, name)
    return (2, scheme.nucleus, scheme.temperature, name)


def title(name: str) -> str:
    """Return the paper's name of a decoding within a sentence: greedy, top-15, NS (p = 0.9).

    A decoding of another kind keeps its own name.
    """
    scheme = _scheme(name)
    if scheme is None or scheme.greedy:
        return name
    if scheme.top_k is not None:
        plain, parts = f"top-{scheme.top_k}", []
    elif scheme.nucleus < 1:
        plain, parts = "NS", [f"p = {scheme.nucleus:g}"]
    else:
        plain, parts = "sampling", []
    parts += [f"T = {scheme.temperature:g}"] if scheme.temperature != 1 else []
    return f"{plain} ({', '.join(parts)})" if parts else plain


def heading(name: str) -> str:
    """Return the title as a heading: Greedy, Top-15, NS (p = 0.9); "" for no decoding."""
    shown = title(name)
    return shown if _scheme(name) is None else shown[:1].upper() + shown[1:]


def _scheme(name: str) -> DecodingStrategy | None:
    """Parse the name of a decoding; None if it is not a known one."""
    try:
        return DecodingStrategy.parse(name)
    except InputError:
        return None
