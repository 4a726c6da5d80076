# One encoded corpus, one model and one way of choosing C -> the C that it finds.


rule choose_C:
    """Search for a C and train a model at it. Models and checkpoints beside it are not declared, so
    that a rerun goes on from them."""
    input:
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect(
            "<results>/corpora/{{corpus}}/{split}.{part}.npy",
            split=["train", "valid"],
            part=["tokens", "offsets"],
        ),
    output:
        "<results>/choices/{corpus}/{model}/seed{seed}/{choice}/choice.json",
    log:
        "<logs>/choose_C/{corpus}/{model}/seed{seed}/{choice}.log",
        costs="<costs>/choose_C/{corpus}/{model}/seed{seed}/{choice}.tsv",
    # Several trainings, one after the other: they start first.
    priority: BEFORE_TRAININGS - 1
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
        code=lambda w: code_of("choose-C", *choice_modules(w)),
        settings=lambda w: configuration.flags(
            configuration.choice_settings(config, w.choice, w.model)
        ),
        corpus=lambda w, input: dirname(input.statistics),
        folder=lambda w, output: dirname(output[0]),
    shell:
        # exec: a signal to the job reaches the training itself.
        "exec textvae --costs {log.costs:q} choose-C"
        " --corpus {params.corpus:q}"
        " --name {wildcards.model}"
        " --seed {wildcards.seed}"
        " {params.settings}"
        " --output {params.folder:q}"
        " --overwrite"
        " --checkpoint-minutes {resources.checkpoint_minutes}"
        " --grace {resources.grace}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        # tee gets the training's signals too; ignore them so that the final log lines are written.
        " > >(trap '' HUP INT PIPE TERM; tee {log[0]:q} >&2) 2>&1"
