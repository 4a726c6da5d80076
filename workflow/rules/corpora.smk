# Raw text -> sentences -> vocabulary -> encoded splits.


localrules:
    fetch,


rule fetch:
    """Download the files of a source, or accept those that were put there by hand."""
    output:
        "<sources>/{source}/manifest.json",
    log:
        "<sources>/logs/{source}.log",
        costs="<sources>/costs/{source}.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        # A changed link or checksum triggers a new check; changed code triggers no download.
        declared=lambda w: repr(declared_sources[w.source]),
        folder=lambda w, output: dirname(output[0]),
    shell:
        "textvae --costs {log.costs:q} fetch {wildcards.source}"
        " --sources config/sources.yaml"
        " --output {params.folder:q}"
        " 2> >(tee {log[0]:q} >&2)"


rule grammar:
    """Sample sentences of the embedded grammar, with their exact log-probabilities."""
    output:
        train="<results>/corpora/{corpus}/raw/train.txt",
        valid="<results>/corpora/{corpus}/raw/valid.txt",
        test="<results>/corpora/{corpus}/raw/test.txt",
        words="<results>/corpora/{corpus}/raw/words.txt",
        summary="<results>/corpora/{corpus}/raw/grammar.json",
        log_probabilities=collect(
            "<results>/corpora/{{corpus}}/raw/{split}.log-probabilities.npy",
            split=SPLITS,
        ),
    log:
        "<logs>/grammar/{corpus}.log",
        costs="<costs>/grammar/{corpus}.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("grammar"),
        settings=lambda w: configuration.flags(config["corpora"][w.corpus]["grammar"]),
        folder=lambda w, output: dirname(output.summary),
    shell:
        "textvae --costs {log.costs:q} grammar"
        " {params.settings}"
        " --output {params.folder:q}"
        " 2> {log[0]:q}"


rule split_text:
    """Split your own text at random into train, valid and test."""
    input:
        text=own_text,
    output:
        **{split: f"<results>/corpora/{{corpus}}/split/{split}.txt" for split in SPLITS},
        origin="<results>/corpora/{corpus}/split/origin.json",
    log:
        "<logs>/split/{corpus}.log",
        costs="<costs>/split/{corpus}.tsv",
    conda:
        "../../envs/textvae.yaml"
    params:
        code=code_of("split"),
        content=lambda w: content_of(config["corpora"][w.corpus]["text"]),
        seed=lambda w: complete.corpora[w.corpus].seed,
        folder=lambda w, output: dirname(output.train),
    shell:
        "textvae --costs {log.costs:q} split"
        " --text {input.text:q}"
        " --seed {params.seed}"
        " --output {params.folder:q}"
        " > >(tee {log[0]:q}) 2>&1"


rule prepare:
    """Build the vocabulary, the encoded splits and the statistics of a corpus."""
    input:
        unpack(raw_input),
    output:
        vocabulary="<results>/corpora/{corpus}/vocabulary.txt",
        statistics="<results>/corpora/{corpus}/statistics.json",
        splits=collect(
            "<results>/corpora/{{corpus}}/{split}.{part}.npy",
            split=SPLITS,
            part=["tokens", "offsets"],
        ),
    log:
        "<logs>/prepare/{corpus}.log",
        costs="<costs>/prepare/{corpus}.tsv",
    priority: BEFORE_TRAININGS
    conda:
        "../../envs/textvae.yaml"
    params:
        code=lambda w: code_of("prepare", *preparation_modules(w)),
        content=content_of_corpus,
        settings=preparation_flags,
        folder=lambda w, output: dirname(output.statistics),
    shell:
        "textvae --costs {log.costs:q} prepare"
        " --name {wildcards.corpus}"
        " {params.settings}"
        " --output {params.folder:q}"
        " > >(tee {log[0]:q}) 2>&1"
