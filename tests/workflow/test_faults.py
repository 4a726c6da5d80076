"""What dies is started again: nothing that was finished is redone, and the table is the same.

One cell of one measurement, so that each run takes seconds. All begins with a training that was
killed after a checkpoint: then the disk is read-only, or full, or the memory does not suffice.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import time

import psutil
import pytest

from small_disk import fill, read_only, small_disk
from workflow_copy import Workflow, checkout

TABLE = "results/table1.csv"
CELL = "little/tiny/C3/seed1"
MODEL = f"results/models/{CELL}/model.safetensors"
RUN = ("--configfile", "tiny.yaml", "--", TABLE)
# What is left to do where the corpus is prepared.
REST = ["train", "measure_split", "gather", "table1"]


def one_cell(config):
    config["experiments"] = {
        "table1": {
            "corpora": ["little"],
            "models": ["tiny"],
            "C": [3],
            "seeds": [1],
            "measurements": ["rate-distortion"],
            "caption": "One cell.",
        }
    }
    config["targets"] = ["table1"]
    # Several seconds long, with a checkpoint every few steps.
    config["models"]["tiny"].update(epochs=3, batch=4)
    config["checkpoint_minutes"] = 0.001


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The corpus is there, and nothing else. Not to be changed."""
    workflow = checkout(tmp_path_factory.mktemp("prepared") / "checkout")
    workflow.configure(one_cell)
    corpus = "results/corpora/little/statistics.json"
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--", corpus))
    return workflow


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory):
    """A run without faults. Not to be changed."""
    workflow = copy(prepared, tmp_path_factory.mktemp("undisturbed"))
    finished(workflow.snakemake(*RUN))
    return workflow


@pytest.fixture(scope="module")
def killed(prepared, tmp_path_factory):
    """The training was killed, it alone, after a checkpoint; and what Snakemake said of that."""
    workflow = copy(prepared, tmp_path_factory.mktemp("killed"))
    process = workflow.start(*RUN)
    training = training_of(workflow, process)
    until(process, lambda: checkpoints(workflow))
    os.kill(training, signal.SIGKILL)
    return workflow, ended(process)


@pytest.fixture
def half_trained(killed, tmp_path):
    """A copy of that, for one test to go on with."""
    return copy(killed[0], tmp_path)


def copy(workflow, folder):
    shutil.copytree(workflow.folder, folder / "checkout")
    return Workflow(folder / "checkout")


def finished(run):
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def failed(run):
    """All that was said by one that should not have worked, and did not."""
    said = run.stdout + run.stderr
    assert run.returncode == 1, said
    return said


def ended(process):
    printed, complained = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, printed, complained)


def until(process, condition):
    """Wait for a condition while a process runs; what it was that came true."""
    end = time.monotonic() + 120
    while not (found := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    return found


def started(run):
    """The rules of the jobs that a run started."""
    return re.findall(r"^(?:local)?rule (\w+):", run.stdout + run.stderr, re.MULTILINE)


def outcome(workflow):
    """Table and weights, as bytes."""
    return (workflow.folder / TABLE).read_bytes(), (workflow.folder / MODEL).read_bytes()


def checkpoints(workflow):
    """The steps of the checkpoints that there are."""
    folder = workflow.folder / f"results/models/{CELL}.checkpoints"
    return {int(path.name[4:13]) for path in folder.rglob("step*.safetensors")}


def log(workflow):
    """What the training has said, so far."""
    path = workflow.folder / f"results/logs/train/{CELL}.log"
    return path.read_text() if path.exists() else ""


def training_of(workflow, process):
    """The process of the training that a run has started."""

    def find():
        for one in psutil.process_iter(["cmdline", "cwd", "pid"]):
            words = one.info["cmdline"] or []
            mine = one.info["cwd"] == os.path.realpath(workflow.folder)
            if mine and "train" in words and "--corpus" in words:
                return one.info["pid"]
        return None

    return until(process, find)


def goes_on(workflow, undisturbed):
    """The same command again: from the checkpoint, to the same numbers, redoing nothing else."""
    step = max(checkpoints(workflow))
    corpus = workflow.folder / "results/corpora/little/train.tokens.npy"
    prepared_at = corpus.stat().st_mtime_ns
    run = finished(workflow.snakemake(*RUN))
    assert started(run) == REST
    assert f"{CELL}  resuming after step {step} of 225\n" in log(workflow)
    assert corpus.stat().st_mtime_ns == prepared_at
    assert outcome(workflow) == outcome(undisturbed)


def test_a_job_that_was_killed_is_named_and_goes_on_from_its_checkpoint(
    killed, half_trained, undisturbed
):
    said = failed(killed[1])
    assert "died with <Signals.SIGKILL: 9>" in said
    assert "Error in rule train:" in said
    assert f"output: {MODEL}, " in said
    goes_on(half_trained, undisturbed)


def test_results_that_cannot_be_written_to(half_trained, undisturbed):
    with read_only(half_trained.folder / "results"):
        said = failed(half_trained.snakemake(*RUN))
    advice = "Read-only file system; choose a writable folder, and run this again"
    assert f"results: {advice}\n" in said
    assert "Traceback" not in said
    goes_on(half_trained, undisturbed)


@pytest.fixture
def small_results(half_trained, tmp_path):
    """Its results, on a disk of 20 MB."""
    results = half_trained.folder / "results"
    shutil.move(results, tmp_path / "aside")
    with small_disk(results, 20):
        shutil.copytree(tmp_path / "aside", results, dirs_exist_ok=True)
        yield results


def test_a_disk_without_room_for_a_log(half_trained, undisturbed, small_results):
    filling = fill(small_results)
    said = failed(half_trained.snakemake(*RUN))
    assert "results: No space left on device; free disk space and run this again: " in said
    filling.unlink()
    goes_on(half_trained, undisturbed)


def test_a_disk_that_is_full(half_trained, undisturbed, small_results):
    before = checkpoints(half_trained)
    # Room for a log and a record, not for the weights.
    filling = fill(small_results, leave=150_000)
    said = failed(half_trained.snakemake(*RUN))
    advice = "No space left on device; free disk space and run this again: finished work is kept"
    assert re.search(rf"^textvae train: {CELL}: results/.*: {advice}", said, re.MULTILINE)
    assert "Traceback" not in said
    assert checkpoints(half_trained) == before
    filling.unlink()
    goes_on(half_trained, undisturbed)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_memory_that_does_not_suffice(prepared, undisturbed, tmp_path):
    def large(config):
        one_cell(config)
        config["models"]["tiny"].update(embedding=8000, epochs=1, batch=300)

    workflow = copy(prepared, tmp_path)
    workflow.configure(large)
    # What a small model takes, and less than a large one's embeddings beside it.
    used = (undisturbed.folder / f"results/benchmarks/train/{CELL}.tsv").read_text()
    names, values = (line.split("\t") for line in used.splitlines())
    limit = int(float(values[names.index("max_vms")]) + 32) << 20
    process = workflow.start(*RUN)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
    said = failed(ended(process))
    assert "textvae train: memory ran out; ask for more (" in said
    assert "Traceback" not in said
    enough = workflow.snakemake("--configfile", "tiny.yaml", "--", MODEL)
    assert started(finished(enough)) == ["train"]


def test_ctrl_c_costs_the_step_that_was_being_made(prepared, undisturbed, tmp_path):
    def rarely(config):
        one_cell(config)
        config["checkpoint_minutes"] = 10

    workflow = copy(prepared, tmp_path)
    workflow.configure(rarely)
    process = workflow.start(*RUN, start_new_session=True)
    until(process, lambda: "step 75/225" in log(workflow))
    # As a terminal does: everyone hears of it.
    os.killpg(process.pid, signal.SIGINT)
    assert "Terminating processes on user request" in failed(ended(process))
    (step,) = checkpoints(workflow)
    assert step >= 75
    assert f"{CELL}: stopped after step {step}, " in log(workflow)
    goes_on(workflow, undisturbed)


def test_a_killed_master_leaves_a_training_which_the_next_one_waits_for(
    prepared, undisturbed, tmp_path
):
    workflow = copy(prepared, tmp_path)
    process = workflow.start(*RUN)
    orphan = training_of(workflow, process)
    until(process, lambda: checkpoints(workflow))
    os.kill(orphan, signal.SIGSTOP)
    process.kill()
    process.wait()
    said = failed(workflow.snakemake(*RUN))
    assert "Error: Directory cannot be locked." in said
    assert "It can be removed with the --unlock argument." in said
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--unlock"))

    again = workflow.start(*RUN)
    until(again, lambda: f"waiting for process {orphan} on " in log(workflow))
    os.kill(orphan, signal.SIGCONT)
    run = finished(ended(again))
    process.communicate()
    assert started(run) == REST
    assert outcome(workflow) == outcome(undisturbed)


def test_what_an_orphan_finished_is_not_trained_again(prepared, undisturbed, tmp_path):
    """Snakemake did not see its end and deletes the model; the last checkpoint is still there."""
    workflow = copy(prepared, tmp_path)
    process = workflow.start(*RUN)
    orphan = psutil.Process(training_of(workflow, process))
    until(process, lambda: checkpoints(workflow))
    process.kill()
    orphan.wait(timeout=300)
    process.communicate()
    assert (workflow.folder / MODEL).exists()
    finished(workflow.snakemake("--configfile", "tiny.yaml", "--unlock"))
    goes_on(workflow, undisturbed)
    assert f"{CELL}  resuming after step 225 of 225\n" in log(workflow)
    assert not checkpoints(workflow)
