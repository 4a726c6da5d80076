# One encoded corpus and one cell -> one model folder.


rule train:
    """Train one cell. Checkpoints beside the folder are not declared, so that a rerun finds them."""
    input:
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect(
            "<results>/corpora/{{corpus}}/{split}.{part}.npy",
            split=["train", "valid"],
            part=["tokens", "offsets"],
        ),
    output:
        weights="<results>/models/{corpus}/{model}/C{C}/seed{seed}/model.safetensors",
        config=cell_in_report("config.json", caption="config"),
        vocabulary="<results>/models/{corpus}/{model}/C{C}/seed{seed}/vocabulary.txt",
        record=cell_in_report("training.jsonl", caption="training"),
    log:
        "<logs>/train/{corpus}/{model}/C{C}/seed{seed}.log",
        costs="<costs>/train/{corpus}/{model}/C{C}/seed{seed}.tsv",
    # Longest first, so that no long training starts last.
    priority: training_priority
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        # Resources, unlike params, trigger no rerun: the device does not identify a cell.
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
        # A string, because Snakemake truncates numbers to integers.
        checkpoint_minutes=str(config["checkpoint_minutes"]),
        # Seconds; set by the SLURM profile.
        grace=0,
    params:
        code=lambda w: code_of("train", *training_modules(w)),
        settings=lambda w: configuration.flags(settings_of(w)),
        corpus=lambda w, input: dirname(input.statistics),
        folder=lambda w, output: dirname(output.config),
    shell:
        # exec: a signal to the job (at its time limit, for example) reaches the training itself.
        "exec textvae --costs {log.costs:q} train"
        " --corpus {params.corpus:q}"
        " --name {wildcards.model}"
        " --C {wildcards.C}"
        " --seed {wildcards.seed}"
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
