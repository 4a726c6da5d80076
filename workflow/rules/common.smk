"""What the rules ask of the configuration and of the code; no rules here."""

import gc
import json
import os
import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

# A plan is made of millions of objects that all stay: to look for some that do not takes a tenth of
# the time. It goes on when the plan is made (`onstart`).
gc.disable()
# Arrays of tens of megabytes, one after the other, take fewer of the large pages that Linux has.
os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")

# The workflow plans with the package's own code, installed or not.
ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from textvae import schemes
from textvae.config import queries as configuration
from textvae.config.checks import check as check_configuration
from textvae.config.files import use_extensions
from textvae.cells import Cell
from textvae.corpora import SPLITS
from textvae.corpora.sources import load_sources
from textvae.errors import InputError, one_line
from textvae.io import unwritable
from textvae.measurements import KINDS, measured_on
from textvae.training.completion import remove_done
from textvae.provenance import digest
from textvae.registry import FORMATS, STEPS as NORMALISATION, MEASUREMENTS, PARTS
from textvae.stages import MODEL_PARTS, part_modules, roots_of, shown as root_shown

DECLARED = Path("config/sources.yaml")

try:
    # First, because whatever asks the registries must find what the extensions register.
    use_extensions(config)
    declared_sources = load_sources(DECLARED)
    complete = check_configuration(config, declared_sources)
except InputError as error:
    # Not a WorkflowError: that would print where this file raised it, which helps nobody.
    sys.exit(f"configuration: {one_line(error)}")


# Defaults of what a configuration may leave out.
for name in ("cells_per_gpu", "threads", "checkpoint_minutes", "stand_ins", "overrides"):
    config.setdefault(name, getattr(complete, name))
# Params, unlike files, do not know the path variables.
RESULTS = complete.pathvars.results
SOURCES = complete.pathvars.sources


include: "synthetic.smk"
include: "minimal_pairs.smk"
include: "showing.smk"


NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?"
# A pattern that no text matches.
NOTHING = r"(?!)"


wildcard_constraints:
    corpus="|".join(map(re.escape, config["corpora"])),
    model="|".join(map(re.escape, config["models"])),
    experiment="|".join(map(re.escape, config["experiments"])),
    table2="|".join(
        re.escape(name)
        for name in config["experiments"]
        if configuration.shown_as(name) == "table2"
    )
    or NOTHING,
    pairs="|".join(map(re.escape, config["pairs"])),
    decoding=schemes.NAME,
    nth=r"[1-9][0-9]*",
    latent=r"[1-9][0-9]*",
    source="|".join(map(re.escape, declared_sources)),
    # One spelling of each number, so that C = 3.0 cannot become a second cell.
    C=NUMBER,
    # Several C, joined: 3-15-100.
    levels=rf"{NUMBER}(?:-{NUMBER})*",
    text=rf"real|C{NUMBER}/copy[1-9][0-9]*",
    seed=r"0|[1-9][0-9]*",


@cache
def stands_on(*names):
    """The code that a result stands on, as a param: its rule reruns when what the code does changes.

    names: steps, registered things (textvae.stages), dotted modules, files outside the package. The
    text names itself, because Snakemake compares the params of a rule as a set without names.
    """
    roots = [root for name in names for root in roots_of(name)]
    return f"code of {', '.join(map(root_shown, names))}: {digest(ROOT / 'src', *roots)}"


def trained_by(wildcards):
    """The modules of what a cell's training is made of."""
    return part_modules(configuration.training_settings(config, cell(wildcards)), PARTS)


def prepared_by(wildcards):
    """The modules of the format of a corpus's text and of the steps that normalise it."""
    entry = config["corpora"][wildcards.corpus]
    steps = [NORMALISATION.declared()[name] for name in entry.get("normalise", [])]
    return unique(one.module for one in [FORMATS.declared()[entry.get("format", "plain")], *steps])


def modelled_by(wildcards):
    """The modules of the parts of a cell's model."""
    return part_modules(configuration.training_settings(config, cell(wildcards)), MODEL_PARTS)


def on_gpu():
    """Whether jobs that run a model need a GPU; `auto` asks the machine that plans."""
    return config["device"] == "cuda" or (
        config["device"] == "auto" and shutil.which("nvidia-smi") is not None
    )


def cell(wildcards):
    """The cell that a rule's wildcards name."""
    return Cell(wildcards.corpus, wildcards.model, float(wildcards.C), int(wildcards.seed))


# The priority of what trainings wait for: the longest may be the one that waits.
BEFORE_TRAININGS = 1_000_000_000


def longest_first(wildcards):
    """The priority of a training: before measurements, and before those that take less long."""
    return 1 + configuration.work(config, wildcards.corpus, wildcards.model)


def grammar_folder(corpus):
    """Where the sentences of the embedded grammar lie for a corpus that is made of them."""
    return f"{RESULTS}/corpora/{corpus}/raw"


def raw_text(corpus):
    """Split -> file of raw text of a corpus."""
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
    """What preparation waits for: a source's manifest (its files are not declared, so that those
    fetched by hand survive), or the files themselves.
    """
    entry = config["corpora"][wildcards.corpus]
    if "source" in entry:
        return {"manifest": f"{SOURCES}/{entry['source']}/manifest.json"}
    words = {"words": f"{grammar_folder(wildcards.corpus)}/words.txt"}
    return raw_text(wildcards.corpus) | (words if "grammar" in entry else {})


def preparation_flags(wildcards):
    """The corpus's entry as flags of `textvae prepare`."""
    entry = config["corpora"][wildcards.corpus]
    origin = ("source", "files", "text", "grammar")
    settings = {key: value for key, value in entry.items() if key not in origin}
    if "grammar" in entry:
        settings["words"] = raw_input(wildcards)["words"]
    return configuration.flags(raw_text(wildcards.corpus) | settings)


def measurements(experiment):
    """Every measurement file of an experiment's cells, and of what they generated."""
    asked = config["experiments"][experiment]["measurements"]
    of = {kind: [name for name in asked if name in measured_on(kind)] for kind in KINDS}
    return (
        of_cells(experiment, of["split"], "json")
        + of_lines(experiment, of["lines"])
        + of_texts(experiment, of["text"])
        + of_dictionaries(experiment, of["fce"])
        + of_pairs(experiment, of["pairs"])
    )


def published(exhibit):
    """The files of the paper's own numbers that an exhibit reads."""
    return collect("src/textvae/paper/published/{name}.csv", name=exhibit.published)


def of_cells(experiment, names, suffix):
    """Files of these names in the model folders of an experiment's cells."""
    return collect(
        "<results>/models/{cell}/{name}.{suffix}",
        cell=configuration.cells(config, experiment),
        name=names,
        suffix=suffix,
    )


def products(experiment):
    """Everything that shows an experiment. Its measurements are also asked for by themselves, so
    that one that went missing is made again.
    """
    return [
        *(file for exhibit in showing(experiment) for file in files_of(exhibit, experiment)),
        *collect(
            "<results>/measurements/{name}.{form}", name=experiment, form=["csv", "bootstrap.csv"]
        ),
        *measurements(experiment),
    ]


def known_source(wildcards):
    """The grammar's probabilities of the test sentences, for the measurements they bound."""
    known = "grammar" in config["corpora"][wildcards.corpus]
    if not known or not declared(wildcards).facts.get("bounded"):
        return {}
    folder = grammar_folder(wildcards.corpus)
    return {
        "grammar": f"{folder}/grammar.json",
        "sentences": f"{folder}/test.txt",
        "log_probabilities": f"{folder}/test.log-probabilities.npy",
    }


def one_of_measurements(kind):
    """A pattern of the measurements that are taken on subjects of a kind."""
    return "|".join(map(re.escape, measured_on(kind))) or NOTHING


def declared(wildcards):
    """What is known of the measurement that a rule's wildcards name."""
    return MEASUREMENTS.declared()[wildcards.measurement]


def measuring(wildcards):
    """The module, or the file outside the package, that a measurement is registered in."""
    return declared(wildcards).module


def measurement_flags(wildcards):
    """The settings of a measurement as flags of `textvae measure`."""
    return configuration.flags(configuration.measurement_settings(config, wildcards.measurement))


def model_without_code(wildcards):
    """The language model beside a cell, as an input of the measurements that compare with one."""
    if not declared(wildcards).facts.get("language_model"):
        return {}
    folder = f"<results>/language-models/{wildcards.corpus}/{wildcards.model}/seed{wildcards.seed}"
    return {
        "language_model": f"{folder}/config.json",
        "language_model_weights": f"{folder}/model.safetensors",
        "language_model_words": f"{folder}/vocabulary.txt",
    }
