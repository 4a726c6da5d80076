"""A strange command line is refused in one line, or runs; all fuzzing reached the refusals."""

import re
from collections import Counter
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO

import broken
import example_run
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cli import main

# Figures take a second where all else takes milliseconds.
SLOW = ("render figure1", "render curves", "pairs grammar", "archive")
VALUES = [text for text in broken.TEXTS if "\x00" not in text and len(text) < 4000]
VALUES += ["-5", "1.5", "1e-3", "nan", "1" + 40 * "0", "0x10", "a\udcff", "-", "--"]


@cache
def flags(*command: str) -> dict[str, bool]:
    with redirect_stdout(StringIO()) as text, suppress(SystemExit):
        main([*command, "--help"])
    found = re.findall(r"^  (--[\w-]+)( \S)?", text.getvalue(), re.MULTILINE)
    return {flag: bool(value) for flag, value in found}


@st.composite
def command_lines(draw: st.DrawFn, name: str) -> list[str]:
    """Change the value of a flag of a valid command line, or remove or add a flag."""
    words = example_run.argv(name)
    takes_value = flags(*example_run.command(name))
    value = draw(st.sampled_from(VALUES))
    if not takes_value:
        return [*words, value]
    flag = draw(st.sampled_from(sorted(takes_value)))
    if flag not in words:
        return [*words, flag, *([value] if takes_value[flag] else [])]
    index = words.index(flag)
    if draw(st.integers(0, 5)) == 0:
        return [*words[:index], *words[index + 1 + takes_value[flag] :]]
    return [*words[: index + 1], value, *words[index + 2 :]]


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("name", sorted(example_run.COMMANDS))
def test_strange_flags_are_one_line(refusals, name):
    @broken.examples(10 if name in SLOW else 45)
    @given(command_lines(name))
    def check(words):
        refusals.command("flags", words, None)

    check()


MIN_REFUSED = {"configuration": 1500, "sources.yaml": 600, "no file": 400, "flags": 1000}
MIN_REFUSED |= {"prepare": 400, "measure": 2800, "gather": 1000, "render": 1300, "pairs": 400}
MIN_REFUSED |= {"train": 120, "sample": 250, "interpolate": 250, "codes": 100, "score": 120}
MIN_REFUSED |= {"common-dictionary": 120, "language-model": 80, "kneser-ney": 80, "self-bleu": 60}
MIN_REFUSED |= {"encode": 70, "archive": 50, "choose-C": 40}


def test_enough_inputs_of_every_kind_were_refused(refusals):
    refused = Counter()
    for kind, count in refusals.refused.items():
        name = kind.split(":")[0]
        # The subcommands of a command count together.
        refused[name if name in MIN_REFUSED else name.split()[0]] += count
    if set(refused) != set(MIN_REFUSED):
        pytest.skip("counts the refusals of all tests of this folder, and some were not run")
    assert not {
        kind: refused[kind]
        for kind, n in MIN_REFUSED.items()
        if refused[kind] < 0.8 * broken.SHARE * n
    }
    assert refused.total() >= 0.8 * broken.SHARE * 10_000
