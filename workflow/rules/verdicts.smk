# Measurements of the paper's own experiments -> what held of what the paper says.

# Where its numbers are printed. An experiment like one of these (table4-mine) asks other things of
# the same cells: other pairs, other dictionaries.
PRINTED = ["table1", "section3_2", "table3", "table4"]
COMPARED = [name for name in PRINTED if name in config["targets"]]


JUDGED = configuration.judged(config)


localrules:
    comparison,
    claims,


rule comparison:
    """Every number that the paper prints beside ours, with a verdict."""
    input:
        measurements=collect("<results>/measurements/{name}.csv", name=COMPARED),
        sizes=sizes_of(COMPARED),
        published=collect(
            "src/textvae/paper/published/{name}.csv",
            name=["corpora", *PRINTED, "errata", "tolerances"],
        ),
    output:
        **reported(
            "comparison",
            TABLE_FORMS,
            caption="comparison",
            category="Verdicts",
            verdicts="numbers",
        ),
    log:
        "<logs>/comparison.log",
    benchmark:
        "<benchmarks>/comparison.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "comparison"),
        stand_ins=[f"{paper}={ours}" for paper, ours in config.get("stand_ins", {}).items()],
        caption="The numbers that the paper prints and ours: how many agree.",
    shell:
        "textvae comparison"
        " --measurements {input.measurements:q}"
        " --sizes {input.sizes:q}"
        " --stand-in {params.stand_ins:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"


rule claims:
    """What became of every claim of the paper, on our measurements and on its own numbers."""
    input:
        measurements=collect("<results>/measurements/{name}.csv", name=JUDGED),
        bootstrap=collect("<results>/measurements/{name}.bootstrap.csv", name=JUDGED),
        # What each model is: its parts, its objective, its beta, its sizes.
        configs=unique(file for name in JUDGED for file in of_cells(name, ["config"], "json")),
        sizes=sizes_of(JUDGED),
        published=collect(
            "src/textvae/paper/published/{name}.csv", name=["corpora", *PRINTED, "errata"]
        ),
    output:
        **reported("claims", TABLE_FORMS, caption="claims", category="Verdicts", verdicts="claims"),
    log:
        "<logs>/claims.log",
    benchmark:
        "<benchmarks>/claims.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("table", "claims"),
        caption="The claims of the paper: what held.",
    shell:
        "textvae claims"
        " --measurements {input.measurements:q}"
        " --bootstrap {input.bootstrap:q}"
        " --configs {input.configs:q}"
        " --sizes {input.sizes:q}"
        " --caption={params.caption:q}"
        " --tex {output.tex:q}"
        " --csv {output.csv:q}"
        " --html {output.html:q}"
        " 2> {log:q}"
