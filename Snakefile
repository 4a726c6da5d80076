# Every table and figure of Prokhorov et al. (2019) as a file: `snakemake results/table1.tex --cores 8`.

from snakemake.utils import min_version

min_version("9.25")


configfile: "config/config.yaml"


# What the report begins with.
report: "workflow/report/workflow.rst"


# Shared by all runs are the downloads alone; all else follows <results>.
pathvars:
    sources="results/sources",
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",


include: "workflow/rules/common.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/generation.smk"
include: "workflow/rules/fce.smk"
include: "workflow/rules/syntax.smk"
include: "workflow/rules/measurements.smk"
include: "workflow/rules/exhibits.smk"
include: "workflow/rules/run.smk"


# Said before anything runs, and not where nothing will (a dry run, --unlock, --summary).
onstart:
    gc.freeze()
    gc.enable()
    if refused := unwritable(Path(RESULTS)):
        sys.exit(refused)


# What these models are is known to the workflow by now.
onsuccess:
    remove_done(Path(RESULTS))


onerror:
    remove_done(Path(RESULTS))


rule all:
    default_target: True
    input:
        results_of_run(),
        record_of_run(),
