"""Jobs that are killed or fail: finished work is kept, and a rerun gives the same table.

One cell and one measurement, so that each run takes seconds. Most tests start with a training that
was killed after a checkpoint; then the results are read-only, or memory is short.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import psutil
import pytest

from small_disk import read_only
from workflow_copy import Workflow, checkout

TABLE = "results/table1.csv"
CELL = "little/tiny/C3/seed1"
MODEL = f"results/models/{CELL}/model.safetensors"
RUN = ("--configfile", "tiny.yaml", "--", TABLE)
# What remains once the corpus is prepared.
REST = ["train", "measure_split", "gather", "table1"]


def one_cell(config):
    entry = config["experiments"]["table1"] | {"C": [3], "measurements": ["rate-distortion"]}
    config["experiments"] = {"table1": entry}
    config["targets"] = ["table1"]
    # Takes seconds, with a checkpoint every few steps. Trainings are compared bit for bit, and on a
    # busy machine `auto` may find another precision for the second one.
    config["models"]["tiny"].update(epochs=3, batch=4, precision="float32")
    config["checkpoint_minutes"] = 0.001


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Return a workflow with its corpus only. Read-only."""
    workflow = checkout(tmp_path_factory.mktemp("prepared") / "checkout")
    workflow.configure(one_cell)
    corpus = "results/corpora/little/statistics.json"
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--", corpus))
    return workflow


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory):
    """Return a run without faults, in processes of its own. Read-only."""
    workflow = copy(prepared, tmp_path_factory.mktemp("undisturbed"))
    process = workflow.start(*RUN)
    workflow.address_space = largest_address_space(psutil.Process(training_of(workflow, process)))
    finished(ended(process))
    return workflow


@pytest.fixture(scope="module")
def killed(prepared, tmp_path_factory):
    """Return a workflow whose training was killed after a checkpoint, and its run. Read-only."""
    workflow = copy(prepared, tmp_path_factory.mktemp("killed"))
    process = workflow.start(*RUN)
    training = training_of(workflow, process)
    until(process, lambda: checkpoints(workflow))
    os.kill(training, signal.SIGKILL)
    return workflow, ended(process)


@pytest.fixture
def half_trained(killed, tmp_path):
    """Return a copy of the killed workflow for one test to continue."""
    return copy(killed[0], tmp_path)


def copy(workflow, folder):
    shutil.copytree(workflow.folder, folder / "checkout")
    return Workflow(folder / "checkout")


def finished(run):
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def failed(run):
    """Return the output of a run, which must have failed."""
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout + run.stderr


def ended(process):
    """Wait for the end of a process and return its outcome."""
    printed, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, printed, errors)


def until(process, condition):
    """Wait until a condition is true, while a process runs, and return its value."""
    end = time.monotonic() + 120
    while not (value := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    return value


def started(run):
    """Return the rules of the jobs that a run started, in order."""
    return re.findall(r"^(?:local)?rule (\w+):", run.stdout + run.stderr, re.MULTILINE)


def outcome(workflow):
    return (workflow.folder / TABLE).read_bytes(), (workflow.folder / MODEL).read_bytes()


def checkpoints(workflow):
    folder = workflow.folder / f"results/models/{CELL}.checkpoints"
    return {int(path.name[4:13]) for path in folder.rglob("step*.safetensors")}


def log(workflow):
    path = workflow.folder / f"results/logs/train/{CELL}.log"
    return path.read_text() if path.exists() else ""


def training_of(workflow, process):
    """Wait for the training that a run starts and return its process id."""

    def find():
        for one in psutil.process_iter(["cmdline", "cwd", "pid"]):
            words = one.info["cmdline"] or []
            mine = one.info["cwd"] == os.path.realpath(workflow.folder)
            if mine and "train" in words and "--corpus" in words:
                return one.info["pid"]
        return None

    return until(process, find)


def largest_address_space(process):
    """Watch a process to its end and return the most virtual memory that it had, in bytes."""
    largest = 0
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            largest = max(largest, process.memory_info().vms)
            time.sleep(0.01)
    return largest


def assert_resumes(workflow, undisturbed):
    """Repeat the run: it resumes from the checkpoint, to the same numbers, and redoes nothing."""
    step = max(checkpoints(workflow))
    corpus = workflow.folder / "results/corpora/little/train.tokens.npy"
    prepared_at = corpus.stat().st_mtime_ns
    run = finished(workflow.snakemake(*RUN))
    assert started(run) == REST
    assert f"{CELL}  resuming after step {step} of 225\n" in log(workflow)
    assert corpus.stat().st_mtime_ns == prepared_at
    assert outcome(workflow) == outcome(undisturbed)


def test_killed_job_is_named_and_resumes(killed, half_trained, undisturbed):
    output = failed(killed[1])
    assert "died with <Signals.SIGKILL: 9>" in output
    assert "Error in rule train:" in output
    assert f"output: {MODEL} and 3 more\n" in output
    # Its log is shown, not the costs, which it could not record.
    assert f"Logfile results/logs/train/{CELL}.log:" in output
    assert ".tsv not found" not in output
    assert_resumes(half_trained, undisturbed)


def test_read_only_results_are_reported_before_any_job(half_trained, undisturbed):
    with read_only(half_trained.folder / "results"):
        output = failed(half_trained.snakemake(*RUN))
    assert re.search("^results: Read-only file system;", output, re.MULTILINE)
    assert "Traceback" not in output
    assert_resumes(half_trained, undisturbed)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_lack_of_memory_is_reported(prepared, undisturbed, tmp_path):
    def large(config):
        one_cell(config)
        config["models"]["tiny"].update(embedding=8000, epochs=1, batch=300)

    workflow = copy(prepared, tmp_path)
    workflow.configure(large)
    # Enough for the small model, and less than the embeddings of the large one.
    limit = undisturbed.address_space + (32 << 20)
    process = workflow.start(*RUN)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
    output = failed(ended(process))
    assert "textvae train: memory ran out" in output
    assert "Traceback" not in output
    enough = workflow.snakemake("--configfile", "tiny.yaml", "--", MODEL)
    assert started(finished(enough)) == ["train"]


def test_interrupted_training_saves_its_last_step(prepared, undisturbed, tmp_path):
    def rarely(config):
        one_cell(config)
        config["checkpoint_minutes"] = 10

    workflow = copy(prepared, tmp_path)
    workflow.configure(rarely)
    process = workflow.start(*RUN, start_new_session=True)
    until(process, lambda: "step 75/225" in log(workflow))
    # As a terminal does: the whole process group gets the signal.
    os.killpg(process.pid, signal.SIGINT)
    assert "Terminating processes on user request" in failed(ended(process))
    (step,) = checkpoints(workflow)
    assert step >= 75
    assert f"{CELL}: stopped after step {step}, " in log(workflow)
    assert_resumes(workflow, undisturbed)


def test_next_run_waits_for_the_training_of_a_killed_one(prepared, undisturbed, tmp_path):
    workflow = copy(prepared, tmp_path)
    process = workflow.start(*RUN)
    orphan = training_of(workflow, process)
    until(process, lambda: checkpoints(workflow))
    os.kill(orphan, signal.SIGSTOP)
    process.kill()
    process.wait()
    output = failed(workflow.snakemake(*RUN))
    assert "Error: Directory cannot be locked." in output
    assert "It can be removed with the --unlock argument." in output
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--unlock"))

    again = workflow.start("--configfile", "tiny.yaml", "--", MODEL)
    until(again, lambda: f"waiting for process {orphan} on " in log(workflow))
    os.kill(orphan, signal.SIGCONT)
    run = finished(ended(again))
    process.communicate()
    assert started(run) == ["train"]
    weights = (one.folder / MODEL for one in (workflow, undisturbed))
    assert len({file.read_bytes() for file in weights}) == 1


def test_training_that_outlives_its_run_is_not_repeated(prepared, undisturbed, tmp_path):
    """Snakemake deletes the model, whose end it did not see; the last checkpoint is kept."""
    workflow = copy(prepared, tmp_path)
    process = workflow.start(*RUN)
    orphan = psutil.Process(training_of(workflow, process))
    until(process, lambda: checkpoints(workflow))
    process.kill()
    orphan.wait(timeout=300)
    process.communicate()
    assert (workflow.folder / MODEL).exists()
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--unlock"))
    assert_resumes(workflow, undisturbed)
    assert f"{CELL}  resuming after step 225 of 225\n" in log(workflow)
    assert not checkpoints(workflow)
