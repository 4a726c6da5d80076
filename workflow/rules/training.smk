# One encoded corpus, one cell -> one model folder.


rule train:
    """One cell. Checkpoints lie beside the folder, undeclared, so that a rerun finds them."""
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
        config=shown_of_cell("config.json", caption="config"),
        vocabulary="<results>/models/{corpus}/{model}/C{C}/seed{seed}/vocabulary.txt",
        record=shown_of_cell("training.jsonl", caption="training"),
    log:
        "<logs>/train/{corpus}/{model}/C{C}/seed{seed}.log",
    benchmark:
        "<benchmarks>/train/{corpus}/{model}/C{C}/seed{seed}.tsv"
    # What takes longest starts first, so that it is not the last to end.
    priority: longest_first
    conda:
        "../../envs/textvae.yaml"
    threads: config["threads"]
    resources:
        # Resources, unlike params, rerun nothing: a cell is the same cell on another device.
        device=config["device"],
        cells_per_gpu=str(config["cells_per_gpu"]),
        gpu=1 if on_gpu() else 0,
        # A text, because a number would be cut to a whole one.
        checkpoint_minutes=str(config["checkpoint_minutes"]),
        # Seconds, for a cluster.
        grace=0,
    params:
        code=lambda w: stands_on("train", *trained_by(w)),
        settings=lambda w: configuration.flags(configuration.training_settings(config, cell(w))),
        corpus=lambda w, input: Path(input.statistics).parent,
        folder=lambda w, output: Path(output.config).parent,
    shell:
        # exec: a signal to the job (a time limit, say) reaches the training itself.
        "exec textvae train"
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
        # What stops the training reaches tee as well, which must stay to write down its last words.
        " 2> >(trap '' HUP INT PIPE TERM; tee {log:q} >&2)"
