# Measurements and training records -> tables and figures, and all of them as one PDF.


localrules:
    gather,
    all_exhibits,
    document,
    paper,


rule gather:
    """Gather an experiment's measurements in a tidy table, and bootstrap replicates in another."""
    input:
        measurements=lambda w: measurements(w.experiment),
    output:
        table=in_report(
            "<results>/measurements/{experiment}.csv",
            caption="measurements",
            category="Measurements",
            experiment="{experiment}",
        ),
        bootstrap="<results>/measurements/{experiment}.bootstrap.csv",
    log:
        "<logs>/gather/{experiment}.log",
        costs="<costs>/gather/{experiment}.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("gather"),
    shell:
        "textvae --costs {log.costs:q} gather {input.measurements:q}"
        " --output {output.table:q}"
        " --bootstrap-output {output.bootstrap:q}"
        " 2> {log[0]:q}"


# One rule per registered exhibit: `snakemake results/table1.tex`, results/table4-mine.html ...
for exhibit in EXHIBITS.values():

    rule:
        name:
            rule_of(exhibit)
        input:
            unpack(exhibit_inputs(exhibit)),
            published=[ancient(file) for file in published(exhibit)],
        output:
            **exhibit_outputs(exhibit),
        log:
            f"<logs>/{log_stem(exhibit)}.log",
            costs=f"<costs>/{log_stem(exhibit)}.tsv",
        wildcard_constraints:
            variant=variant_pattern(exhibit),
        localrule: True
        conda:
            "../../envs/textvae.yaml"
        params:
            code=code_of(f"exhibit {exhibit.name}"),
            content=content_of(*published(exhibit)),
            caption=caption_of(exhibit),
            arguments=render_arguments(exhibit),
            settings=render_settings(exhibit),
            outputs=render_outputs(exhibit),
        shell:
            "textvae --costs {log.costs:q} render {params.arguments} {params.settings:q}"
            " --caption={params.caption:q}"
            " {params.outputs}"
            " 2> {log[0]:q}"


rule all_exhibits:
    """All tables and figures: `snakemake all_exhibits`."""
    input:
        lambda w: [
            file for one, name in exhibits_of_targets_and_run() for file in files_of(one, name)
        ],


rule document:
    """Compile claims, tables and figures into one PDF; only on request, because it needs LaTeX."""
    input:
        verdicts=[file for file, _ in documented("tex", "Verdicts")],
        tables=[file for file, _ in documented("tex", "Tables", "Figures", "Training curves")],
        figures=[file for file, _ in documented("pdf", "Verdicts", "Tables", "Figures")],
        curves=[file for file, _ in documented("pdf", "Training curves")],
        costs="<results>/run/costs.tex",
    output:
        in_report("<results>/paper.pdf", "paper", "Tables", table="all in one document", form="pdf"),
    log:
        "<logs>/document.log",
        costs="<costs>/document.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("document"),
        captions=captions_of_figures,
        curves=lambda w: [
            f"--curve-caption={caption}" for _, caption in documented("pdf", "Training curves")
        ],
    shell:
        "textvae --costs {log.costs:q} document"
        " --verdicts {input.verdicts:q}"
        " --tables {input.tables:q}"
        " --figures {input.figures:q} {params.captions:q}"
        " --curves {input.curves:q} {params.curves:q}"
        " --run-tables {input.costs:q}"
        " --output {output:q}"
        " 2> >(tee {log[0]:q} >&2)"


rule paper:
    """Short name of the PDF: `snakemake paper`."""
    input:
        "<results>/paper.pdf",
