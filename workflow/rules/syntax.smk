# Minimal pairs -> whether a model prefers the grammatical sentence, and what its code tells of it.


localrules:
    pairs,


rule pairs:
    """Minimal pairs as one tidy file: of the published pickles, or of the embedded grammar."""
    input:
        unpack(pairs_origin),
    output:
        "<results>/pairs/{pairs}.tsv",
    log:
        "<logs>/pairs/{pairs}.log",
    benchmark:
        "<benchmarks>/pairs/{pairs}.tsv"
    wildcard_constraints:
        pairs=made_pairs(),
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("pairs"),
        origin=pairs_flags,
    shell:
        "textvae pairs" " {params.origin}" " --output {output:q}" " > >(tee {log:q}) 2>&1"


use rule language_model as language_model_without_code with:
    # What the decoder knows by itself: a language model of the training split, trained likewise.
    input:
        dictionary="<results>/corpora/{corpus}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect("<results>/corpora/{{corpus}}/train.{part}.npy", part=["tokens", "offsets"]),
    output:
        weights="<results>/language-models/{corpus}/{model}/seed{seed}/model.safetensors",
        config="<results>/language-models/{corpus}/{model}/seed{seed}/config.json",
        dictionary="<results>/language-models/{corpus}/{model}/seed{seed}/vocabulary.txt",
        record="<results>/language-models/{corpus}/{model}/seed{seed}/training.jsonl",
    log:
        "<logs>/language-models/{corpus}/{model}/seed{seed}.log",
    benchmark:
        "<benchmarks>/language-models/{corpus}/{model}/seed{seed}.tsv"
    # It takes as long as a cell.
    priority: longest_first
    params:
        code=stands_on("language-model"),
        learnt=whole_text_flags,
        size="",
        settings=lambda w: configuration.flags(configuration.without_code_settings(config, w.model)),
        folder=lambda w, output: Path(output.config).parent,


rule syntax:
    """Accuracies of one cell on minimal pairs under four codes, and of the language model."""
    input:
        unpack(model_files),
        pairs=pairs_file,
        language_model="<results>/language-models/{corpus}/{model}/seed{seed}/config.json",
        language_model_weights="<results>/language-models/{corpus}/{model}/seed{seed}/model.safetensors",
        language_model_words="<results>/language-models/{corpus}/{model}/seed{seed}/vocabulary.txt",
    output:
        "<results>/models/{corpus}/{model}/C{C}/seed{seed}/syntax/{pairs}.json",
    log:
        "<logs>/syntax/{corpus}/{model}/C{C}/seed{seed}/{pairs}.log",
    benchmark:
        "<benchmarks>/syntax/{corpus}/{model}/C{C}/seed{seed}/{pairs}.tsv"
    conda:
        "../../envs/textvae.yaml"
    threads: config.get("threads", 1)
    resources:
        device=config["device"],
        cells_per_gpu=str(config.get("cells_per_gpu", 1)),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: stands_on("measure", "textvae.measurements.syntax", *modelled_by(w)),
        settings=configuration.flags(config["evaluation"].get("syntax", {})),
        model=lambda w, input: Path(input.config).parent,
        language_model=lambda w, input: Path(input.language_model).parent,
    shell:
        "textvae syntax"
        " --model {params.model:q}"
        " --language-model {params.language_model:q}"
        " --pairs {input.pairs:q}"
        " --name {wildcards.pairs}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log:q}"


rule probe:
    """What a linear classifier reads from the codes of one cell: grammaticality, and number."""
    input:
        unpack(model_files),
        pairs=pairs_file,
    output:
        "<results>/models/{corpus}/{model}/C{C}/seed{seed}/probe/{pairs}.json",
    log:
        "<logs>/probe/{corpus}/{model}/C{C}/seed{seed}/{pairs}.log",
    benchmark:
        "<benchmarks>/probe/{corpus}/{model}/C{C}/seed{seed}/{pairs}.tsv"
    conda:
        "../../envs/textvae.yaml"
    threads: config.get("threads", 1)
    resources:
        device=config["device"],
        cells_per_gpu=str(config.get("cells_per_gpu", 1)),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: stands_on("measure", "textvae.measurements.probe", *modelled_by(w)),
        settings=configuration.flags(config["evaluation"].get("probe", {})),
        model=lambda w, input: Path(input.config).parent,
    shell:
        "textvae probe"
        " --model {params.model:q}"
        " --pairs {input.pairs:q}"
        " --name {wildcards.pairs}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log:q}"
