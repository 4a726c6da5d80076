# Trained models and codes from the prior -> synthetic corpora and homotopies.


localrules:
    lines,


rule codes:
    """Sample the codes of one copy from the prior, shared by all models, C and decodings."""
    input:
        statistics="<results>/corpora/{corpus}/statistics.json",
    output:
        "<results>/codes/latent{latent}/seed{seed}/{corpus}/copy{nth}.npy",
    log:
        "<logs>/codes/latent{latent}/seed{seed}/{corpus}/copy{nth}.log",
        costs="<costs>/codes/latent{latent}/seed{seed}/{corpus}/copy{nth}.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("codes"),
        sentences=synthetic_size_flag(),
        corpus=lambda w, input: (
            "" if synthetic_size_flag() else f"--corpus {dirname(input.statistics)}"
        ),
    shell:
        "textvae --costs {log.costs:q} codes"
        " {params.sentences} {params.corpus}"
        " --latent {wildcards.latent}"
        " --seed {wildcards.seed}"
        " --copy {wildcards.nth}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule lines:
    """Sample the end points of lines through the latent space: pairs of samples of the prior."""
    output:
        "<results>/codes/latent{latent}/seed{seed}/lines.npy",
    log:
        "<logs>/codes/latent{latent}/seed{seed}/lines.log",
        costs="<costs>/codes/latent{latent}/seed{seed}/lines.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("codes"),
        size=config["generation"]["lines"],
    shell:
        "textvae --costs {log.costs:q} codes"
        " --lines {params.size}"
        " --latent {wildcards.latent}"
        " --seed {wildcards.seed}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule sample:
    """Decode the codes of one copy into a synthetic corpus."""
    input:
        **MODEL_FILES,
        codes=lambda w: f"<results>/codes/{latent(w)}/seed{w.seed}/{w.corpus}/copy{w.nth}.npy",
        statistics="<results>/corpora/{corpus}/statistics.json",
    output:
        text="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/sentences.txt",
        report="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/report.json",
    log:
        "<logs>/sample/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}.log",
        costs="<costs>/sample/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}.tsv",
    # Language models depend on it.
    priority: BEFORE_TRAININGS
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("sample", *model_modules(w)),
        model=lambda w, input: dirname(input.config),
        corpus=lambda w, input: dirname(input.statistics),
    shell:
        "textvae --costs {log.costs:q} sample"
        " --model {params.model:q}"
        " --codes {input.codes:q}"
        " --corpus {params.corpus:q}"
        " --decoding {wildcards.decoding}"
        " --seed {wildcards.seed}"
        " --copy {wildcards.nth}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output.text:q}"
        " --report {output.report:q}"
        " 2> >(tee {log[0]:q} >&2)"


rule interpolate:
    """Decode sentences along the first line with one cell, in each decoding of Table 2."""
    input:
        **MODEL_FILES,
        lines=lambda w: f"<results>/codes/{latent(w)}/seed{w.seed}/lines.npy",
        statistics="<results>/corpora/{corpus}/statistics.json",
    output:
        "<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/homotopy/{table2}.json",
    log:
        "<logs>/interpolate/{corpus}/{model}/C{C}/seed{seed}/{table2}.log",
        costs="<costs>/interpolate/{corpus}/{model}/C{C}/seed{seed}/{table2}.tsv",
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("interpolate", *model_modules(w)),
        decodings=lambda w: config["experiments"][w.table2]["decodings"],
        model=lambda w, input: dirname(input.config),
        corpus=lambda w, input: dirname(input.statistics),
    shell:
        "textvae --costs {log.costs:q} interpolate"
        " --model {params.model:q}"
        " --lines {input.lines:q}"
        " --corpus {params.corpus:q}"
        " --decodings {params.decodings}"
        " --seed {wildcards.seed}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log[0]:q}"
