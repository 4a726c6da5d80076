# Build the tables and figures of Prokhorov et al. (2019): `snakemake results/table1.tex --cores 8`.

from snakemake.utils import min_version

min_version("9.25")


configfile: "config/config.yaml"


# The first page of the report.
report: "workflow/report/workflow.rst"


# Runs share the downloads only; everything else is below <results>.
pathvars:
    sources="results/sources",
    logs="<results>/logs",
    costs="<results>/costs",


include: "workflow/rules/common.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/choices.smk"
include: "workflow/rules/generation.smk"
include: "workflow/rules/fce.smk"
include: "workflow/rules/syntax.smk"
include: "workflow/rules/measurements.smk"
include: "workflow/rules/exhibits.smk"
include: "workflow/rules/run.smk"


keep_signatures([*globals().values(), *(param for rule in workflow.rules for param in rule.params)])


# Runs before any job, but not on a dry run, --unlock or --summary.
onstart:
    remove_default_rate_limit(workflow.scheduler)
    gc.freeze()
    gc.enable()
    if refused := unwritable(Path(RESULTS)):
        sys.exit(refused)


# Outputs are registered, so the final checkpoints can be deleted.
onsuccess:
    remove_done(Path(RESULTS))


onerror:
    cancel_jobs_left(workflow.scheduler)
    remove_done(Path(RESULTS))


rule all:
    default_target: True
    input:
        results_of_run(),
        record_of_run(),
