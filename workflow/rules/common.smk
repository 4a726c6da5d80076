"""Helpers that derive inputs, params and patterns of the rules from the configuration; no rules."""

import gc
import json
import os
import re
import shlex
import shutil
import sys
from functools import cache
from os.path import dirname
from pathlib import Path

# Planning creates millions of objects that all stay alive; garbage collection would take a tenth of
# the time. `onstart` enables it again.
gc.disable()
# Use huge pages: jobs allocate arrays of tens of megabytes again and again.
os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")

# Planning uses the package from this checkout, whether or not it is installed.
ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from snakemake.logging import logger

from textvae import schemes
from textvae.config import queries as configuration
from textvae.config.checks import check as check_configuration
from textvae.config.combinations import refuse_by_extensions
from textvae.config.files import use_extensions
from textvae.config.removal import remove_nulls, with_removals
from textvae.config.strict_yaml import load, load_files
from textvae.config.warnings import warnings
from textvae.cells import Cell
from textvae.corpora import SPLITS
from textvae.corpora.sources import load_sources
from textvae.errors import InputError, one_line, warn
from textvae.io import unwritable
from textvae.measurements import KINDS, measured_on
from textvae.training.completion import remove_done
from textvae.provenance import digest
from textvae.registry import FORMATS, STEPS as NORMALISATION, MEASUREMENTS, PARTS
from textvae.run.cluster_jobs import cancel_jobs_left
from textvae.run.job_lines import shorten_jobs
from textvae.run.paths import is_below
from textvae.run.rate_limit import remove_default_rate_limit
from textvae.run.signatures import keep_signatures
from textvae.stages import MODEL_PARTS, part_modules, roots_of, shown

DECLARED = Path("config/sources.yaml")

try:
    remove_nulls(config, load_files(workflow.configfiles))
    # Before all else: extensions must be registered before anything queries the registries.
    use_extensions(config)
    declared_sources = load_sources(DECLARED)
    complete = check_configuration(config, declared_sources)
    # Once, and not in each job.
    if workflow.is_main_process:
        refuse_by_extensions(config)
        shipped = [ROOT / "config/config.yaml", *workflow.configfiles]
        shipped = [load(path) for path in shipped if is_below(path, ROOT / "config")]
        for line in warnings(config, shipped):
            warn(f"configuration: {line}")
except InputError as error:
    # Not a WorkflowError: that would also print the location in this file, which helps no user.
    sys.exit(f"configuration: {one_line(error)}")


# -p and --verbose print jobs in full.
if workflow.is_main_process and not (
    workflow.output_settings.printshellcmds or workflow.output_settings.verbose
):
    shorten_jobs(logger, dry_run=workflow.output_settings.dryrun)

# Defaults of optional keys.
for name in ("cells_per_gpu", "threads", "checkpoint_minutes", "stand_ins", "overrides", "choices"):
    config.setdefault(name, getattr(complete, name))
# Path variables are not expanded in params.
RESULTS = complete.pathvars.results
SOURCES = complete.pathvars.sources


include: "synthetic.smk"
include: "minimal_pairs.smk"
include: "own_files.smk"
include: "showing.smk"


NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
# A pattern that matches nothing.
NOTHING = r"(?!)"


wildcard_constraints:
    corpus="|".join(map(re.escape, config["corpora"])),
    model="|".join(map(re.escape, config["models"])),
    experiment="|".join(map(re.escape, config["experiments"])),
    table2="|".join(
        re.escape(name)
        for name in config["experiments"]
        if configuration.exhibit_name(name) == "table2"
    )
    or NOTHING,
    pairs="|".join(map(re.escape, config["pairs"])),
    decoding=schemes.NAME,
    nth=r"[1-9][0-9]*",
    latent=r"[1-9][0-9]*",
    source="|".join(map(re.escape, declared_sources)),
    choice="|".join(map(re.escape, config["choices"])) or NOTHING,
    # Only one spelling of each number, so that C = 3.0 cannot become a second cell.
    C=NUMBER,
    # Several values of C: 3-15-100.
    levels=rf"{NUMBER}(?:-{NUMBER})*",
    text=rf"real|C{NUMBER}/copy[1-9][0-9]*",
    seed=r"0|[1-9][0-9]*",


@cache
def code_of(*names):
    """Return a digest of the code that a result depends on; as a param, it reruns the rule.

    names: steps, registered things (textvae.stages), dotted modules, files outside the package. The
    names are part of the text because Snakemake compares the params of a rule as an unordered set.
    """
    roots = [root for name in names for root in roots_of(name)]
    return f"code of {', '.join(map(shown, names))}: {digest(ROOT / 'src', *roots)}"


def digest_of_workflow(wildcards):
    """Return a digest of the workflow's own files, copies of which an archive has."""
    from textvae.run.contents import workflow_digest

    return f"workflow {workflow_digest(ROOT)}"


def training_modules(wildcards):
    """Return the modules of the registered parts that a cell's training uses."""
    return part_modules(settings_of(wildcards), PARTS)


def preparation_modules(wildcards):
    """Return the modules of a corpus's text format and normalisation steps."""
    entry = config["corpora"][wildcards.corpus]
    steps = [NORMALISATION.declared()[name] for name in entry.get("normalise", [])]
    return unique(one.module for one in [FORMATS.declared()[entry.get("format", "plain")], *steps])


def model_modules(wildcards):
    """Return the modules of the parts of a cell's model."""
    return part_modules(settings_of(wildcards), MODEL_PARTS)


def on_gpu():
    """Return whether jobs that run a model need a GPU; `auto` looks at the planning machine."""
    return config["device"] == "cuda" or (
        config["device"] == "auto" and shutil.which("nvidia-smi") is not None
    )


def settings_of(wildcards):
    """Return the settings of the training of the cell that a rule's wildcards identify."""
    return _settings_of(wildcards.corpus, wildcards.model, wildcards.C, wildcards.seed)


@cache
def _settings_of(corpus, model, C, seed):
    return configuration.training_settings(config, Cell(corpus, model, float(C), int(seed)))


def choice_modules(wildcards):
    """Return the modules of the registered parts of the models that a choice of C trains."""
    settings = configuration.model_settings(config, wildcards.model)
    return part_modules(settings, PARTS)


# The priority of jobs that trainings depend on, above any training's own.
BEFORE_TRAININGS = 1_000_000_000


def training_priority(wildcards):
    """Return the priority of a training: above measurements, and higher the longer it takes."""
    return _training_priority(wildcards.corpus, wildcards.model)


@cache
def _training_priority(corpus, model):
    return 1 + configuration.work(config, corpus, model)


def grammar_folder(corpus):
    """Return the folder of the sentences that the embedded grammar generates for a corpus."""
    return f"{RESULTS}/corpora/{corpus}/raw"


def raw_text(corpus):
    """Return the raw text file of each split of a corpus."""
    entry = config["corpora"][corpus]
    files = configuration.raw_files(entry)
    if "grammar" in entry:
        return {split: f"{grammar_folder(corpus)}/{name}" for split, name in files.items()}
    if "text" in entry:
        return {split: f"{RESULTS}/corpora/{corpus}/split/{name}" for split, name in files.items()}
    if "source" in entry:
        return {split: f"{SOURCES}/{entry['source']}/{name}" for split, name in files.items()}
    return files


def raw_input(wildcards):
    """Return the inputs of `prepare`: a source's manifest, or the raw files themselves.

    The files of a source are not declared as outputs, so that Snakemake does not delete those that
    were fetched by hand.
    """
    entry = config["corpora"][wildcards.corpus]
    if "source" in entry:
        return {"manifest": f"{SOURCES}/{entry['source']}/manifest.json"}
    text = raw_text(wildcards.corpus)
    if "files" in entry:
        return {split: ancient(path) for split, path in text.items()}
    if "text" in entry:
        # Which line of the text a line of a split is, for messages.
        return text | {"origin": f"{RESULTS}/corpora/{wildcards.corpus}/split/origin.json"}
    return text | {"words": f"{grammar_folder(wildcards.corpus)}/words.txt"}


def preparation_flags(wildcards):
    """Return the corpus's configuration entry as flags of `textvae prepare`."""
    settings = configuration.preparation_settings(config, wildcards.corpus)
    if "grammar" in config["corpora"][wildcards.corpus]:
        settings["words"] = raw_input(wildcards)["words"]
    return configuration.flags(raw_text(wildcards.corpus) | settings)


def measurements(experiment):
    """Return every measurement file of an experiment's cells and of the text they generated."""
    names = config["experiments"][experiment]["measurements"]
    of = {kind: [name for name in names if name in measured_on(kind)] for kind in KINDS}
    return (
        files_of_cells(experiment, of["split"], "json")
        + measurements_of_lines(experiment, of["lines"])
        + measurements_of_texts(experiment, of["text"])
        + measurements_of_fce(experiment, of["fce"])
        + measurements_of_pairs(experiment, of["pairs"])
    )


def published(exhibit):
    """Return the files with the paper's published numbers that an exhibit reads."""
    return collect("src/textvae/paper/published/{name}.csv", name=exhibit.published)


def files_of_cells(experiment, names, suffix):
    """Return the files with these names in the model folders of an experiment's cells."""
    return collect(
        "<results>/models/{cell}/{name}.{suffix}",
        cell=configuration.cells(config, experiment),
        name=names,
        suffix=suffix,
    )


def files_of_experiment(experiment):
    """Return all files of an experiment: exhibits, gathered tables and measurements.

    Measurements and the files of cells that the report shows are requested explicitly, so that a
    deleted one is made again.
    """
    return [
        *(file for exhibit in exhibits_of(experiment) for file in files_of(exhibit, experiment)),
        *collect(
            "<results>/measurements/{name}.{form}", name=experiment, form=["csv", "bootstrap.csv"]
        ),
        *measurements(experiment),
        *files_of_cells(experiment, ["config"], "json"),
        *files_of_cells(experiment, ["training"], "jsonl"),
    ]


def grammar_inputs(wildcards):
    """Return the grammar's test log-probabilities, as inputs of measurements bounded by entropy."""
    known = "grammar" in config["corpora"][wildcards.corpus]
    if not known or not declaration(wildcards).facts.get("bounded"):
        return {}
    folder = grammar_folder(wildcards.corpus)
    return {
        "grammar": f"{folder}/grammar.json",
        "sentences": f"{folder}/test.txt",
        "log_probabilities": f"{folder}/test.log-probabilities.npy",
    }


def measurement_pattern(kind):
    """Return a pattern that matches the measurements taken on a kind of subject."""
    return "|".join(map(re.escape, measured_on(kind))) or NOTHING


def declaration(wildcards):
    """Return the declaration of the measurement that a rule's wildcards identify."""
    return MEASUREMENTS.declared()[wildcards.measurement]


def measurement_module(wildcards):
    """Return the module, or the file outside the package, that registers a measurement."""
    return declaration(wildcards).module


def measurement_flags(wildcards):
    """Return the settings of a measurement as flags of `textvae measure`."""
    return _measurement_flags(wildcards.measurement)


@cache
def _measurement_flags(name):
    return configuration.flags(configuration.measurement_settings(config, name))


def unconditional_model(wildcards):
    """Return the unconditional language model of a cell, for measurements that compare with it."""
    if not declaration(wildcards).facts.get("language_model"):
        return {}
    folder = f"<results>/language-models/{wildcards.corpus}/{wildcards.model}/seed{wildcards.seed}"
    return {
        "language_model": f"{folder}/config.json",
        "language_model_weights": f"{folder}/model.safetensors",
        "language_model_words": f"{folder}/vocabulary.txt",
    }
