# Synthetic corpora -> a common dictionary -> language models of each of them, and of real text.
# Each folder below <results>/fce holds one dictionary; {text} is C15/copy1, or real.


rule common_dictionary:
    """Collect the words that all synthetic corpora of one decoding share, over all C and copies."""
    input:
        texts=common_texts,
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
    output:
        "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.log",
        costs="<costs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.tsv",
    priority: BEFORE_TRAININGS
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("common-dictionary"),
    shell:
        "textvae --costs {log.costs:q} common-dictionary {input.texts:q}"
        " --vocabulary {input.vocabulary:q}"
        " --output {output:q}"
        " > >(tee {log[0]:q}) 2>&1"


rule language_model:
    """Train an LSTM language model on one synthetic corpus, or on as much real text (the floor)."""
    input:
        unpack(training_text),
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
    output:
        weights="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/model.safetensors",
        config="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/config.json",
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/vocabulary.txt",
        record="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/training.jsonl",
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm.log",
        costs="<costs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm.tsv",
    priority: training_priority
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
        checkpoint_minutes=str(config["checkpoint_minutes"]),
        # Seconds; set by the SLURM profile.
        grace=0,
    params:
        code=code_of("language-model"),
        text=training_text_flags,
        size=training_size_flag,
        settings=lambda w: configuration.flags(
            configuration.language_model_settings(config, w.model)
        ),
        folder=lambda w, output: dirname(output.config),
    shell:
        # exec: a signal to the job (at its time limit, for example) reaches the training itself.
        "exec textvae --costs {log.costs:q} language-model"
        " {params.text} {params.size}"
        " --dictionary {input.dictionary:q}"
        " {params.settings}"
        " --output {params.folder:q}"
        " --checkpoint-minutes {resources.checkpoint_minutes}"
        " --keep-last"
        " --grace {resources.grace}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        # tee gets the training's signals too; ignore them so that the final log lines are written.
        " 2> >(trap '' HUP INT PIPE TERM; tee {log[0]:q} >&2)"


rule kneser_ney:
    """Train a Kneser-Ney 5-gram model on the same text; writes 'not built' if lmplz is missing."""
    input:
        unpack(training_text),
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
        # Not read; an input only so that the n-gram models, temporary files of up to gigabytes, are
        # built after the LSTMs are trained.
        lstm=ancient(
            "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/config.json"
        ),
    output:
        # Large, and quick to make again.
        temp(
            "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.arpa"
        ),
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.log",
        costs="<costs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("kneser-ney"),
        text=training_text_flags,
        size=training_size_flag,
    shell:
        "textvae --costs {log.costs:q} kneser-ney"
        " {params.text} {params.size}"
        " --dictionary {input.dictionary:q}"
        " --output {output:q}"
        " 2> >(tee {log[0]:q} >&2)"
