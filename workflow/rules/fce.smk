# Synthetic corpora -> a common dictionary -> language models of each of them, and of real text.
# A folder of <results>/fce holds one dictionary; the {text} learnt in it is C15/copy1, or real.


rule common_dictionary:
    """The words that the synthetic corpora of one decoding share, all C and copies together."""
    input:
        texts=common_texts,
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
    output:
        "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.log",
    benchmark:
        "<benchmarks>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.tsv"
    priority: BEFORE_TRAININGS
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("common-dictionary"),
    shell:
        "textvae common-dictionary {input.texts:q}"
        " --vocabulary {input.vocabulary:q}"
        " --output {output:q}"
        " > >(tee {log:q}) 2>&1"


rule language_model:
    """An LSTM language model of one synthetic corpus, or of as much real text (the floor)."""
    input:
        unpack(learnt_text),
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
    output:
        weights="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/model.safetensors",
        config="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/config.json",
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/vocabulary.txt",
        record="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/training.jsonl",
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm.log",
    benchmark:
        "<benchmarks>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm.tsv"
    priority: longest_first
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
        checkpoint_minutes=str(config["checkpoint_minutes"]),
        # Seconds, for a cluster.
        grace=0,
    params:
        code=stands_on("language-model"),
        learnt=learnt_text_flags,
        size=learnt_size,
        settings=lambda w: configuration.flags(
            configuration.language_model_settings(config, w.model)
        ),
        folder=lambda w, output: Path(output.config).parent,
    shell:
        # exec: a signal to the job (a time limit, say) reaches the training itself.
        "exec textvae language-model"
        " {params.learnt} {params.size}"
        " --dictionary {input.dictionary:q}"
        " {params.settings}"
        " --output {params.folder:q}"
        " --checkpoint-minutes {resources.checkpoint_minutes}"
        " --keep-last"
        " --grace {resources.grace}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        # What stops the training reaches tee as well, which must stay to write down its last words.
        " 2> >(trap '' HUP INT PIPE TERM; tee {log:q} >&2)"


rule kneser_ney:
    """A Kneser-Ney 5-gram model of the same text; it says 'not built' where there is no lmplz."""
    input:
        unpack(learnt_text),
        dictionary="<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/dictionary.txt",
        # Nothing is read of it: the n-gram models, which may take gigabytes, shall not be made and
        # wait for the LSTMs, which take long.
        lstm=ancient(
            "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/lstm/config.json"
        ),
    output:
        # Large, and soon made again.
        temp(
            "<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.arpa"
        ),
    log:
        "<logs>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.log",
    benchmark:
        "<benchmarks>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/{text}/kneser-ney.tsv"
    conda:
        "../../envs/textvae.yaml"
    params:
        code=stands_on("kneser-ney"),
        learnt=learnt_text_flags,
        size=learnt_size,
    shell:
        "textvae kneser-ney"
        " {params.learnt} {params.size}"
        " --dictionary {input.dictionary:q}"
        " --output {output:q}"
        " 2> >(tee {log:q} >&2)"
