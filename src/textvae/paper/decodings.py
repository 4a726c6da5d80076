"""Order and titles of decoding strategies in tables."""

from textvae.errors import InputError
from textvae.natural_order import natural
from textvae.schemes import DecodingStrategy


def sort_key(name: str) -> tuple[int, float, float, object]:
    """Return a decoding's sort key: none (""), greedy, top-k by k, nucleus by p, others by name."""
    strategy = _strategy(name)
    if strategy is None:
        return (3 if name else -1, 0, 0, natural(name))
    if strategy.top_k is not None:
        return (0 if strategy.greedy else 1, strategy.top_k, strategy.temperature, natural(name))
    return (2, strategy.nucleus, strategy.temperature, natural(name))


def title(name: str) -> str:
    """Return the paper's name of a decoding within a sentence: greedy, top-15, NS (p = 0.9).

    A decoding of another kind keeps its own name.
    """
    strategy = _strategy(name)
    if strategy is None or strategy.greedy:
        return name
    if strategy.top_k is not None:
        plain, parts = f"top-{strategy.top_k}", []
    elif strategy.nucleus < 1:
        plain, parts = "NS", [f"p = {strategy.nucleus:g}"]
    else:
        plain, parts = "sampling", []
    parts += [f"T = {strategy.temperature:g}"] if strategy.temperature != 1 else []
    return f"{plain} ({', '.join(parts)})" if parts else plain


def heading(name: str) -> str:
    """Return the title as a heading: Greedy, Top-15, NS (p = 0.9); "" for no decoding."""
    text = title(name)
    return text if _strategy(name) is None else text[:1].upper() + text[1:]


def _strategy(name: str) -> DecodingStrategy | None:
    """Parse the name of a decoding; None if it is not a known one."""
    try:
        return DecodingStrategy.parse(name)
    except InputError:
        return None
