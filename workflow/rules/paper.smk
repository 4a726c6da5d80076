# Measurements and training records only -> tables and figures.


localrules:
    gather,
    table1,
    table2,
    table3,
    table4,
    section3_2,
    collapse,
    figure1,
    curves,


rule gather:
    """All measurements of an experiment's cells as a tidy table; their replicates as another."""
    input:
        measurements=lambda w: measurements(w.experiment),
    output:
        table=shown(
            "<results>/measurements/{experiment}.csv",
            caption="measurements",
            category="Measurements",
            experiment="{experiment}",
        ),
        bootstrap="<results>/measurements/{experiment}.bootstrap.csv",
    log:
        "<logs>/gather/{experiment}.log",
    benchmark:
        "<benchmarks>/gather/{experiment}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("gather"),
    shell:
        "textvae gather {input.measurements:q}"
        " --output {output.table:q}"
        " --bootstrap-output {output.bootstrap:q}"
        " 2> {log:q}"


rule table1:
    """The paper's Table 1; its values beside ours where it has the cell."""
    input:
        measurements="<results>/measurements/table1.csv",
        published=published("table1"),
    output:
        **reported("table1", TABLE_FORMS, caption="table1", table="1"),
    log:
        "<logs>/table1.log",
    benchmark:
        "<benchmarks>/table1.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.table1"),
        caption=lambda w: config["experiments"]["table1"]["caption"],
    shell:
        "textvae table1"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"


rule table2:
    """The paper's Table 2, and how sensitive decoders are to the code (footnote 7)."""
    input:
        homotopies=homotopies,
        measurements="<results>/measurements/table2{variant2}.csv",
    output:
        **reported("table2{variant2}", TABLE_FORMS, caption="table2", table="2{variant2}"),
        sensitivity=shown(
            "<results>/sensitivity{variant2}.csv",
            caption="sensitivity",
            category="Tables",
            table="sensitivity{variant2}",
            form="data",
        ),
    log:
        "<logs>/table2{variant2}.log",
    benchmark:
        "<benchmarks>/table2{variant2}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.table2"),
        caption=lambda w: config["experiments"][f"table2{w.variant2}"]["caption"],
    shell:
        "textvae table2 {input.homotopies:q}"
        " --name table2{wildcards.variant2}"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " --sensitivity {output.sensitivity:q}"
        " 2> {log:q}"


rule table3:
    """The paper's Table 3; any experiment whose name begins with table3- is laid out like it."""
    input:
        measurements="<results>/measurements/{table3}.csv",
        published=published("table3"),
    output:
        **reported("{table3}", TABLE_FORMS, caption="table3", table="{table3}"),
    log:
        "<logs>/{table3}.log",
    benchmark:
        "<benchmarks>/{table3}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.table3"),
        caption=lambda w: config["experiments"][w.table3]["caption"],
    shell:
        "textvae table3"
        " --name {wildcards.table3}"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"


rule table4:
    """The paper's Table 4, and what a probe reads from the codes (section 4)."""
    input:
        measurements="<results>/measurements/table4{variant4}.csv",
        published=published("table4"),
    output:
        **reported("table4{variant4}", TABLE_FORMS, caption="table4", table="4{variant4}"),
        **{
            f"probe_{form}": file
            for form, file in reported(
                "probe{variant4}", TABLE_FORMS, caption="probe", table="probe{variant4}"
            ).items()
        },
    log:
        "<logs>/table4{variant4}.log",
    benchmark:
        "<benchmarks>/table4{variant4}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.probe", "textvae.paper.exhibits.table4"),
        caption=lambda w: config["experiments"][f"table4{w.variant4}"]["caption"],
    shell:
        "textvae table4"
        " --name table4{wildcards.variant4}"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " --probe-tex {output.probe_tex:q}"
        " --probe-csv {output.probe_csv:q}"
        " --probe-html {output.probe_html:q}"
        " 2> {log:q}"


rule section3_2:
    """The aggregated posterior of the GRU against the prior, with the paper's values (section 3.2)."""
    input:
        measurements="<results>/measurements/section3_2.csv",
        published=published("section3_2"),
    output:
        **reported("section3_2", TABLE_FORMS, caption="section3_2", table="section 3.2"),
    log:
        "<logs>/section3_2.log",
    benchmark:
        "<benchmarks>/section3_2.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.section3_2"),
        caption=lambda w: config["experiments"]["section3_2"]["caption"],
    shell:
        "textvae section3_2"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"


rule collapse:
    """Controls: what the code does without C, and with other beta (footnote 3)."""
    input:
        measurements="<results>/measurements/collapse.csv",
        # What each model is: its parts, its objective, its beta.
        configs=of_cells("collapse", ["config"], "json"),
    output:
        **reported("collapse", TABLE_FORMS, caption="collapse", table="controls"),
    log:
        "<logs>/collapse.log",
    benchmark:
        "<benchmarks>/collapse.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "textvae.paper.exhibits.collapse"),
        caption=lambda w: config["experiments"]["collapse"]["caption"],
    shell:
        "textvae collapse"
        " --measurements {input.measurements:q}"
        " --configs {input.configs:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"


rule figure1:
    """The paper's Figure 1, or one like it: any experiment whose name begins with figure1-."""
    input:
        measurements="<results>/measurements/{figure}.csv",
    output:
        **reported("{figure}", FIGURE_FORMS + ["csv"], caption="figure1", figure="{figure}"),
    log:
        "<logs>/{figure}.log",
    benchmark:
        "<benchmarks>/{figure}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("figure", "textvae.paper.exhibits.figure1"),
        title=lambda w: config["experiments"][w.figure]["caption"],
    shell:
        "textvae figure1"
        " --measurements {input.measurements:q}"
        " --title={params.title:q}"
        " --pdf {output.pdf:q}"
        " --svg {output.svg:q}"
        " --png {output.png:q}"
        " --csv {output.csv:q}"
        " 2> {log:q}"


rule curves:
    """How the cells of an experiment trained."""
    input:
        records=lambda w: of_cells(w.experiment, ["training"], "jsonl"),
        configs=lambda w: of_cells(w.experiment, ["config"], "json"),
    output:
        **reported("curves/{experiment}", FIGURE_FORMS, caption="curves", curves="{experiment}"),
    log:
        "<logs>/curves/{experiment}.log",
    benchmark:
        "<benchmarks>/curves/{experiment}.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("figure", "textvae.paper.exhibits.curves"),
        folders=lambda w, input: [Path(file).parent for file in input.configs],
        title=lambda w: f"Training curves: {w.experiment}",
    shell:
        "textvae curves {params.folders:q}"
        " --title={params.title:q}"
        " --pdf {output.pdf:q}"
        " --svg {output.svg:q}"
        " --png {output.png:q}"
        " 2> {log:q}"
