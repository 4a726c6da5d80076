"""The demo's Table 1 on a cluster where everything goes wrong once, and the table is right."""

import json
import os
import re
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
# Seconds after which something has gone wrong that no test foresaw.
PATIENCE = 600


@contextmanager
def submitting(workflow: Workflow, *arguments: str) -> Iterator[subprocess.Popen]:
    """Snakemake, as a user starts it; what it says goes to said.txt. It does not outlive a test."""
    with (workflow.folder / "said.txt").open("a") as said:
        run = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=workflow.folder,
            env=os.environ | workflow.environment,
            stdout=said,
            stderr=said,
        )
        try:
            yield run
        finally:
            run.kill()
            run.wait()


def await_that(there: Callable[[], Any], run: subprocess.Popen | None = None) -> Any:
    """What `there` returns, once it is something."""
    for _ in range(PATIENCE * 5):
        if found := there():
            return found
        assert run is None or run.poll() is None, "snakemake ended too early"
        time.sleep(0.2)
    raise AssertionError("it did not come to pass")


def training(workflow: Workflow, folder: str) -> list[psutil.Process]:
    """The processes that train the cell of a model folder now, the oldest first."""
    found = [
        process
        for process in psutil.process_iter(["cmdline", "cwd", "create_time"])
        if process.info["cwd"] == str(workflow.folder)
        and (process.info["cmdline"] or [])[2:3] == ["train"]
        and folder in process.info["cmdline"]
    ]
    return sorted(found, key=lambda process: process.info["create_time"])


def step(workflow: Workflow, folder: str) -> int:
    """How far the training of a cell is, by its record."""
    records = list((workflow.folder / f"{folder}.checkpoints").glob("*/training.jsonl"))
    lines = records[0].read_text().splitlines() if records else []
    return json.loads(lines[-1])["step"] if lines and lines[-1].endswith("}") else 0


def stop_in_the_middle(
    workflow: Workflow, folder: str, after: int, run: subprocess.Popen
) -> psutil.Process:
    """Hold the training of a cell at some step after `after`, as a node that hangs would."""
    (process,) = await_that(
        lambda: step(workflow, folder) > after and training(workflow, folder), run
    )
    process.send_signal(signal.SIGSTOP)
    return process


def of_cell(jobs: list[dict[str, str]], C: int) -> list[dict[str, str]]:
    """SLURM's records of the jobs that trained a cell, in their order."""
    comment = f"rule_train_wildcards_grammar_lstm-small_{C}_1"
    return [job for job in jobs if job.get("Comment") == comment]


def outcome(folder: Path) -> dict[str, Any]:
    """All that must be as if nothing had happened: weights, config, record but for its speeds."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    names = ("model.safetensors", "config.json", "rate-distortion.json", "likelihood.json")
    return {"record": lines} | {name: (folder / name).read_bytes() for name in names}


def test_a_table_whose_jobs_fail_are_cancelled_preempted_and_out_of_time(
    cluster, on_cluster, built_here, capsys
):
    workflow = on_cluster(
        # What the cell of C = 15 asks for may be taken away from it.
        gpu_partition="'gpu-scavenge' if wildcards.C == '15' else 'gpu'",
        gpu_jobs={
            "train": [
                # C = 40 gets a minute at its first attempt, C = 2 memory for half of what it needs.
                "(1 if (wildcards.C, attempt) == ('40', 1) else 10)",
                "(300 if wildcards.C == '2' else 1000)",
            ],
            "measure_split": [10, 1000],
        },
    )
    # By cell, which the profile itself knows nothing of: its partitions are names.
    profile = workflow.folder / "profiles/slurm/config.yaml"
    by_cell = profile.read_text().replace("?repr(str(gpu_partition))", "?gpu_partition")
    profile.write_text(by_cell)
    command = ["results/demo/table1.csv", *PROFILE, "--config", "checkpoint_minutes=0.02"]
    with submitting(workflow, *command) as run:
        # C = 40 hangs until SLURM ends it.
        stop_in_the_middle(workflow, CELLS[40], 100, run)
        # C = 15 is preempted by an urgent job that wants the very GPU it has.
        stop_in_the_middle(workflow, CELLS[15], 100, run)
        (preempted,) = of_cell(cluster.jobs(), 15)
        model = "a100" if "a100:1" in preempted["JOB_GRES"] else "h100"
        wanted = ["--partition=gpu-urgent", f"--gpus={model}:1", "--mem=100", "--output=/dev/null"]
        cluster.ask("sbatch", *wanted, "--comment=urgent", "--wrap=sleep 2")
        # At its second attempt C = 40 is cancelled by hand.
        await_that(lambda: len(of_cell(cluster.jobs(), 40)) == 2, run)
        went_on_from = step(workflow, CELLS[40])
        stop_in_the_middle(workflow, CELLS[40], went_on_from, run)
        cluster.ask("scancel", of_cell(cluster.jobs(), 40)[-1]["JobId"])
        run.wait(timeout=PATIENCE)
    assert run.returncode == 0, (workflow.folder / "said.txt").read_text()

    for folder in CELLS.values():
        assert outcome(workflow.folder / folder) == outcome(built_here.folder / folder)
    ours, expected = (
        (made.folder / "results/demo/table1.csv").read_bytes() for made in (workflow, built_here)
    )
    assert ours == expected

    jobs, ends = cluster.jobs(), cluster.completed()
    with capsys.disabled():
        print(report(jobs, ends))
    states = {C: [job["JobState"] for job in of_cell(jobs, C)] for C in CELLS}
    assert states[15] == ["COMPLETED"]
    assert states[40] == ["TIMEOUT", "CANCELLED", "COMPLETED"]
    assert states[2][-1] == "COMPLETED"
    assert states[2][0] in ("OUT_OF_MEMORY", "FAILED", "CANCELLED")
    failed = of_cell(jobs, 2)[0]["JobId"]
    (log,) = (workflow.folder / ".snakemake/slurm_logs").rglob(f"{failed}.log")
    assert "exceeded memory limit" in log.read_text()
    # Each training was a job with one GPU, and what it asked for grew from attempt to attempt.
    for C in CELLS:
        for job in of_cell(jobs, C):
            assert sorted(part[-2:] for part in job["JOB_GRES"].split(",")) == [":0", ":1"]
            assert job["TresPerJob"] == "gres:gpu:1"
    asked = {C: [(job["TimeLimit"], job["Mem"]) for job in of_cell(jobs, C)] for C in CELLS}
    assert asked[15] == [("00:10:00", "1000")]
    assert asked[40] == [("00:01:00", "1000"), ("00:20:00", "2000"), ("00:30:00", "3000")]
    assert asked[2][:2] == [("00:10:00", "300"), ("00:20:00", "600")]
    # SLURM's book of ends has the requeued job twice: preempted, then completed.
    (requeued,) = of_cell(jobs, 15)
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


def report(jobs: list[dict[str, str]], ends: list[dict[str, str]]) -> str:
    """What SLURM says, a line for each time a job ended."""
    known = {job["JobId"]: job for job in jobs}
    lines = ["", "SLURM's record of each time a job ended:"]
    for end in ends:
        job = known.get(end["JobId"], {})
        lines.append(
            f"  {end['JobId']:>3} {end['JobState']:10} {end['Partition']:12}"
            f" {end['TimeLimit']:>4} min  {end['Tres']:40} {job.get('JOB_GRES', ''):26}"
            f" Restarts={job.get('Restarts')} {job.get('Comment')}"
        )
    return "\n".join(lines)


def test_a_master_that_was_killed_leaves_an_orphan_and_its_duplicate_waits(cluster, on_cluster):
    """Both write one model; here GPUs are asked for by --gres."""
    workflow = on_cluster(
        ask_by="gres", gpu_jobs={"train": [10, 1000]}, cpu_jobs={"prepare": [10, 500]}
    )
    workflow.configure(lambda config: config["models"]["tiny"].update(epochs=60))
    folder = "results/models/little/tiny/C3/seed1"
    command = [f"{folder}/model.safetensors", "--configfile", "tiny.yaml", *PROFILE[:2]]
    with submitting(workflow, *command) as run:
        orphan = stop_in_the_middle(workflow, folder, 5, run)
        run.kill()
    with submitting(workflow, "--unlock", *command) as run:
        run.wait(timeout=PATIENCE)
    log = workflow.folder / "results/logs/train/little/tiny/C3/seed1.log"
    with submitting(workflow, *command) as run:
        await_that(lambda: len(training(workflow, folder)) == 2, run)
        await_that(lambda: "waiting for process" in log.read_text(), run)
        assert f"process {orphan.pid} on" in log.read_text()
        orphan.send_signal(signal.SIGCONT)
        run.wait(timeout=PATIENCE)
    said = (workflow.folder / "said.txt").read_text()
    assert run.returncode == 0, said
    comment = "rule_train_wildcards_little_tiny_3_1"
    jobs = [job for job in cluster.jobs() if job.get("Comment") == comment]
    await_that(lambda: [job["JobState"] for job in jobs])
    assert len(jobs) == 2
    assert {job["TresPerNode"] for job in jobs} == {"gres:gpu:1"}
    # One trained, from the first step to the last; the other took what was there.
    record = (workflow.folder / folder / "training.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in record]
    assert steps == sorted(steps)
    assert "resuming after step" not in log.read_text()
    assert (workflow.folder / folder / "config.json").exists()


def test_tables_2_to_4_on_one_model_of_gpu_and_ctrl_c(cluster, on_cluster):
    """What a cell generates and how it is measured are grouped; GPUs are asked for by --gres."""
    workflow = on_cluster(
        ask_by="gres", gpu_model="h100", gpu_jobs={rule: [5, 800] for rule in MODEL_RULES}
    )
    workflow.configure(lambda config: config.update(targets=["table2", "table3", "table4"]))
    command = ["--configfile", "tiny.yaml", *PROFILE[:2]]

    def of_folder():
        return [job for job in cluster.jobs() if job.get("WorkDir") == str(workflow.folder)]

    with submitting(workflow, *command) as run:
        await_that(lambda: any("rule_train" in job.get("Comment", "") for job in of_folder()), run)
        run.send_signal(signal.SIGINT)
        run.wait(timeout=PATIENCE)
    await_that(lambda: not cluster.ask("squeue", "--noheader").strip())
    assert "CANCELLED" in {job["JobState"] for job in of_folder()}

    with submitting(workflow, *command) as run:
        run.wait(timeout=PATIENCE)
    assert run.returncode == 0, (workflow.folder / "said.txt").read_text()
    assert all((workflow.folder / f"results/table{n}.csv").exists() for n in (2, 3, 4))
    groups = {}
    for job in of_folder():
        if grouped := re.match("rule_(measure|generate|describe)-", job["Comment"]):
            groups.setdefault(grouped[1], []).append(job)
    assert groups.keys() == {"measure", "generate", "describe"}
    for name, jobs in groups.items():
        for job in jobs:
            assert (job["JobState"], job["NumCPUs"]) == ("COMPLETED", "1")
            expected = ("cpu", None) if name == "describe" else ("gpu", "gres:gpu:h100:1")
            assert (job["Partition"], job.get("TresPerNode")) == expected
