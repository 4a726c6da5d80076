"""What each rule cost, from the files that Snakemake leaves of each job."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_a_rule_is_named_by_the_folder_of_its_benchmarks(write, tmp_path):
    write("train/cbt/lstm/C3/seed1", line("31.52", "340.46", "15.18"))
    write("table1", line("0.15", "8.88", "0"))
    assert read_jobs(tmp_path, {}) == [
        Job("table1", "table1", 0.15, 0.0, 8.88),
        Job("train", "train/cbt/lstm/C3/seed1", 31.52, 15.18, 340.46),
    ]


def test_or_by_a_pattern_where_several_share_a_folder(write, tmp_path):
    for name in ("fce/cbt/real/lstm", "fce/cbt/C3/copy1/lstm", "fce/cbt/C3/copy1/fce"):
        write(name, line("1", "1", "1"))
    found = read_jobs(tmp_path, {"language_model": "fce/*/lstm"})
    assert [(job.rule, job.name) for job in found] == [
        ("fce", "fce/cbt/C3/copy1/fce"),
        ("language_model", "fce/cbt/C3/copy1/lstm"),
        ("language_model", "fce/cbt/real/lstm"),
    ]


@pytest.mark.parametrize("unknown", ["NA", "-", "", "0.00"])
def test_of_a_job_too_short_to_be_looked_at_there_is_no_memory(write, tmp_path, unknown):
    write("lines", line("0.12", unknown, "0"))
    assert read_jobs(tmp_path, {})[0].memory_mib is None


def test_a_repeated_benchmark_is_the_sum_of_its_lines(write, tmp_path):
    write("train/seed1", line("1.1", "5", "1"), line("2.2", "7", "2"))
    assert read_jobs(tmp_path, {}) == [Job("train", "train/seed1", 3.3, 3.0, 7.0)]


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("", []),
        (HEADER, []),
        (HEADER, [line("quick", "1", "1")]),
        (HEADER, [line("NA", "1", "1")]),
        (HEADER, [line("-1", "1", "1")]),
        (HEADER, [line("nan", "1", "1")]),
        (HEADER, ["1.0\t0:00:01\n"]),
        ("seconds\tmemory\n", ["1\t2\n"]),
    ],
)
def test_something_else_among_the_benchmarks(write, tmp_path, header, lines):
    path = write("train/seed1", *lines, header=header)
    with pytest.raises(InputError) as error:
        read_jobs(tmp_path, {})
    assert str(error.value) == (
        f"{path}: is not a benchmark of Snakemake (expected columns s, cpu_time and max_rss, and a "
        "line of numbers); remove it, which loses what that one job cost"
    )


def test_no_benchmarks(tmp_path):
    (tmp_path / "train.log").write_text("")
    with pytest.raises(InputError, match=r"holds no benchmarks \(expected \*\.tsv, which"):
        read_jobs(tmp_path, {})
    with pytest.raises(InputError, match="gone"):
        read_jobs(tmp_path / "gone", {})


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_whatever_such_a_file_holds_is_read_or_refused(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("benchmarks")
    (folder / "one.tsv").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(InputError, match=r"one\.tsv"):
        read_jobs(folder, {})


JOBS = [
    Job("evaluate", "evaluate/a", 2.5, 1.5, 300.0),
    Job("train", "train/a", 60.25, 50.5, 350.0),
    Job("train", "train/b", 30.5, 20.25, 360.0),
    Job("lines", "lines", 0.1, None, None),
]


def test_a_rule_costs_the_sum_of_its_jobs_and_the_most_memory_of_one():
    assert costs(JOBS) == [
        Cost("train", 2, 90.75, 60.25, 70.75, 360.0),
        Cost("evaluate", 1, 2.5, 2.5, 1.5, 300.0),
        Cost("lines", 1, 0.1, 0.1, None, None),
    ]


seconds = st.integers(0, 10**7).map(lambda hundredths: hundredths / 100)
measured = st.builds(
    Job,
    st.sampled_from(["train", "evaluate", "fce"]),
    st.text("ab/", min_size=1),
    seconds,
    st.none() | seconds,
    st.none() | seconds,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(measured, max_size=20))
def test_no_job_is_lost(jobs):
    found = costs(jobs)
    assert sum(cost.jobs for cost in found) == len(jobs)
    assert sum(cost.seconds for cost in found) == pytest.approx(sum(job.seconds for job in jobs))
    assert [cost.seconds for cost in found] == sorted((c.seconds for c in found), reverse=True)
    for cost in found:
        assert cost.longest_seconds <= cost.seconds + 1e-9


def test_the_table_ends_with_the_sum():
    table = costs_table(costs(JOBS), "What it cost.")
    rows = [[cell[0] for cell in line.cells] for block in table.blocks for line in block]
    assert rows[0] == ["train", "2", "0:01:31", "0:01:00", "0:01:11", "360"]
    assert rows[2] == ["lines", "1", "0:00:00", "0:00:00", "–", "–"]
    assert rows[-1] == ["all", "4", "0:01:33", "0:01:00", "0:01:12", "360"]
    assert len(table.blocks) == 2


def test_as_data():
    rows = list(csv.DictReader(io.StringIO(costs_csv(costs(JOBS)))))
    assert rows[0] == {
        "rule": "train",
        "jobs": "2",
        "seconds": "90.75",
        "longest_seconds": "60.25",
        "cpu_seconds": "70.75",
        "memory_mib": "360",
    }
    assert jobs_csv(JOBS).splitlines()[-1] == "lines,lines,0.1,,"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "–"), (0, "0:00:00"), (59.6, "0:01:00"), (3723, "1:02:03"), (360000, "100:00:00")],
)
def test_a_duration(seconds, shown):
    assert duration(seconds) == shown
