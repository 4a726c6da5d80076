"""The workflow on a cluster whose jobs time out, run out of memory, are preempted and cancelled."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from workflow_copy import Workflow

pytestmark = pytest.mark.cluster

PROFILE = ("--profile", "profiles/slurm", "--configfile", "config/demo.yaml")
CELLS = {C: f"results/demo/models/grammar/lstm-small/C{C}/seed1" for C in (2, 15, 40)}
MODEL_RULES = (
    *("train", "language_model", "sample", "interpolate"),
    *("measure_split", "measure_lines", "measure_fce", "measure_pairs"),
)
# Seconds to wait for an event before a test fails.
TIMEOUT = 600


@contextmanager
def submitting(workflow: Workflow, *arguments: str) -> Iterator[subprocess.Popen]:
    """Run Snakemake as a user does, with output in output.txt, and kill it at the end.

    Of a run that has not ended by then, the output is printed, with the stacks of its threads.
    """
    path = workflow.folder / "output.txt"
    with path.open("a") as output:
        run = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "snakemake", *arguments],
            cwd=workflow.folder,
            env=os.environ | workflow.environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield run
        except BaseException:
            if run.poll() is None:
                run.send_signal(signal.SIGABRT)
                run.wait(timeout=60)
            print(path.read_text())
            raise
        finally:
            run.kill()
            run.wait()


def interrupt(run: subprocess.Popen) -> None:
    """Press Ctrl-C, again after each minute in which the run does not end, as a person would."""
    for _ in range(TIMEOUT // 60):
        run.send_signal(signal.SIGINT)
        try:
            run.wait(timeout=60)
        except subprocess.TimeoutExpired:
            continue
        return
    raise AssertionError("an interrupted run did not end")


def slow_squeue(workflow: Workflow, seconds: int) -> Path:
    """Have the workflow's squeue wait before it answers; return a file that is there meanwhile."""
    folder = workflow.folder.parent / "programs"
    folder.mkdir()
    asking, program = folder / "asking", folder / "squeue"
    lines = ("#!/bin/sh", f"touch {asking}", f"sleep {seconds}", f"rm {asking}")
    program.write_text("\n".join([*lines, f'exec {shutil.which("squeue")} "$@"\n']))
    program.chmod(0o755)
    workflow.environment["PATH"] = f"{folder}{os.pathsep}{workflow.environment['PATH']}"
    return asking


def until(condition: Callable[[], Any], run: subprocess.Popen | None = None) -> Any:
    """Wait until a condition is true, while a run lasts, and return its value."""
    for _ in range(TIMEOUT * 5):
        if value := condition():
            return value
        assert run is None or run.poll() is None, "snakemake ended too early"
        time.sleep(0.2)
    raise AssertionError(f"not true after {TIMEOUT} seconds")


def training(workflow: Workflow, folder: str) -> list[psutil.Process]:
    """Return the processes that train the cell of a model folder, the oldest first."""
    processes = [
        process
        for process in psutil.process_iter(["cmdline", "cwd", "create_time"])
        if process.info["cwd"] == str(workflow.folder)
        and "train" in (process.info["cmdline"] or [])[2:5]
        and folder in process.info["cmdline"]
    ]
    return sorted(processes, key=lambda process: process.info["create_time"])


def step(workflow: Workflow, folder: str) -> int:
    """Return the step of the last line in a training's record; 0 if there is none."""
    records = list((workflow.folder / f"{folder}.checkpoints").glob("*/training.jsonl"))
    lines = records[0].read_text().splitlines() if records else []
    return json.loads(lines[-1])["step"] if lines and lines[-1].endswith("}") else 0


def suspend(workflow: Workflow, folder: str, after: int, run: subprocess.Popen) -> psutil.Process:
    """Stop the training of a cell at some step after `after`, like a node that hangs."""
    (process,) = until(lambda: step(workflow, folder) > after and training(workflow, folder), run)
    process.send_signal(signal.SIGSTOP)
    return process


def training_jobs(jobs: list[dict[str, str]], C: int) -> list[dict[str, str]]:
    """Return SLURM's records of the jobs that trained a cell, in order."""
    comment = f"rule_train_wildcards_grammar_lstm-small_{C}_1"
    return [job for job in jobs if job.get("Comment") == comment]


def outcome(folder: Path) -> dict[str, Any]:
    """Return all that interruptions must not change: weights, config, record without speeds."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    names = ("model.safetensors", "config.json", "rate-distortion.json", "likelihood.json")
    return {"record": lines} | {name: (folder / name).read_bytes() for name in names}


def test_failed_cancelled_preempted_and_timed_out_jobs_resume(cluster, on_cluster, built_here):
    workflow = on_cluster(
        # The training of C = 15 can be preempted.
        gpu_partition="'gpu-scavenge' if wildcards.C == '15' else 'gpu'",
        gpu_jobs={
            "train": [
                # C = 40 gets a minute at its first attempt, C = 2 half of the memory it needs.
                "(1 if (wildcards.C, attempt) == ('40', 1) else 10)",
                "(300 if wildcards.C == '2' else 1000)",
            ],
            "measure_split": [10, 1000],
        },
    )
    # An expression by cell, where the profile expects the name of a partition.
    profile = workflow.folder / "profiles/slurm/config.yaml"
    by_cell = profile.read_text().replace("?repr(str(gpu_partition))", "?gpu_partition")
    profile.write_text(by_cell)
    command = ["results/demo/table1.csv", *PROFILE, "--config", "checkpoint_minutes=0.02"]
    with submitting(workflow, *command) as run:
        # C = 40 hangs until its time limit.
        suspend(workflow, CELLS[40], 100, run)
        # C = 15 is preempted by an urgent job that requests its GPU.
        suspend(workflow, CELLS[15], 100, run)
        (preempted,) = training_jobs(cluster.jobs(), 15)
        model = "a100" if "a100:1" in preempted["JOB_GRES"] else "h100"
        wanted = ["--partition=gpu-urgent", f"--gpus={model}:1", "--mem=100", "--output=/dev/null"]
        cluster.ask("sbatch", *wanted, "--comment=urgent", "--wrap=sleep 2")
        # At its second attempt C = 40 is cancelled by hand.
        until(lambda: len(training_jobs(cluster.jobs(), 40)) == 2, run)
        suspend(workflow, CELLS[40], step(workflow, CELLS[40]), run)
        cluster.ask("scancel", training_jobs(cluster.jobs(), 40)[-1]["JobId"])
        run.wait(timeout=TIMEOUT)
    assert run.returncode == 0, (workflow.folder / "output.txt").read_text()

    for folder in CELLS.values():
        assert outcome(workflow.folder / folder) == outcome(built_here.folder / folder)
    ours, expected = (
        (made.folder / "results/demo/table1.csv").read_bytes() for made in (workflow, built_here)
    )
    assert ours == expected

    jobs, ends = cluster.jobs(), cluster.completed()
    states = {C: [job["JobState"] for job in training_jobs(jobs, C)] for C in CELLS}
    assert states[15] == ["COMPLETED"]
    assert states[40] == ["TIMEOUT", "CANCELLED", "COMPLETED"]
    assert states[2][-1] == "COMPLETED"
    assert states[2][0] in ("OUT_OF_MEMORY", "FAILED", "CANCELLED")
    failed = training_jobs(jobs, 2)[0]["JobId"]
    (log,) = (workflow.folder / ".snakemake/slurm_logs").rglob(f"{failed}.log")
    assert "exceeded memory limit" in log.read_text()
    # Each training was a job with one GPU, and its request grew with each attempt.
    for C in CELLS:
        for job in training_jobs(jobs, C):
            assert sorted(part[-2:] for part in job["JOB_GRES"].split(",")) == [":0", ":1"]
            assert job["TresPerJob"] == "gres:gpu:1"
    limits = {C: [(job["TimeLimit"], job["Mem"]) for job in training_jobs(jobs, C)] for C in CELLS}
    assert limits[15] == [("00:10:00", "1000")]
    assert limits[40] == [("00:01:00", "1000"), ("00:20:00", "2000"), ("00:30:00", "3000")]
    assert limits[2][:2] == [("00:10:00", "300"), ("00:20:00", "600")]
    # The requeued job ended twice: preempted, then completed.
    (requeued,) = training_jobs(jobs, 15)
    assert requeued["Restarts"] == "1"
    ended = [end["JobState"] for end in ends if end["JobId"] == requeued["JobId"]]
    assert ended == ["PREEMPTED", "COMPLETED"]
    # The measurements of a cell were one job.
    for C in CELLS:
        group = f"rule_measure-grammar-lstm-small-C{C}-seed1_measure_split"
        (job,) = (job for job in jobs if job["Comment"] == group)
        assert (job["JobState"], job["TimeLimit"]) == ("COMPLETED", "00:50:00")
    # Nothing was trained twice.
    for C in (15, 40):
        log = workflow.folder / f"results/demo/logs/train/grammar/lstm-small/C{C}/seed1.log"
        assert "resuming after step" in log.read_text()


def test_job_waits_for_the_training_of_a_killed_run(cluster, on_cluster):
    """Both jobs write the same model; GPUs are requested with --gres."""
    workflow = on_cluster(
        ask_by="gres", gpu_jobs={"train": [10, 1000]}, cpu_jobs={"prepare": [10, 500]}
    )
    workflow.configure(lambda config: config["models"]["tiny"].update(epochs=60))
    folder = "results/models/little/tiny/C3/seed1"
    command = [f"{folder}/model.safetensors", "--configfile", "tiny.yaml", *PROFILE[:2]]
    with submitting(workflow, *command) as run:
        orphan = suspend(workflow, folder, 5, run)
        run.kill()
    with submitting(workflow, "--unlock", *command) as run:
        run.wait(timeout=TIMEOUT)
    log = workflow.folder / "results/logs/train/little/tiny/C3/seed1.log"
    with submitting(workflow, *command) as run:
        until(lambda: len(training(workflow, folder)) == 2, run)
        until(lambda: "waiting for process" in log.read_text(), run)
        assert f"process {orphan.pid} on" in log.read_text()
        orphan.send_signal(signal.SIGCONT)
        run.wait(timeout=TIMEOUT)
    output = (workflow.folder / "output.txt").read_text()
    assert run.returncode == 0, output
    comment = "rule_train_wildcards_little_tiny_3_1"
    jobs = [job for job in cluster.jobs() if job.get("Comment") == comment]
    until(lambda: [job["JobState"] for job in jobs])
    assert len(jobs) == 2
    assert {job["TresPerNode"] for job in jobs} == {"gres:gpu:1"}
    # One trained from the first step to the last; the other kept its model.
    record = (workflow.folder / folder / "training.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in record]
    assert steps == sorted(steps)
    assert "resuming after step" not in log.read_text()
    assert (workflow.folder / folder / "config.json").exists()


def test_interrupt_cancels_jobs_and_small_jobs_of_a_cell_are_grouped(cluster, on_cluster):
    """GPUs of a given model are requested with --gres."""
    workflow = on_cluster(
        ask_by="gres", gpu_model="h100", gpu_jobs={rule: [5, 800] for rule in MODEL_RULES}
    )
    workflow.configure(lambda config: config.update(targets=["table2", "table3", "table4"]))
    command = ["--configfile", "tiny.yaml", *PROFILE[:2]]

    def own_jobs():
        return [job for job in cluster.jobs() if job.get("WorkDir") == str(workflow.folder)]

    # The run is interrupted while it asks for the states of its jobs, which takes three seconds.
    path = workflow.environment["PATH"]
    asking = slow_squeue(workflow, seconds=3)
    with submitting(workflow, *command) as run:
        until(lambda: any("rule_train" in job.get("Comment", "") for job in own_jobs()), run)
        until(asking.exists, run)
        interrupt(run)
    workflow.environment["PATH"] = path
    until(lambda: not cluster.ask("squeue", "--noheader").strip())
    assert "CANCELLED" in {job["JobState"] for job in own_jobs()}

    with submitting(workflow, *command) as run:
        run.wait(timeout=TIMEOUT)
    assert run.returncode == 0, (workflow.folder / "output.txt").read_text()
    assert all((workflow.folder / f"results/table{n}.csv").exists() for n in (2, 3, 4))
    groups = {}
    for job in own_jobs():
        if grouped := re.match("rule_(measure|generate|describe)-", job["Comment"]):
            groups.setdefault(grouped[1], []).append(job)
    assert groups.keys() == {"measure", "generate", "describe"}
    for name, jobs in groups.items():
        for job in jobs:
            assert (job["JobState"], job["NumCPUs"]) == ("COMPLETED", "1")
            expected = ("cpu", None) if name == "describe" else ("gpu", "gres:gpu:h100:1")
            assert (job["Partition"], job.get("TresPerNode")) == expected
