"""The time steps of a packed batch, in segments whose gates share a buffer."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class TimeStep:
    """The tokens of one time step, and those of the same sentences one step before."""

    tokens: slice
    before: slice

    @property
    def count(self) -> int:
        """Return the number of tokens, one a sentence."""
        return self.tokens.stop - self.tokens.start

    @property
    def first(self) -> bool:
        """Return whether this is the first step."""
        return self.tokens.start == 0


def split_segments(sizes: list[int], max_tokens: int) -> list[list[TimeStep]]:
    """Split all steps into segments of at most `max_tokens` tokens, or of one step that has more.

    sizes: number of sentences that have a token at each step, decreasing.
    """
    segments: list[list[TimeStep]] = [[]]
    start = before = tokens = 0
    for size in sizes:
        if segments[-1] and tokens + size > max_tokens:
            segments.append([])
            tokens = 0
        segments[-1].append(TimeStep(slice(start, start + size), slice(before, before + size)))
        before, start, tokens = start, start + size, tokens + size
    return segments


def steps_of(segment: list[TimeStep]) -> Iterator[tuple[TimeStep, slice]]:
    """Yield the steps of a segment, each with the position of its tokens in the buffer."""
    first = segment[0].tokens.start
    for step in segment:
        yield step, slice(step.tokens.start - first, step.tokens.stop - first)


def tokens_of(segment: list[TimeStep]) -> slice:
    """Return the range of the packed tokens that a segment covers."""
    return slice(segment[0].tokens.start, segment[-1].tokens.stop)
