# Trained models and the text they generated -> one JSON file per measurement. One rule per kind of
# subject (listed in textvae.measurements) runs all measurements taken on it.


rule measure_split:
    """Take one measurement of one cell on the test split."""
    input:
        unpack(grammar_inputs),
        **MODEL_FILES,
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect("<results>/corpora/{{corpus}}/test.{part}.npy", part=["tokens", "offsets"]),
    output:
        "<results>/models/{corpus}/{model}/C{C}/seed{seed}/{measurement}.json",
    log:
        "<logs>/measure_split/{corpus}/{model}/C{C}/seed{seed}/{measurement}.log",
        costs="<costs>/measure_split/{corpus}/{model}/C{C}/seed{seed}/{measurement}.tsv",
    wildcard_constraints:
        measurement=measurement_pattern("split"),
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("measure", measurement_module(w), *model_modules(w)),
        settings=measurement_flags,
        grammar=lambda w, input: (
            f"--grammar {dirname(input.grammar)}" if "grammar" in input.keys() else ""
        ),
        model=lambda w, input: dirname(input.config),
        corpus=lambda w, input: dirname(input.statistics),
    shell:
        "textvae --costs {log.costs:q} measure {wildcards.measurement}"
        " --model {params.model:q}"
        " --corpus {params.corpus:q}"
        " {params.grammar}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule measure_lines:
    """Take one measurement of one cell on lines through its latent space."""
    input:
        **MODEL_FILES,
        lines=lambda w: f"<results>/codes/{latent(w)}/seed{w.seed}/lines.npy",
        statistics="<results>/corpora/{corpus}/statistics.json",
    output:
        "<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{measurement}.json",
    log:
        "<logs>/measure_lines/{corpus}/{model}/C{C}/seed{seed}/{measurement}.log",
        costs="<costs>/measure_lines/{corpus}/{model}/C{C}/seed{seed}/{measurement}.tsv",
    wildcard_constraints:
        measurement=measurement_pattern("lines"),
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("measure", measurement_module(w), *model_modules(w)),
        settings=measurement_flags,
        model=lambda w, input: dirname(input.config),
        corpus=lambda w, input: dirname(input.statistics),
    shell:
        "textvae --costs {log.costs:q} measure {wildcards.measurement}"
        " --model {params.model:q}"
        " --lines {input.lines:q}"
        " --corpus {params.corpus:q}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule measure_text:
    """Take one measurement of one synthetic corpus."""
    input:
        text="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/sentences.txt",
        report="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/report.json",
    output:
        "<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/{measurement}.json",
    log:
        "<logs>/measure_text/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/{measurement}.log",
        costs="<costs>/measure_text/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/{measurement}.tsv",
    wildcard_constraints:
        measurement=measurement_pattern("text"),
    conda:
        "../../envs/textvae.yaml"
    params:
        code=lambda w: code_of("measure-text", measurement_module(w)),
        settings=measurement_flags,
        grammar=lambda w: "--grammar" if "grammar" in config["corpora"][w.corpus] else "",
    shell:
        "textvae --costs {log.costs:q} measure {wildcards.measurement}"
        " --text {input.text:q}"
        " --report {input.report:q}"
        " {params.grammar}"
        " {params.settings}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule measure_fce:
    """Measure a synthetic corpus with its language models and those of real text."""
    input:
        synthetic="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/lstm/config.json",
        synthetic_weights="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/lstm/model.safetensors",
        synthetic_words="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/lstm/vocabulary.txt",
        synthetic_kneser_ney="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/kneser-ney.arpa",
        real="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/real/lstm/config.json",
        real_weights="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/real/lstm/model.safetensors",
        real_words="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/real/lstm/vocabulary.txt",
        real_kneser_ney="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/real/kneser-ney.arpa",
        text="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/sentences.txt",
        report="<results>/synthetic/{corpus}/{model}/C{C}/seed{seed}/{decoding}/copy{nth}/report.json",
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect("<results>/corpora/{{corpus}}/test.{part}.npy", part=["tokens", "offsets"]),
    output:
        "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/{measurement}.json",
    log:
        "<logs>/measure_fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/{measurement}.log",
        costs="<costs>/measure_fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{nth}/{measurement}.tsv",
    wildcard_constraints:
        measurement=measurement_pattern("fce"),
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("measure", "measure-text", measurement_module(w)),
        settings=measurement_flags,
        corpus=lambda w, input: dirname(input.statistics),
        synthetic=lambda w, input: dirname(input.synthetic),
        real=lambda w, input: dirname(input.real),
    shell:
        "textvae --costs {log.costs:q} measure {wildcards.measurement}"
        " --text {input.text:q}"
        " --report {input.report:q}"
        " --corpus {params.corpus:q}"
        " --synthetic-lstm {params.synthetic:q}"
        " --real-lstm {params.real:q}"
        " --synthetic-kneser-ney {input.synthetic_kneser_ney:q}"
        " --real-kneser-ney {input.real_kneser_ney:q}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log[0]:q}"


rule measure_pairs:
    """Take one measurement of one cell on minimal pairs."""
    input:
        unpack(unconditional_model),
        **MODEL_FILES,
        pairs=pairs_file,
    output:
        "<results>/models/{corpus}/{model}/C{C}/seed{seed}/{measurement}/{pairs}.json",
    log:
        "<logs>/measure_pairs/{corpus}/{model}/C{C}/seed{seed}/{measurement}/{pairs}.log",
        costs="<costs>/measure_pairs/{corpus}/{model}/C{C}/seed{seed}/{measurement}/{pairs}.tsv",
    wildcard_constraints:
        measurement=measurement_pattern("pairs"),
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: code_of("measure", measurement_module(w), *model_modules(w)),
        content=content_of_pairs,
        settings=measurement_flags,
        language_model=lambda w, input: (
            f"--language-model {dirname(input.language_model)}"
            if "language_model" in input.keys()
            else ""
        ),
        model=lambda w, input: dirname(input.config),
    shell:
        "textvae --costs {log.costs:q} measure {wildcards.measurement}"
        " --model {params.model:q}"
        " {params.language_model}"
        " --pairs {input.pairs:q}"
        " --name {wildcards.pairs}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log[0]:q}"
