"""Comparison of the workflows of two checkouts."""

from benchmarks.baseline import BASELINE, HERE
from benchmarks.overheads import commands_and_outputs, table

PLAN = """\
rule prepare:
    input: raw/train.txt
    output: corpora/c/vocabulary.txt, corpora/c/statistics.json
    jobid: 3
Shell command: textvae --costs c.tsv prepare --name 'a b' > >(tee prepare.log) 2>&1

rule kneser_ney:
    output: fce/kneser-ney.arpa (temporary)
Shell command: exec textvae kneser-ney --output fce/kneser-ney.arpa 2> >(tee k.log >&2)
"""


def test_commands_of_a_plan_have_their_words_and_outputs():
    assert commands_and_outputs(PLAN) == [
        (
            ["--costs", "c.tsv", "prepare", "--name", "a b"],
            ["corpora/c/vocabulary.txt", "corpora/c/statistics.json"],
        ),
        (["kneser-ney", "--output", "fce/kneser-ney.arpa"], ["fce/kneser-ney.arpa"]),
    ]


def test_table_shows_both_sides_and_their_ratio():
    sides = {
        side: {"count": count, "seconds": seconds, "cpu_seconds": 1.5, "peak_mib": 99}
        for side, count, seconds in ((BASELINE, 1228, 6.0), (HERE, 1448, 3.0))
    }
    result = {"run": "plan of the paper", "ratio": 0.5, "processor_ratio": 0.25} | sides
    expected = "| plan of the paper | 6.00 (1.50) | 3.00 (1.50) | 0.50 | 0.25 | 1,228 | 1,448 |"
    assert table([result])[-1] == expected
