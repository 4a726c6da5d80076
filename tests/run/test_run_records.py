"""The record of a run: configuration, software, machine, and the cost of each rule."""

import json
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pretended_gpus import answering
from textvae import __version__
from textvae.errors import InputError
from textvae.run import information as module
from textvae.run.costs import Cost, Job, costs, costs_csv, costs_table, jobs_csv, read_jobs
from textvae.run.information import Machine, information, information_page, this_machine

keys = st.text(min_size=1, max_size=10)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(keys, values, max_size=4))
def test_configuration_is_read_back_unchanged(configuration):
    found = yaml.safe_load(module.configuration_yaml(configuration)) or {}
    assert found == configuration
    assert list(found) == list(configuration)


def test_record_as_json_and_page():
    machine = Machine("Linux-6", "A Fast One", 8, 31.2, ("H100, 80 GiB",))
    found = json.loads(json.dumps(information(machine, {"torch": "2.1"}, {"textvae.cells": "ab"})))
    assert found["machine"]["gpus"] == ["H100, 80 GiB"]
    assert (found["software"], found["code"]) == ({"torch": "2.1"}, {"textvae.cells": "ab"})
    page = information_page("targets: [<b>]\n  # indented\n", machine, {"<i>": "2.1+cpu"})
    for expected in (
        '<th scope="row">processor</th><td>A Fast One</td>',
        '<th scope="row">memory</th><td>31.2 GiB</td>',
        '<th scope="row">&lt;i&gt;</th><td>2.1+cpu</td>',
        "<pre>targets: [&lt;b&gt;]\n  # indented</pre>",
    ):
        assert expected in page
    unknown = information_page("", Machine("Linux", None, 1, None, ()), {})
    shown = dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', unknown))
    assert (shown["processor"], shown["memory"], shown["GPUs"]) == ("unknown", "unknown", "none")


def test_software_lists_the_package_and_python_first():
    found = module.software()
    first, second, *others = found
    assert (first, second) == ("textvae", "Python")
    assert (found[first], found[second]) == (__version__, platform.python_version())
    assert others == sorted(others, key=str.lower)
    assert found["torch"] == version("torch")


@pytest.mark.parametrize(
    ("text", "processor"),
    [
        ("processor\t: 0\nmodel name\t: One @ 3 GHz \nmodel name\t: Two\n", "One @ 3 GHz"),
        *(("model name :\n", None), (None, None)),
    ],
)
def test_machine_is_that_of_this_process(tmp_path, monkeypatch, text, processor):
    monkeypatch.setattr("platform.processor", lambda: "")
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    machine = this_machine(tmp_path / "cpuinfo")
    assert machine.processor == processor
    assert machine.cores == len(os.sched_getaffinity(0))
    kibibytes = int(re.search(r"MemTotal: *(\d+)", Path("/proc/meminfo").read_text())[1])
    assert machine.memory_gib == pytest.approx(kibibytes / 2**20, rel=0.1, abs=0.1)
    assert machine.system.startswith("Linux")


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("echo 'H100, 81559 MiB'; echo ' L4, 23034 MiB'", ("H100, 81559 MiB", "L4, 23034 MiB")),
        *((None, ()), ("echo broken; exit 1", ())),
    ],
)
def test_gpus_are_those_of_nvidia_smi(tmp_path, monkeypatch, commands, expected):
    monkeypatch.setenv("PATH", str(tmp_path))
    if commands:
        answering(tmp_path, commands)
    assert this_machine().gpus == expected


HEADER = "seconds\tcpu_seconds\tmemory_mib\n"
JOBS = [
    Job("evaluate", "evaluate/a", 2.5, 1.5, 300.0),
    Job("train", "train/a", 60.25, 50.5, 350.0),
    Job("train", "train/b", 30.5, 20.25, 360.0),
    Job("train", "train/killed", None, None, None),
    Job("lines", "lines", None, None, None),
]
LONG = Job("run", "run", 360_000, 3723, 10)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        """Write the record of a job: its path below the folder, and its content."""
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_jobs_are_read_with_their_rules(write, tmp_path):
    """A rule is the topmost folder or the file, unless a pattern names it."""
    write("train/cbt/lstm/C3/seed1", f"{HEADER}31.52\t15.18\t340.4\n")
    # Snakemake creates the logs that a killed job did not write.
    write("train/cbt/lstm/C3/seed2", "")
    write("table1", f"{HEADER}0.15\t0.0\t8.8\n")
    write("fce/real/lstm", f"{HEADER}1.1\t2.0\t5.0\n")
    assert read_jobs(tmp_path, {"language_model": "fce/*/lstm"}) == [
        Job("language_model", "fce/real/lstm", 1.1, 2.0, 5.0),
        Job("table1", "table1", 0.15, 0.0, 8.8),
        Job("train", "train/cbt/lstm/C3/seed1", 31.52, 15.18, 340.4),
        Job("train", "train/cbt/lstm/C3/seed2", None, None, None),
    ]


def test_variants_are_of_the_rule_of_their_exhibit(write, tmp_path):
    """A longer name is another exhibit, and a folder that of another rule."""
    expected = {"frontier": "frontier", "frontier-mine": "frontier", "frontier-table": "table"}
    expected |= {"frontier-table-mine": "table", "frontier10": "frontier10"}
    expected |= {"frontier-x/one": "frontier-x"}
    for name in expected:
        write(name, f"{HEADER}1\t1\t1\n")
    rules = {"frontier": "frontier*", "table": "frontier-table*", "frontier10": "frontier10"}
    jobs = read_jobs(tmp_path, rules)
    assert {job.name: job.rule for job in jobs} == expected
    assert {one.rule: one.jobs for one in costs(jobs)}["frontier"] == 2


def test_jobs_on_another_disk_are_read(write, tmp_path):
    write("disk/seed1", f"{HEADER}1\t1\t1\n")
    (tmp_path / "costs/train").mkdir(parents=True)
    (tmp_path / "costs/train/cbt").symlink_to(tmp_path / "disk")
    jobs = read_jobs(tmp_path / "costs", {})
    assert jobs == [Job("train", "train/cbt/seed1", 1.0, 1.0, 1.0)]


@pytest.mark.parametrize(
    "text",
    [
        *(f"{HEADER}{no}\t1\t1\n" for no in ("quick", "", "-1", "nan", "inf")),
        *(HEADER, f"{HEADER}1\t1\n", f"{HEADER}1\t1\t1\n1\t1\t1\n"),
        # Written by Snakemake's `benchmark:`.
        "s\tmax_rss\tcpu_time\n1\t1\t1\n",
    ],
)
def test_file_that_is_no_record_is_named(write, tmp_path, text):
    with pytest.raises(InputError, match=f"^{tmp_path}: "):
        read_jobs(tmp_path, {})
    path = write("train/seed1", text)
    with pytest.raises(InputError, match=f"^{path}: .*seconds, cpu_seconds, memory_mib"):
        read_jobs(tmp_path, {})


def test_costs_of_rules_by_hand():
    found = costs(JOBS)
    assert found == [
        Cost("train", 3, 2, 90.75, 60.25, 70.75, 360.0),
        Cost("evaluate", 1, 1, 2.5, 2.5, 1.5, 300.0),
        Cost("lines", 1, 0, None, None, None, None),
    ]
    table = costs_table(found, "Costs.")
    rows = [[[cell[0] for cell in row.cells] for row in block] for block in table.blocks]
    assert rows[0][0] == ["train", "3", "0:01:31", "0:01:00", "0:01:11", "360"]
    assert rows[0][2] == ["lines", "1", "–", "–", "–", "–"]
    assert rows[1] == [["all", "5", "0:01:33", "0:01:00", "0:01:12", "360"]]
    assert "2 of 5 jobs" in table.notes[1]
    header, first, *_ = costs_csv(found).splitlines()
    assert header == "rule,jobs,recorded,seconds,longest_seconds,cpu_seconds,memory_mib"
    assert first == "train,3,2,90.75,60.25,70.75,360"
    complete = costs_table(costs([LONG]), "Costs.")
    (row,), _ = complete.blocks
    assert [cell[0] for cell in row.cells][2:] == ["100:00:00", "100:00:00", "1:02:03", "10"]
    assert len(complete.notes) == 1
    assert jobs_csv(JOBS).splitlines()[-1] == "lines,lines,,,"
