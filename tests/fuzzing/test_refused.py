"""The fuzzing before this test reached the code that refuses: at least 10,000 refusals."""

from collections import Counter

import pytest

MIN_REFUSED = {"configuration": 1500, "sources.yaml": 600, "no file": 400, "flags": 1000}
MIN_REFUSED |= {"prepare": 400, "measure": 2800, "gather": 1000, "render": 1300, "pairs": 400}
MIN_REFUSED |= {"train": 120, "sample": 250, "interpolate": 250, "codes": 100, "score": 120}
MIN_REFUSED |= {"common-dictionary": 120, "language-model": 80, "kneser-ney": 80, "self-bleu": 60}


def test_enough_inputs_of_every_kind_were_refused(refusals):
    refused = Counter()
    for kind, count in refusals.refused.items():
        name = kind.split(":")[0]
        # The subcommands of a command count together.
        refused[name if name in MIN_REFUSED else name.split()[0]] += count
    if set(refused) != set(MIN_REFUSED):
        pytest.skip("counts the refusals of all tests of this folder, and some were not run")
    assert not {kind: refused[kind] for kind, n in MIN_REFUSED.items() if refused[kind] < n}
    assert refused.total() >= 10_000
