"""`--resources gpu=N`: Snakemake counts GPUs, and each job claims a free one."""

import re

from pretended_gpus import UUIDS, nvidia_smi
from workflow_copy import Plan

# Without CUDA a job releases its GPU at once. With CUDA it keeps it to its end, and here until two
# jobs have claimed one.
KEEP = """
def _keep(self):
    from textvae.io import write_text
    write_text(Path("claimed") / str(os.getpid()), self.gpu.entry)
    end = time.monotonic() + 60
    while len(list(Path("claimed").iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.01)

Claim.release = _keep
"""


def test_concurrent_jobs_claim_different_gpus(fresh, tmp_path):
    corpus = "results/corpora/little/statistics.json"
    assert fresh.snakemake("--configfile", "tiny.yaml", "--", corpus).returncode == 0
    path = f"{nvidia_smi(tmp_path / 'bin', 2)}:{fresh.environment['PATH']}"
    fresh.environment |= {"PATH": path, "TMPDIR": str(tmp_path)}
    fresh.configure(lambda config: config.update(device="auto"))
    with (fresh.folder / "src/textvae/runtime/gpus.py").open("a") as file:
        file.write(KEEP)
    cells = [f"little/tiny/C{C}/seed1" for C in (0, 3)]
    models = [f"results/models/{cell}/model.safetensors" for cell in cells]
    plan = Plan(fresh.dry_run(*models))
    for model in models:
        # Snakemake counts one GPU per job.
        assert {"device=auto", "gpu=1"} <= {*plan.maker(model).fields["resources"].split(", ")}
    with fresh.start("--configfile", "tiny.yaml", "--resources", "gpu=2", "--", *models) as run:
        output = run.communicate()
    assert run.returncode == 0, output
    logs = [(fresh.folder / f"results/logs/train/{cell}.log").read_text() for cell in cells]
    claimed = {re.search("^GPU .*", log, re.MULTILINE)[0] for log in logs}
    assert claimed == {f"GPU {number} of 0, 1 ({UUIDS[number]})" for number in (0, 1)}
    for log in logs:
        assert "\ntorch finds no CUDA here: computing on the CPU\n" in log
