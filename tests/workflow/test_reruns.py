"""Which jobs a change of the configuration or of the code plans again."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from workflow_copy import Plan, Workflow

# Jobs after a change of the language models of four synthetic corpora and real text. (Kneser-Ney
# models are temporary files.)
FCE = {"language_model": 5, "kneser_ney": 5, "measure_fce": 4, "gather": 1, "table3": 1}
FCE_MEASURED = FCE.keys() - {"language_model"}
TEXTS = {"codes": 2, "sample": 4, "measure_text": 4, "common_dictionary": 1}
PAIRS = {"table4": 1, "probe": 1}
LINES = {"table2": 1, "sensitivity": 1}
CURVE_TABLES = {"table1": 1, "figure1": 1, "section3_2": 1, "collapse": 1}
# Table 4 has a language model beside its two cells.
LANGUAGE_MODELS = FCE | PAIRS | {"language_model_without_code": 1, "measure_pairs": 2, "gather": 2}
CELL = {"train": 1, "measure_split": 6, "common_dictionary": 1, "gather": 5, "curves": 3}


def of_tables(rules):
    return {rule: FCE[rule] for rule in rules}


def caption(name):
    return lambda c: c["experiments"][name].update(caption="Another caption.")


def evaluation(**settings):
    return lambda c: c["evaluation"].update(settings)


def generation(**settings):
    return lambda c: c["generation"].update(settings)


# Name -> change of the configuration, or the names of edited source files; and the jobs planned.
CHANGES = {
    "caption of a table": (caption("table1"), {"table1": 1}),
    "caption of a figure": (caption("figure1"), {"figure1": 1}),
    "C of one experiment": (
        lambda c: c["experiments"]["table1"].update(C=[0, 3, 4.5]),
        {"train": 1, "measure_split": 5, "gather": 1, "table1": 1, "curves": 1},
    ),
    "learning rate of a cell": (
        lambda c: c.update(overrides={"little/tiny/C3/seed1": {"learning_rate": 0.02}}),
        FCE | LINES | CELL | {"sample": 2, "measure_text": 2, "interpolate": 1, "measure_lines": 1}
        | {"table1": 1, "figure1": 1, "collapse": 1},
    ),
    "samples of a measurement": (
        lambda c: c["evaluation"]["likelihood"].update(samples=3),
        CURVE_TABLES | {"measure_split": 7, "gather": 4},
    ),
    "recipe of language models": (
        lambda c: c["language_model"].update(patience=2), LANGUAGE_MODELS
    ),
    "replicates": (evaluation(fce={"bootstrap": 10}), of_tables(FCE_MEASURED)),
    "sentences of self-BLEU": (
        generation(self_bleu_sentences=50),
        {"measure_text": 4, "gather": 1, "table3": 1},
    ),
    "minimal pairs": (
        lambda c: c["pairs"]["new"]["grammar"].update(combinations=3),
        PAIRS | {"measure_pairs": 4, "gather": 1, "pairs": 1},
    ),
    "size of synthetic corpora": (generation(sentences=90), FCE | TEXTS),
    "number of lines": (
        generation(lines=6),
        LINES | {"lines": 1, "interpolate": 2, "measure_lines": 2, "gather": 1},
    ),
    "number of copies": (
        generation(copies=3),
        {"codes": 1, "sample": 2, "measure_text": 2, "common_dictionary": 1, "language_model": 7}
        | {"kneser_ney": 7, "measure_fce": 6, "gather": 1, "table3": 1},
    ),
    "code of a measurement": (
        ["measurements/posterior.py"], CURVE_TABLES | {"measure_split": 7, "gather": 4}
    ),
    "code of models": (
        ["models/vae.py"],
        # Language models have code of their own, but their texts change.
        FCE | CURVE_TABLES | PAIRS | LINES
        # Nine cells; Table 1's two have five measurements and, as controls, a sixth.
        | {"train": 9, "measure_split": 37, "measure_pairs": 4, "curves": 5, "gather": 7}
        | {"sample": 4, "measure_text": 4, "common_dictionary": 1}
        | {"interpolate": 2, "measure_lines": 2},
    ),
    "code of an objective": (
        ["training/objectives/elbo.py"],
        {"train": 1, "measure_split": 5, "gather": 1, "curves": 1, "collapse": 1},
    ),
    "code of a table": (["paper/exhibits/table1.py"], {"table1": 1}),
    "code of figures": (["paper/render/figure.py"], {"figure1": 1, "curves": 5}),
    "code of language models": (["fce/training.py"], LANGUAGE_MODELS),
    "code of cross-entropies": (["measurements/fce.py"], of_tables(FCE_MEASURED)),
    "code of probes": (["measurements/probe.py"], PAIRS | {"measure_pairs": 2, "gather": 1}),
    "code of accuracies": (["measurements/syntax.py"], PAIRS | {"measure_pairs": 2, "gather": 1}),
}  # fmt: skip
# The trained cells, where their number does not identify them.
TRAINED = {
    "C of one experiment": {"little/tiny/C4.5/seed1"},
    "learning rate of a cell": {"little/tiny/C3/seed1"},
    "code of an objective": {"little/tiny-elbo/C0/seed1"},
}


def edit(path):
    """Change what a source file does."""
    with path.open("a") as file:
        file.write("\n_MORE = 1\n" if path.suffix == ".py" else "\nint more;\n")


def reword(path):
    """Change the prose of a source file: docstrings, comments, and messages of errors."""
    text = path.read_text()
    if path.suffix == ".py":
        text = re.sub(r'(raise \w+\(\s*f?)"', r'\1"Sorry: ', text)
        text = re.sub(r'^( *)"""', r'\1"""In other words: ', text, count=1, flags=re.MULTILINE)
        path.write_text(f"# Reworded.\n\n{text}\n# The end.\n")
    else:
        path.write_text(f"/* Reworded. */\n{text}// The end.\n")


@pytest.fixture(scope="module")
def changeable(built, tmp_path_factory):
    """A copy of the experiment that has been run; every test undoes its changes."""
    folder = tmp_path_factory.mktemp("changeable") / "checkout"
    shutil.copytree(built.folder, folder)
    return Workflow(folder)


@pytest.fixture
def plan(changeable):
    """A function that changes the configuration or source files and returns what is planned."""
    originals = {}

    def change(changed):
        if callable(changed):
            changeable.configure(changed)
            return Plan(changeable.dry_run())
        for name in changed:
            path = changeable.folder / "src/textvae" / name
            originals[path] = path.read_bytes()
            edit(path)
        return Plan(changeable.dry_run())

    yield change
    changeable.configure()
    for path, content in originals.items():
        path.write_bytes(content)


@pytest.mark.parametrize("name", CHANGES)
def test_change_plans_jobs(plan, name):
    change, expected = CHANGES[name]
    planned = plan(change)
    counts = planned.counts()
    verdicts = {rule: counts.pop(rule) for rule in ("claims", "comparison") if rule in counts}
    assert counts == expected
    assert planned.of_rule("costs")
    assert len(planned.of_rule("run_information")) == 1
    # They read measurements, and no table or figure.
    assert "gather" in expected or not verdicts
    if name in TRAINED:
        outputs = (job.files("output")[0] for job in planned.of_rule("train"))
        cells = {path.removeprefix("results/models/").rpartition("/")[0] for path in outputs}
        assert cells == TRAINED[name]


def test_changed_c_source_trains_every_model(plan):
    counts = plan(["models/kernels/lstm.c"]).counts()
    assert (counts["train"], counts["language_model"]) == (9, 5)
    assert counts["language_model_without_code"] == 1
    assert counts.keys().isdisjoint({"grammar", "prepare", "pairs", "codes", "lines"})


def test_changed_claim_tolerance_or_stand_in_reruns_only_verdicts(changeable, plan):
    assert plan(lambda c: c["experiments"]["table1"].update(C=[0.0, 3.0])).counts() == {}
    assert {"claims", "comparison"} <= plan(evaluation(posterior={"draws": 2})).counts().keys()
    stand_in = {"stand_ins": {"cbt/lstm/C3": "little/tiny/C3"}}
    assert plan(lambda config: config.update(stand_in)).counts() == {"comparison": 1}
    path = changeable.folder / "src/textvae/paper/published/tolerances.csv"
    text = path.read_text()
    path.write_text(text.replace("rate_nats,1,", "rate_nats,2,"))
    # Claims on the paper's own numbers allow for the tolerances.
    assert plan(lambda config: None).counts() == {"claims": 1, "comparison": 1}
    path.write_text(text)
    assert plan(["paper/claims/section3_1.py"]).counts() == {"claims": 1}


def test_changed_file_of_the_workflow_is_archived_again(changeable):
    """Copies of it are in the archive: license and authors are those of CITATION.cff."""
    assert Plan(changeable.dry_run("archive")).counts() == {}
    for name in ("CITATION.cff", "config/sources.yaml"):
        path = changeable.folder / name
        content = path.read_bytes()
        path.write_bytes(content + b"# More.\n")
        assert Plan(changeable.dry_run("archive")).counts() == {"archive": 1}
        path.write_bytes(content)


def test_missing_files_and_their_dependents_are_made_again(workflow):
    (workflow.folder / "results/models/little/tiny/C3/seed1/likelihood.json").unlink()
    (workflow.folder / "results/measurements/figure1.bootstrap.csv").unlink()
    counts = workflow.plan()
    assert counts.pop("claims") == counts.pop("comparison") == 1
    assert counts == {"table1": 1, "collapse": 1, "measure_split": 1, "gather": 3, "figure1": 1}


def digest_of_training(workflow):
    """Return the digest of the code that names the checkpoints of a checkout."""
    program = (
        "import torch; from textvae.training.fingerprint import circumstances;"
        " cpu = torch.device('cpu');"
        " print(circumstances(['textvae.training.cell'], cpu, torch.float32)['code'])"
    )
    environment = os.environ | workflow.environment
    command = [sys.executable, "-c", program]
    return subprocess.check_output(command, cwd=workflow.folder, env=environment, text=True)


def test_changed_times_prose_commands_and_devices_rerun_nothing(workflow):
    before = digest_of_training(workflow)
    package = workflow.folder / "src/textvae"
    for pattern in ("*.py", "*.c", "*.h"):
        for path in package.rglob(pattern):
            reword(path)
    names = ("cli", "errors", "io", "runtime/progress", "runtime/locks", "runtime/gpus")
    for path in [*(package / f"{name}.py" for name in names), *package.glob("commands/*.py")]:
        edit(path)
    # As in a fresh checkout.
    for name in ("Snakefile", "config", "envs", "profiles", "src", "workflow"):
        for path in [workflow.folder / name, *(workflow.folder / name).rglob("*")]:
            os.utime(path)

    elsewhere = {"device": "auto", "cells_per_gpu": 3, "checkpoint_minutes": 1, "threads": 1}
    workflow.configure(lambda config: config.update(elsewhere))
    run = workflow.dry_run()
    assert "Nothing to be done" in run.stdout + run.stderr
    assert digest_of_training(workflow) == before
    edit(package / "training/trainer.py")
    assert digest_of_training(workflow) != before


# Rule -> names of steps, exhibits and modules whose code its results depend on. {model} are the
# parts of a model.
MODEL = (
    "textvae.models.encoders, textvae.models.decoders.recurrent,"
    " textvae.models.posteriors.diagonal_gaussian, textvae.models.priors.standard_normal"
)
EXHIBITS = (
    *("table1", "table2", "table3", "table4", "probe", "sensitivity", "section3_2"),
    *("collapse", "figure1", "curves", "claims", "comparison"),
)
CODE = {
    **{name: name for name in ("grammar", "pairs", "codes", "gather", "costs")},
    "prepare": "prepare, textvae.corpora.formats",
    "train": "train, {model}, textvae.training.objectives.rate_target,"
    " textvae.training.strategies.standard",
    "lines": "codes",
    "sample": "sample, {model}",
    "interpolate": "interpolate, {model}",
    "common_dictionary": "common-dictionary",
    **dict.fromkeys(("language_model", "language_model_without_code"), "language-model"),
    "kneser_ney": "kneser-ney",
    "measure_split": "measure, textvae.measurements.rate_distortion, {model}",
    "measure_pairs": "measure, textvae.measurements.syntax, {model}",
    "measure_lines": "measure, textvae.measurements.sensitivity, {model}",
    "measure_text": "measure-text, textvae.measurements.description",
    "measure_fce": "measure, measure-text, textvae.measurements.fce",
    "run_information": "run-information",
    "archive": "archive",
    **{name: f"exhibit {name}" for name in EXHIBITS},
}


def test_results_depend_on_the_code_of_their_step(built):
    """The digests are among the parameters that Snakemake records."""
    recorded = {}
    for path in (built.folder / ".snakemake/metadata").rglob("*"):
        if path.is_file():
            record = json.loads(path.read_text())
            names = re.findall(r"'code of (.*?): [0-9a-f]{64}'", " ".join(record["params"]))
            recorded.setdefault(record["rule"], set()).update(names or ["none"])
    recorded.pop("document", None)
    assert recorded.keys() == CODE.keys()
    for rule, names in CODE.items():
        assert names.format(model=MODEL) in recorded[rule]
        assert "none" not in recorded[rule]
