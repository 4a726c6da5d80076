"""A finished run of one tiny model, written by hand, with Snakemake's records of its jobs."""

import json
import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

from textvae.cells import Cell
from textvae.io import write_json
from textvae.models import saved
from textvae.models.vae import TextVAE
from tiny import MODEL, tiny_corpus
from workflow_copy import ROOT

RESULTS = "results/mine"
CORPUS = f"{RESULTS}/corpora/tiny"
MODEL_FOLDER = f"{RESULTS}/models/tiny/small/C2/seed1"
WEIGHTS = f"{MODEL_FOLDER}/model.safetensors"
TRAINED = [f"{MODEL_FOLDER}/config.json", WEIGHTS]
COSTS = f"{RESULTS}/costs"
TABLE = f"{RESULTS}/table1.csv"
PREPARED = [f"{CORPUS}/vocabulary.txt", f"{CORPUS}/train.tokens.npy"]
# With a file beside it that it imports.
EXTENSION = ("own/claims.py", "own/helper.py")
# Rule, record of costs, inputs, outputs, start and end in seconds since 1970.
JOBS = [
    ("prepare", f"{COSTS}/prepare/tiny", ["my.txt"], PREPARED, 1000.0, 1001.5),
    ("train", f"{COSTS}/train/tiny/small/C2/seed1", PREPARED[1:], TRAINED, 1002.0, 1062.0),
    ("table1", f"{COSTS}/table1", TRAINED[:1], [TABLE], 1063.0, 1064.0),
    # Of another run in a folder of this one, and of results that were deleted.
    ("table1", f"{RESULTS}/other/costs/table1", [], [f"{RESULTS}/other/table1.csv"], 1.0, 2.0),
    ("table2", f"{COSTS}/table2", [], [f"{RESULTS}/table2.csv"], 1.0, 2.0),
]


def write_finished_run(folder: Path) -> None:
    """Write the workflow and its results to `folder`."""
    for name in ("Snakefile", "CITATION.cff", "envs/requirements.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "my.txt").write_text("a text\n")
    results = folder / RESULTS
    (results / "run").mkdir(parents=True)
    configuration = f"targets: [table1]\nextensions: [{EXTENSION[0]}]\n"
    (results / "run/configuration.yaml").write_text(configuration)
    (folder / "own").mkdir()
    for name, text in zip(EXTENSION, ("import helper\n", "x = 1\n"), strict=True):
        (folder / name).write_text(text)
    write_json(results / "run/information.json", {"software": {"snakemake": "9.1", "textvae": "2"}})
    (results / "run/jobs.csv").write_text(
        "rule,job,seconds,cpu_seconds,memory_mib\ntrain,train/tiny/small/C2/seed1,59.5,50.25,300\n"
        "table1,table1,0.5,0.5,20\nprepare,prepare/tiny,1,1,\n"
    )
    (results / "table1.csv").write_text("D,R\n1,2\n")
    (results / "other").mkdir()
    (results / "other/table1.csv").touch()
    (results / "logs").mkdir()
    (results / "logs/train.log").touch()
    vocabulary = tiny_corpus(folder / CORPUS).vocabulary
    trained = saved.TrainedModel(
        Cell("tiny", "small", 2.0, 1), TextVAE(MODEL, len(vocabulary)), vocabulary
    )
    saved.save(folder / MODEL_FOLDER, trained, {})
    (folder / MODEL_FOLDER / "posterior.json").write_text("{}")
    checkpoint = folder / f"{MODEL_FOLDER}.checkpoints/1.json"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    for rule, log, inputs, outputs, start, end in JOBS:
        logs = [f"{log}.tsv", f"{log.replace('/costs/', '/logs/')}.log"]
        record = {"rule": rule, "input": inputs, "log": logs, "incomplete": False}
        for output in outputs:
            name = urlsafe_b64encode(output.encode()).decode()
            # As Snakemake splits names that are too long for one.
            parts = [name[i : i + 60] for i in range(0, len(name), 60)]
            path = folder.joinpath(".snakemake/metadata", *(f"@{one}" for one in parts[:-1]))
            path.mkdir(parents=True, exist_ok=True)
            times = {"starttime": start, "endtime": end}
            (path / parts[-1]).write_text(json.dumps(record | times))
