"""So many inputs were refused, of every kind: the tests before this one were no idle work."""

from collections import Counter

import pytest

LEAST = 10_000
# Of a kind, or a command, as many as this at the least.
LEAST_OF = {
    "configuration": 1500,
    "sources.yaml": 600,
    "no file": 400,
    "flags": 1000,
    "prepare": 400,
    "measure": 2800,
    "train": 120,
    "sample": 250,
    "interpolate": 250,
    "codes": 100,
    "common-dictionary": 120,
    "language-model": 80,
    "kneser-ney": 80,
    "score": 120,
    "self-bleu": 60,
    "pairs": 400,
    "gather": 1000,
    "render": 1300,
}


def test_ten_thousand_bad_inputs_were_refused_in_a_line_each(refusals):
    refused = Counter()
    for kind, count in refusals.refused.items():
        name = kind.split(":")[0]
        # Of a command with several things to do (measure posterior), the command.
        refused[name if name in LEAST_OF else name.split()[0]] += count
    if set(refused) != set(LEAST_OF):
        pytest.skip("counts what all tests of this folder refused, and some were not run")
    too_few = {kind: refused[kind] for kind, least in LEAST_OF.items() if refused[kind] < least}
    assert not too_few
    assert refused.total() >= LEAST
