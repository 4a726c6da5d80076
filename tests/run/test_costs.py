"""The cost of each rule, from Snakemake's benchmark files."""

import pytest

from textvae.errors import InputError
from textvae.run.costs import (
    Cost,
    Job,
    costs,
    costs_csv,
    costs_table,
    duration,
    jobs_csv,
    read_jobs,
)

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
JOBS = [
    Job("evaluate", "evaluate/a", 2.5, 1.5, 300.0),
    Job("train", "train/a", 60.25, 50.5, 350.0),
    Job("train", "train/b", 30.5, 20.25, 360.0),
    Job("lines", "lines", 0.1, None, None),
]


def line(seconds, memory, cpu):
    return f"{seconds}\t0:00:00\t{memory}\t1\t1\t1\t0\t0\t50\t{cpu}\n"


@pytest.fixture
def write(tmp_path):
    """Write the benchmark of a job: its path below the folder, and its lines."""

    def write(name, *lines, header=HEADER):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header + "".join(lines))
        return path

    return write


def test_jobs_are_read_with_their_rules(write, tmp_path):
    """A rule is the topmost folder or the file, unless a pattern names it."""
    write("train/cbt/lstm/C3/seed1", line("31.52", "340.46", "15.18"))
    write("table1", line("0.15", "8.88", "0"))
    # A repeated benchmark.
    write("fce/real/lstm", line("1.1", "5", "1"), line("2.2", "7", "2"))
    assert read_jobs(tmp_path, {"language_model": "fce/*/lstm"}) == [
        Job("language_model", "fce/real/lstm", 3.3, 3.0, 7.0),
        Job("table1", "table1", 0.15, 0.0, 8.88),
        Job("train", "train/cbt/lstm/C3/seed1", 31.52, 15.18, 340.46),
    ]


@pytest.mark.parametrize("unknown", ["NA", "-", "", "0.00"])
def test_memory_of_a_short_job_is_missing(write, tmp_path, unknown):
    write("lines", line("0.12", unknown, "0"))
    assert read_jobs(tmp_path, {})[0].memory_mib is None


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        (HEADER, []),
        (HEADER, [line("quick", "1", "1")]),
        (HEADER, [line("NA", "1", "1")]),
        (HEADER, [line("-1", "1", "1")]),
        (HEADER, [line("nan", "1", "1")]),
        (HEADER, [line("inf", "1", "1")]),
        (HEADER, ["1.0\t0:00:01\n"]),
        ("seconds\tmemory\n", ["1\t2\n"]),
    ],
)
def test_file_that_is_no_benchmark_is_named(write, tmp_path, header, lines):
    with pytest.raises(InputError, match=f"^{tmp_path}: "):
        read_jobs(tmp_path, {})
    path = write("train/seed1", *lines, header=header)
    with pytest.raises(InputError, match=f"^{path}: ") as error:
        read_jobs(tmp_path, {})
    assert all(column in str(error.value) for column in ("cpu_time", "max_rss"))


def test_costs_of_rules_by_hand():
    """Sums and maxima over jobs, the longest total first."""
    found = costs(JOBS)
    assert found == [
        Cost("train", 2, 90.75, 60.25, 70.75, 360.0),
        Cost("evaluate", 1, 2.5, 2.5, 1.5, 300.0),
        Cost("lines", 1, 0.1, 0.1, None, None),
    ]
    table = costs_table(found, "Costs.")
    rows = [[[cell[0] for cell in row.cells] for row in block] for block in table.blocks]
    assert rows[0][0] == ["train", "2", "0:01:31", "0:01:00", "0:01:11", "360"]
    assert rows[0][2] == ["lines", "1", "0:00:00", "0:00:00", "–", "–"]
    assert rows[1] == [["all", "4", "0:01:33", "0:01:00", "0:01:12", "360"]]
    assert costs_csv(found).splitlines()[:2] == [
        "rule,jobs,seconds,longest_seconds,cpu_seconds,memory_mib",
        "train,2,90.75,60.25,70.75,360",
    ]
    assert jobs_csv(JOBS).splitlines()[-1] == "lines,lines,0.1,,"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0:00:00"), (59.6, "0:01:00"), (3723, "1:02:03"), (360000, "100:00:00")],
)
def test_duration_is_in_hours_minutes_and_seconds(seconds, text):
    assert duration(seconds) == text
