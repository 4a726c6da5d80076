"""Whatever is typed after a command, a person sees one line, never a traceback."""

import argparse
from collections.abc import Iterator

import broken
import example_run
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textvae.cli import COMMANDS, build_parser

# Drawing a figure takes a second where all else takes milliseconds.
EXAMPLES = 45
FIGURES = ("render figure1", "render curves", "pairs grammar")
OF_FIGURES = 10
TYPED = [text for text in broken.TEXTS if "\x00" not in text and len(text) < 4000]
TYPED += ["-5", "1.5", "1e-3", "nan", "1" + 40 * "0", "0x10", "a\udcff", "-", "--"]


def options(command: str, words: list[str]) -> Iterator[argparse.Action]:
    """What may be given to a command, and to its measurement if it has several."""
    parser = build_parser(command)
    while subparsers := [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]:
        name = next(word for word in words if word in subparsers[0].choices)
        parser = subparsers[0].choices[name]
    yield from (action for action in parser._actions if action.option_strings)


@st.composite
def typed(draw: st.DrawFn, name: str) -> list[str]:
    """A command line with a flag's value changed, a flag left out, or one added."""
    words = example_run.argv(name)
    flags = {action.option_strings[-1]: action for action in options(words[0], words)}
    del flags["--help"]
    flag = draw(st.sampled_from(sorted(flags)))
    action = flags[flag]
    place = next((i for i, word in enumerate(words) if word == flag), None)
    value = draw(st.sampled_from(TYPED))
    if place is None:
        return [*words, flag, *([value] if action.nargs != 0 else [])]
    if draw(st.integers(0, 5)) == 0:
        return [*words[:place], *words[place + (1 if action.nargs == 0 else 2) :]]
    return [*words[: place + 1], value, *words[place + 2 :]]


@pytest.mark.parametrize("name", sorted(example_run.COMMANDS))
def test_strange_flags(place, refusals, name):
    examples = OF_FIGURES if name in FIGURES else EXAMPLES

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(typed(name))
    def refused_or_done(words):
        refusals.command("flags", words, None)

    refused_or_done()


def test_every_command_is_in_the_run():
    assert {example_run.argv(name)[0] for name in example_run.COMMANDS} | {"fetch"} == set(COMMANDS)
