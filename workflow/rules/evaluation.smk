# One model, one test split -> one JSON file a measurement.


rule evaluate:
    """One measurement of one cell."""
    input:
        unpack(known_source),
        weights="<results>/models/{corpus}/{model}/C{C}/seed{seed}/model.safetensors",
        config="<results>/models/{corpus}/{model}/C{C}/seed{seed}/config.json",
        vocabulary="<results>/models/{corpus}/{model}/C{C}/seed{seed}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect("<results>/corpora/{{corpus}}/test.{part}.npy", part=["tokens", "offsets"]),
    output:
        "<results>/models/{corpus}/{model}/C{C}/seed{seed}/{measurement}.json",
    log:
        "<logs>/evaluate/{corpus}/{model}/C{C}/seed{seed}/{measurement}.log",
    benchmark:
        "<benchmarks>/evaluate/{corpus}/{model}/C{C}/seed{seed}/{measurement}.tsv"
    conda:
        "../../envs/textvae.yaml"
    threads: config.get("threads", 1)
    resources:
        device=config["device"],
        cells_per_gpu=str(config.get("cells_per_gpu", 1)),
        gpu=1 if on_gpu() else 0,
    params:
        code=lambda w: stands_on(
            "measure",
            f"textvae.measurements.{w.measurement.replace('-', '_')}",
            *modelled_by(w),
        ),
        settings=evaluation_flags,
        model=lambda w, input: Path(input.config).parent,
        corpus=lambda w, input: Path(input.statistics).parent,
    shell:
        "textvae evaluate {wildcards.measurement}"
        " --model {params.model:q}"
        " --corpus {params.corpus:q}"
        " {params.settings}"
        " --device {resources.device}"
        " --cells-per-gpu {resources.cells_per_gpu}"
        " --threads {threads}"
        " --output {output:q}"
        " 2> {log:q}"
