"""Helpers that list the exhibits of a run and their entries in the report; no rules."""

from textvae.paper.exhibit import CATEGORIES, WITHOUT_FILES, exhibits, exhibits_of

EXHIBITS = exhibits()

# The order of the categories in the report.
REPORT_CATEGORIES = [*CATEGORIES, "Measurements", "Cells", "The run"]
LABELS = {
    "Verdicts": "verdicts",
    "Tables": "table",
    "Figures": "figure",
    "Training curves": "curves",
}
FORM_LABELS = {"tex": "LaTeX", "csv": "data", "html": "page"}
TABLE_FORMS = ["tex", "csv", "html"]

# Settings that rerun nothing: existing results may have been made with other values, so the record
# of a run leaves them out.
WITHOUT_EFFECT = ["device", "cells_per_gpu", "threads", "checkpoint_minutes"]


def recorded_configuration():
    """Return the configuration of this run, to be merged over config/config.yaml again."""
    merged, base = (
        {key: value for key, value in one.items() if key not in WITHOUT_EFFECT}
        for one in (config, load(ROOT / "config/config.yaml"))
    )
    return with_removals(merged, base)


def in_report(path, caption, category, labels=None, **fixed):
    """Return a file with its entry in the report.

    labels: a function of wildcards that returns the labels; without it they are `fixed`. Category
    names begin with a number because the report sorts them by name.
    """
    number = REPORT_CATEGORIES.index(category) + 1
    return report(
        path,
        caption=f"../report/{caption}.rst",
        category=f"{number}. {category}",
        labels=labels or fixed,
    )


def cell_in_report(name, caption):
    """Return a file of a model folder with an entry in the report, labelled with its cell."""

    def labels(wildcards):
        """Return the labels; the report sorts them as text, and a browser shows no padding."""
        names = {label: wildcards[label] for label in ("corpus", "model")}
        numbers = {label: padded(wildcards[label]) for label in ("C", "seed")}
        return names | numbers | {"file": name}

    path = f"<results>/models/{{corpus}}/{{model}}/C{{C}}/seed{{seed}}/{name}"
    return in_report(path, caption, "Cells", labels)


def padded(number):
    """Return a decimal number, padded on the left so that texts sort by number."""
    whole, point, fraction = number.partition(".")
    return whole.rjust(12) + point + fraction


def experiment_pattern(exhibit):
    """Return the wildcard pattern of the experiments that an exhibit shows, or its own name.

    An exhibit of the whole run has no experiment, and its name takes the place of one.
    """
    if exhibit.scope == "every":
        return "{experiment}"
    return exhibit.family + ("{variant}" if EXHIBITS[exhibit.family].accepts_variants else "")


def variant_pattern(exhibit):
    """Return a regular expression for the suffixes of those experiments: "" or "-mine"."""
    names = [name for name in config["experiments"] if exhibit in exhibits_of(name)]
    rests = [re.escape(name.removeprefix(exhibit.family)) for name in names]
    return f"(?:{'|'.join(rests)})" if rests else NOTHING


def rule_of(exhibit):
    """Return the name of its rule: its own, unless a rule with that name exists."""
    return f"{exhibit.name}_{exhibit.kind}" if workflow.is_rule(exhibit.name) else exhibit.name


def log_stem(exhibit):
    """Return the path of its log and costs below their folders, without the extension."""
    stem = exhibit.stem(experiment_pattern(exhibit))
    return rule_of(exhibit) + stem.removeprefix(exhibit.name)


def exhibit_inputs(exhibit):
    """Return an input function for the files that an exhibit reads."""
    files = {
        "measurements": lambda names: collect("<results>/measurements/{name}.csv", name=names),
        "bootstrap": lambda names: collect(
            "<results>/measurements/{name}.bootstrap.csv", name=names
        ),
        "configs": lambda names: file_of_all_cells(names, "config.json"),
        "homotopies": lambda names: [file for name in names for file in homotopies(name)],
        "records": lambda names: file_of_all_cells(names, "training.jsonl"),
        "choices": choices_of,
        "sizes": statistics_of,
    }

    def read(wildcards):
        names = experiments_of(exhibit, wildcards)
        inputs = {what: files[what](names) for what in exhibit.reads if what in files}
        # Training records are read together with their config.json.
        return {"configs": files["configs"](names)} | inputs if "records" in inputs else inputs

    return read


def experiments_of(exhibit, wildcards):
    """Return the experiments whose results an exhibit reads."""
    if exhibit.scope != "run":
        return [experiment_pattern(exhibit).format(**dict(wildcards.items()))]
    if exhibit.experiments == "for claims":
        return configuration.experiments_for_claims(config)
    if exhibit.experiments == "targets":
        return config["targets"]
    return [name for name in exhibit.experiments if name in config["targets"]]


def caption_of(exhibit):
    """Return a params function for the caption of an exhibit."""

    def caption(wildcards):
        name = experiment_pattern(exhibit).format(**dict(wildcards.items()))
        return caption_for(exhibit, name)

    return caption


def caption_for(exhibit, experiment):
    """Return the exhibit's own caption, or else the one that the configuration gives.

    With the settings of cells that differ from those of their model.
    """
    if own := exhibit.caption_of(experiment):
        return own
    caption = config["experiments"][experiment]["caption"]
    return " ".join(filter(None, (caption, configuration.overrides_note(config, experiment))))


def render_settings(exhibit):
    """Return the inputs that are not files as flags: stand-ins, and the folder of costs.

    A param of their own, because Snakemake does not compare params that depend on inputs. The
    records of costs are logs, not outputs of a rule; they exist once the models do.
    """
    values = {
        "stand_ins": [f"{theirs}={ours}" for theirs, ours in config.get("stand_ins", {}).items()],
        "training_costs": [f"{RESULTS}/costs/train"],
    }
    return [
        word
        for what in WITHOUT_FILES
        if what in exhibit.reads
        for word in (f"--{what.replace('_', '-')}", *values[what])
    ]


def exhibit_outputs(exhibit):
    """Return the files of an exhibit as outputs of its rule, each with its entry in the report.

    The page of a figure has none: the report shows pages as addresses, for which 5 MB are too long.
    """
    pattern = experiment_pattern(exhibit)
    own = (ROOT / f"workflow/report/{exhibit.name}.rst").is_file()
    label = {LABELS[exhibit.category]: exhibit.label_of(pattern)}
    paths = {form: f"<results>/{exhibit.stem(pattern)}.{form}" for form in exhibit.forms}
    return {
        form: (
            path
            if (exhibit.kind, form) == ("figure", "html")
            else in_report(
                path,
                exhibit.name if own else "exhibit",
                exhibit.category,
                **label,
                form=FORM_LABELS.get(form, form),
            )
        )
        for form, path in paths.items()
    }


def render_arguments(exhibit):
    """Return a params function for an exhibit's name and the flags of the files it reads.

    Not part of `shell`, which is evaluated when the job runs, after the loop over exhibits.
    """

    def arguments(wildcards, input):
        words = [exhibit.name]
        if exhibit.scope == "own":
            words += ["--name", *experiments_of(exhibit, wildcards)]
        for what in exhibit.reads:
            if what not in WITHOUT_FILES:
                words += [f"--{what}", *_paths(input[what])]
        return shlex.join(words)

    return arguments


def render_outputs(exhibit):
    """Return a params function for the flags of the files that an exhibit writes."""

    def flags(wildcards, output):
        return shlex.join(
            word for form in exhibit.forms for word in (f"--{form}", str(output[form]))
        )

    return flags


def _paths(files):
    return [files] if isinstance(files, str) else [str(file) for file in files]


def unique(files):
    """Return each file once, in order: experiments share cells."""
    return list(dict.fromkeys(files))


def file_of_all_cells(experiments, name):
    """Return the file with this name in the model folder of each cell of the experiments."""
    stem, _, suffix = name.rpartition(".")
    return unique(file for one in experiments for file in files_of_cells(one, [stem], suffix))


def choices_of(experiments):
    """Return the file of each choice of C that the experiments compare."""
    return [
        f"<results>/choices/{corpus}/{model}/seed{seed}/{choice}/choice.json"
        for name in experiments
        for corpus, model, seed, choice in configuration.choice_runs(config, name)
    ]


def statistics_of(experiments):
    """Return the statistics files of the experiments' corpora."""
    cells = [cell for name in experiments for cell in configuration.cells(config, name)]
    return collect(
        "<results>/corpora/{corpus}/statistics.json", corpus=unique(cell.corpus for cell in cells)
    )


def exhibits_of_targets_and_run():
    """Return (exhibit, experiment) pairs: those of each target in order, then those of the run."""
    of_targets = [(one, name) for name in config["targets"] for one in exhibits_of(name)]
    return of_targets + [(one, one.name) for one in exhibits_of_run()]


def exhibits_of_run():
    """Return the exhibits of the whole run."""
    return [one for one in EXHIBITS.values() if one.scope == "run"]


def files_of(exhibit, experiment):
    """Return the files of an exhibit of an experiment."""
    return [f"<results>/{exhibit.stem(experiment)}.{form}" for form in exhibit.forms]


def results_of_run():
    """Return all results that the configuration requests: its targets and the run's exhibits."""
    return [*_results_of_run()]


@cache
def _results_of_run():
    files = [file for experiment in config["targets"] for file in files_of_experiment(experiment)]
    return files + [file for one in exhibits_of_run() for file in files_of(one, one.name)]


def record_of_run():
    """Return the files that describe the run itself."""
    return [
        "<results>/run/configuration.yaml",
        "<results>/run/information.json",
        "<results>/run/information.html",
        *collect("<results>/run/costs.{form}", form=TABLE_FORMS),
        "<results>/run/jobs.csv",
    ]


def documented(form, *categories):
    """Return (file, caption) of the exhibits with a form and in categories, for the document."""
    return [
        (f"<results>/{one.stem(name)}.{form}", caption_for(one, name))
        for one, name in exhibits_of_targets_and_run()
        if form in one.forms and one.category in categories
    ]


def captions_of_figures(wildcards):
    """Return the captions of the document's figures as flags; stop before any job without LaTeX."""
    executes = workflow.executor_plugin is not None and not workflow.dryrun
    if executes and shutil.which("pdflatex") is None:
        sys.exit("paper.pdf: pdflatex is not installed; install LaTeX, or leave out the target")
    return [
        f"--caption={caption}" for _, caption in documented("pdf", "Verdicts", "Tables", "Figures")
    ]


def cost_patterns():
    """Return RULE=PATTERN for each rule whose costs are outside a folder of its name."""
    top = f"{RESULTS}/costs/"
    patterns = {
        one.name: re.sub(r"\{[^}]*\}", "*", str(path).removesuffix(".tsv"))
        for one in workflow.rules
        if (path := one.log.get("costs"))
    }
    below = {
        name: pattern.removeprefix(top)
        for name, pattern in patterns.items()
        if pattern.startswith(top)
    }
    # Those of a table or figure are directly below the top, one for each variant, as frontier*. Also
    # given is frontier-table, which is no variant of it.
    return [
        f"{name}={pattern}"
        for name, pattern in below.items()
        if not Path(pattern).parent.name or Path(pattern).parts[0] != name
    ]
