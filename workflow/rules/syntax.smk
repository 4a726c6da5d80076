# Minimal pairs, and unconditional language models, the baselines of Table 4.


localrules:
    pairs,


rule pairs:
    """Write minimal pairs as one TSV, from the published pickles or the embedded grammar."""
    input:
        unpack(pairs_origin),
    output:
        "<results>/pairs/{pairs}.tsv",
    log:
        "<logs>/pairs/{pairs}.log",
        costs="<costs>/pairs/{pairs}.tsv",
    wildcard_constraints:
        pairs=pairs_pattern(),
    # Pairs that cannot be made are refused before days of training.
    priority: BEFORE_TRAININGS
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("pairs"),
        content=content_of_pickles,
        origin=pairs_flags,
    shell:
        "textvae --costs {log.costs:q} pairs"
        " {params.origin}"
        " --output {output:q}"
        " > >(tee {log[0]:q}) 2>&1"


use rule language_model as language_model_without_code with:
    # The baseline without a code: a language model trained on the training split.
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
        costs="<costs>/language-models/{corpus}/{model}/seed{seed}.tsv",
    # Takes as long as training a cell.
    priority: training_priority
    params:
        code=code_of("language-model"),
        text=training_split_flags,
        size="",
        settings=lambda w: configuration.flags(
            configuration.unconditional_settings(config, w.model)
        ),
        folder=lambda w, output: dirname(output.config),
