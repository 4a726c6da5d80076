# Results of a run -> the record of the run, its costs, and an archive.


localrules:
    run_information,
    costs,
    archive,


rule run_information:
    """Record the configuration, software and machine of the run."""
    input:
        # Run last, and again after any result is remade.
        results=results_of_run(),
    output:
        **{
            form: in_report(f"<results>/run/{name}", "run", "The run", file=name)
            for form, name in {
                "yaml": "configuration.yaml",
                "json": "information.json",
                "html": "information.html",
            }.items()
        },
    log:
        "<logs>/run/information.log",
        costs="<costs>/run/information.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("run-information"),
        # Serialised now: the files may be edited while the workflow runs. A function, because
        # braces in a plain string would be wildcards.
        configuration=lambda w: json.dumps(recorded_configuration()),
    shell:
        "textvae --costs {log.costs:q} run-information"
        " --configuration {params.configuration:q}"
        " --yaml {output.yaml:q}"
        " --json {output.json:q}"
        " --html {output.html:q}"
        " 2> {log[0]:q}"


rule costs:
    """Tabulate the cost of each rule and each job, as their commands recorded it."""
    input:
        # The records are logs, not outputs of any rule; they exist once the results do.
        results=results_of_run(),
    output:
        **{
            form: in_report(
                f"<results>/run/costs.{form}", "costs", "The run", file=f"costs.{form}"
            )
            for form in TABLE_FORMS
        },
        jobs=in_report("<results>/run/jobs.csv", "jobs", "The run", file="jobs.csv"),
    log:
        "<logs>/run/costs.log",
        costs="<costs>/run/costs.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("costs"),
        records=lambda w: f"{RESULTS}/costs",
        rules=lambda w: cost_patterns(),
        caption="What the run cost.",
    shell:
        "textvae --costs {log.costs:q} costs"
        " --records {params.records:q}"
        " --rules {params.rules:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " --jobs {output.jobs:q}"
        " 2> {log[0]:q}"


rule archive:
    """Write the finished run as a Workflow Run RO-Crate: `snakemake archive`."""
    input:
        results=results_of_run(),
        record=record_of_run(),
    output:
        "<results>/archive.zip",
    log:
        "<logs>/archive.log",
        costs="<costs>/archive.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("archive"),
        files=digest_of_workflow,
        results=lambda w: RESULTS,
        workflow=lambda w: os.path.relpath(ROOT),
    shell:
        "textvae --costs {log.costs:q} archive"
        " {params.results:q}"
        " --output {output:q}"
        " --workflow {params.workflow:q}"
        " 2> >(tee {log[0]:q} >&2)"
