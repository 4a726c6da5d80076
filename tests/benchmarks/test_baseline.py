"""Comparison of the speed of two checkouts."""

from pathlib import Path

import pytest
from benchmarks.baseline import BASELINE, HERE, Task, agreement, measure, ratios, table, tasks

from textvae.errors import InputError

ROOT = Path(__file__).parents[2]
TINY = Task(
    "FCE", "measuring", "sentences", "cross_entropy", "cbt-like", {"count": 3, "words": 12_002}
)


def rounds(*seconds):
    return [{"work": 12.0, "seconds": each, "cpu_seconds": 1.0} for each in seconds]


def test_ratios_are_of_rounds_that_ran_together():
    timed = {BASELINE: rounds(4, 6, 2), HERE: rounds(2, 2, 2)}
    assert ratios(timed, "seconds") == {
        "median": 2.0,
        "lowest": 1.0,
        "highest": 3.0,
        "rounds": [2.0, 3.0, 1.0],
    }
    assert ratios(timed, "cpu_seconds")["highest"] == 1.0


def test_numbers_of_both_are_compared():
    its, mine = [{"numbers": [1.0, 3.0]}], [{"numbers": [1.0, 4.0]}]
    expected = {"compared": 2, "share_differing": 0.5}
    assert agreement(its, mine, summed=False) == expected
    assert agreement(its, mine, summed=True) == {**expected, "sums_differ_by": 0.25}
    with pytest.raises(InputError, match="1 numbers here, 2"):
        agreement(its, [{"numbers": [1.0]}], summed=True)


def test_checkout_beside_itself_computes_the_same_numbers():
    (result,) = measure(ROOT, [TINY], rounds=1)
    assert result["numbers"] == {"compared": 6, "share_differing": 0.0, "sums_differ_by": 0.0}
    assert result["ratio"]["median"] > 0
    assert table([result])[-1].startswith("| FCE | ")


def test_other_folders_and_failing_checkouts_are_named(tmp_path):
    with pytest.raises(InputError, match=r"--baseline .*: not a checkout"):
        measure(tmp_path, [TINY], rounds=1)
    package = tmp_path / "src" / "textvae"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('broken here')")
    with pytest.raises(InputError, match="baseline: ended before its round did: broken here"):
        measure(tmp_path, [TINY], rounds=1)


def test_work_covers_trainings_and_measurements():
    assert {task.part for task in tasks(small=False)} == {"training", "measuring"}
