"""`--resources gpu=N`: Snakemake counts GPUs, and each job finds its own."""

import re

import pytest

from pretended_gpus import UUIDS, nvidia_smi

MODELS = [f"results/models/little/tiny/C{C}/seed1/model.safetensors" for C in (0, 3)]

# The torch of the tests knows no CUDA, and would let go of its GPU. On a machine with CUDA a job
# keeps it to its end, and here until {jobs} jobs have claimed one.
KEEP_IT = """
def _keep(self):
    from textvae.io import write_text
    write_text(Path("claimed") / str(os.getpid()), self.gpu.entry)
    end = time.monotonic() + 60
    while len(list(Path("claimed").iterdir())) < {jobs} and time.monotonic() < end:
        time.sleep(0.01)

Claim.release = _keep
"""


@pytest.fixture
def two_gpus(fresh, tmp_path):
    """A checkout on a machine with two GPUs, to run on them with so many jobs at a time."""
    path = f"{nvidia_smi(tmp_path / 'bin', 2)}:{fresh.environment['PATH']}"
    fresh.environment |= {"PATH": path, "TMPDIR": str(tmp_path)}
    fresh.configure(lambda c: c.update(device="auto"))

    def run(jobs):
        with (fresh.folder / "src/textvae/runtime/gpus.py").open("a") as file:
            file.write(KEEP_IT.format(jobs=jobs))
        asked = ("--configfile", "tiny.yaml", "--resources", f"gpu={jobs}", "--", *MODELS)
        done = fresh.snakemake(*asked)
        assert done.returncode == 0, done.stdout + done.stderr
        logs = [fresh.folder / f"results/logs/train/little/tiny/C{C}/seed1.log" for C in (0, 3)]
        return done, [log.read_text() for log in logs]

    return run


def test_two_at_a_time_are_on_different_gpus(two_gpus):
    _, logs = two_gpus(2)
    said = {re.search("^GPU .*", log, re.MULTILINE)[0] for log in logs}
    assert said == {f"GPU {number} of 0, 1 ({UUIDS[number]})" for number in (0, 1)}
    for log in logs:
        assert "\ntorch finds no CUDA here: computing on the CPU\n" in log


def test_with_one_gpu_given_they_take_turns_on_the_first(two_gpus):
    run, logs = two_gpus(1)
    for log in logs:
        assert f"GPU 0 of 0, 1 ({UUIDS[0]})\n" in log
    event = r"^(?:local)?rule (train):|(Finished).*Rule: train"
    course = re.findall(event, run.stderr, re.MULTILINE)
    assert ["".join(words) for words in course] == ["train", "Finished"] * 2
