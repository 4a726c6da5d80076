# Measurements only -> tables.


localrules:
    gather,
    table1,


rule gather:
    """All measurements of an experiment's cells as one tidy table."""
    input:
        measurements=lambda w: measurements(w.experiment),
        code=code("textvae.commands.gather"),
    output:
        "<results>/measurements/{experiment}.csv",
    log:
        "<logs>/gather/{experiment}.log",
    benchmark:
        "<benchmarks>/gather/{experiment}.tsv"
    conda:
        "../../envs/textvae.yaml"
    shell:
        "textvae gather {input.measurements:q}" " --output {output:q}" " 2> {log:q}"


rule table1:
    """The paper's Table 1; its values beside ours where it has the cell."""
    input:
        measurements="<results>/measurements/table1.csv",
        code=code("textvae.commands.table1"),
        published=sorted(map(str, Path("src/textvae/paper/published").glob("*.csv"))),
    output:
        tex=report(
            "<results>/table1.tex",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1", "form": "LaTeX"},
        ),
        csv=report(
            "<results>/table1.csv",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1", "form": "data"},
        ),
        html=report(
            "<results>/table1.html",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1", "form": "page"},
        ),
    log:
        "<logs>/table1.log",
    benchmark:
        "<benchmarks>/table1.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        caption=config["experiments"]["table1"]["caption"],
    shell:
        "textvae table1"
        " --measurements {input.measurements:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"
