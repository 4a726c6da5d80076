# Every table of Prokhorov et al. (2019) as a file: `snakemake results/table1.tex --cores 8`.

from snakemake.utils import min_version

min_version("9.25")


configfile: "config/config.yaml"


# Shared by all runs are the downloads alone; all else follows <results>.
pathvars:
    sources="results/sources",
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",


include: "workflow/rules/common.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/paper.smk"


rule all:
    default_target: True
    input:
        collect("<results>/table1.{form}", form=["tex", "csv", "html"]),
        # Also asked for by themselves, so that one that went missing is made again.
        measurements("table1"),
