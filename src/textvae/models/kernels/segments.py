"""The time steps of a packed batch, and stretches of them whose gates share a buffer."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """The tokens of one time step, and those of the step before of the same sentences."""

    tokens: slice
    before: slice

    @property
    def count(self) -> int:
        """How many they are."""
        return self.tokens.stop - self.tokens.start

    @property
    def first(self) -> bool:
        """Whether there is no step before."""
        return self.tokens.start == 0


def stretches(sizes: list[int], most: int) -> list[list[Step]]:
    """All steps, in stretches of at most so many tokens (or one step)."""
    parts: list[list[Step]] = [[]]
    start = before = tokens = 0
    for size in sizes:
        if parts[-1] and tokens + size > most:
            parts.append([])
            tokens = 0
        parts[-1].append(Step(slice(start, start + size), slice(before, before + size)))
        before, start, tokens = start, start + size, tokens + size
    return parts


def within(stretch: list[Step]) -> Iterator[tuple[Step, slice]]:
    """The steps of a stretch, and where their tokens lie in its buffer."""
    first = stretch[0].tokens.start
    for step in stretch:
        yield step, slice(step.tokens.start - first, step.tokens.stop - first)


def covered(stretch: list[Step]) -> slice:
    """The tokens of a stretch."""
    return slice(stretch[0].tokens.start, stretch[-1].tokens.stop)
