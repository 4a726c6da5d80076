"""What `textvae measure` measures: flags and readers of each kind of subject.

The kinds are those of `textvae.measurements`: sentences, lines, minimal pairs, synthetic text.
"""

import argparse
from collections.abc import Callable, Mapping

from textvae.commands.subjects import fce, lines, pairs, split, text
from textvae.commands.subjects.subject import Subject
from textvae.registry import Declaration

Flags = Callable[[argparse.ArgumentParser, Declaration], None]
Reader = Callable[[argparse.Namespace, Declaration], Subject]

# Kind of subject -> its flags and its reader.
KINDS: Mapping[str, tuple[Flags, Reader]] = {
    "split": (split.add_flags, split.read),
    "lines": (lines.add_flags, lines.read),
    "text": (text.add_flags, text.read),
    "fce": (fce.add_flags, fce.read),
    "pairs": (pairs.add_flags, pairs.read),
}
