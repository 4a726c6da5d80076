"""What a run shows: its files, and where in the report each of them is; no rules here."""

# What a reader of the report looks at first comes first.
REPORT_CATEGORIES = [
    "Verdicts",
    "Tables",
    "Figures",
    "Training curves",
    "Measurements",
    "Cells",
    "The run",
]

# Settings that rerun nothing: what is there may have been made under others, so that they are no
# part of the record of a run.
CHANGES_NOTHING = ["device", "cells_per_gpu", "threads", "checkpoint_minutes"]


def reported(name, forms, caption, category=None, **labels):
    """The files of a table or figure as outputs of its rule, each with its place in the report."""
    kinds = {"tex": "LaTeX", "csv": "data", "html": "page"}
    if category is None:
        found = {"table": "Tables", "figure": "Figures", "curves": "Training curves"}
        category = next(found[label] for label in labels if label in found)
    return {
        form: shown(
            f"<results>/{name}.{form}", caption, category, **labels, form=kinds.get(form, form)
        )
        for form in forms
    }


def shown(path, caption, category, **labels):
    """A file with its place in the report, which sorts categories by name: so they are numbered."""
    number = REPORT_CATEGORIES.index(category) + 1
    return report(
        path,
        caption=f"../report/{caption}.rst",
        category=f"{number}. {category}",
        labels=labels,
    )


def shown_of_cell(name, caption):
    """A file of a model folder, to be found in the report by its cell."""
    labels = {label: f"{{{label}}}" for label in ("corpus", "model", "C", "seed")}
    path = f"<results>/models/{{corpus}}/{{model}}/C{{C}}/seed{{seed}}/{name}"
    return shown(path, caption, "Cells", **labels, file=name)


def verdicts(form):
    """What says how the paper fared, the short before the long."""
    return collect("<results>/{name}.{form}", name=["claims", "comparison"], form=form)


def unique(files):
    """Each file once, in order: experiments share cells."""
    return list(dict.fromkeys(files))


def sizes_of(experiments):
    """What tells how large the corpora of experiments are."""
    cells = [cell for name in experiments for cell in configuration.cells(config, name)]
    return collect(
        "<results>/corpora/{corpus}/statistics.json", corpus=unique(cell.corpus for cell in cells)
    )


def results_of_run():
    """All that the configuration asks for: its experiments, and what they say of the paper."""
    files = [file for experiment in config["targets"] for file in products(experiment)]
    return [*files, *verdicts(TABLE_FORMS)]


def record_of_run():
    """What tells of the run itself."""
    return [
        "<results>/run/configuration.yaml",
        "<results>/run/information.json",
        "<results>/run/information.html",
        *collect("<results>/run/costs.{form}", form=TABLE_FORMS),
        "<results>/run/jobs.csv",
    ]


def exhibits(suffix, curves=False):
    """The tables (.tex) or figures (.pdf) of the experiments, or the figures of their trainings."""
    files = [file for experiment in config["targets"] for file in products(experiment)]
    return [
        file
        for file in files
        if file.endswith(suffix) and file.startswith("<results>/curves/") == curves
    ]


def caption(file):
    """What the configuration says of the experiment that a file shows."""
    return config["experiments"][Path(file).stem]["caption"]


def benchmarks_elsewhere():
    """RULE=PATTERN for each rule whose benchmarks do not lie in a folder of its name."""
    top = f"{RESULTS}/benchmarks/"
    patterns = {
        one.name: re.sub(r"\{[^}]*\}", "*", str(one.benchmark).removesuffix(".tsv"))
        for one in workflow.rules
        if one.benchmark
    }
    below = {
        name: pattern.removeprefix(top)
        for name, pattern in patterns.items()
        if pattern.startswith(top)
    }
    # What lies in no folder is named by itself: a table, a figure.
    return [
        f"{name}={pattern}"
        for name, pattern in below.items()
        if Path(pattern).parent.name and Path(pattern).parts[0] != name
    ]
