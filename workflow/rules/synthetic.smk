"""Helpers of the rules on synthetic text and its language models; no rules."""


def copies():
    """Return the numbers of the copies of each synthetic corpus, from 1."""
    return range(1, config["generation"]["copies"] + 1)


def synthetic_size_flag():
    """Return the flag for the size of synthetic corpora; "" for the size of the training split."""
    size = config["generation"].get("sentences")
    return "" if size is None else f"--sentences {size}"


def latent(wildcards):
    """Return the path component for the dimensions of a cell's codes: latent32."""
    return f"latent{settings_of(wildcards)['latent']}"


# The files of a trained model, as inputs.
MODEL_FILES = {
    name: f"<results>/models/{{corpus}}/{{model}}/C{{C}}/seed{{seed}}/{file}"
    for name, file in {
        "weights": "model.safetensors",
        "config": "config.json",
        "vocabulary": "vocabulary.txt",
    }.items()
}


def homotopies(experiment):
    """Return the homotopy file of each cell of an experiment shown as Table 2."""
    return collect(
        "<results>/synthetic/{cell}/homotopy/{experiment}.json",
        cell=configuration.cells(config, experiment),
        experiment=experiment,
    )


def measurements_of_lines(experiment, names):
    """Return the measurement files of an experiment's cells on lines through the latent space."""
    return collect(
        "<results>/synthetic/{cell}/{name}.json",
        cell=configuration.cells(config, experiment),
        name=names,
    )


def measurements_of_texts(experiment, names):
    """Return the measurement files of each synthetic corpus of an experiment."""
    return collect(
        "<results>/synthetic/{cell}/{decoding}/copy{copy}/{name}.json",
        cell=configuration.cells(config, experiment),
        decoding=config["experiments"][experiment].get("decodings", []),
        copy=copies(),
        name=names,
    )


def measurements_of_fce(experiment, names):
    """Return the measurement files of each synthetic corpus by language models.

    Their dictionary is common to all C and copies of the experiment.
    """
    return [
        f"<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{copy}/{name}.json"
        for corpus, model, seed, levels in configuration.groups_across_C(config, experiment)
        for decoding in config["experiments"][experiment].get("decodings", [])
        for C in levels.split("-")
        for copy in copies()
        for name in names
    ]


def common_texts(wildcards):
    """Return the synthetic corpora that a common dictionary is built from."""
    return collect(
        "<results>/synthetic/{{corpus}}/{{model}}/C{C}/seed{{seed}}/{{decoding}}/copy{copy}/sentences.txt",
        C=wildcards.levels.split("-"),
        copy=copies(),
    )


def synthetic_folder(wildcards):
    """Return the folder of the synthetic corpus that a language model is trained on."""
    C, copy = wildcards.text.split("/")
    model = f"<results>/synthetic/{wildcards.corpus}/{wildcards.model}"
    return f"{model}/{C}/seed{wildcards.seed}/{wildcards.decoding}/{copy}"


def training_text(wildcards):
    """Return the training text of a language model as inputs: synthetic, or the training split."""
    if wildcards.text != "real":
        return {"text": f"{synthetic_folder(wildcards)}/sentences.txt"}
    corpus = f"<results>/corpora/{wildcards.corpus}"
    return {
        "statistics": f"{corpus}/statistics.json",
        "vocabulary": f"{corpus}/vocabulary.txt",
        "splits": collect(f"{corpus}/train.{{part}}.npy", part=["tokens", "offsets"]),
    }


def training_text_flags(wildcards, input):
    """Return the same as flags, with a name for messages and a different seed for each copy.

    Snakemake does not compare params that depend on inputs, so settings are separate params.
    """
    if wildcards.text != "real":
        name = synthetic_folder(wildcards).removeprefix("<results>/synthetic/")
        seed = name.rpartition("copy")[2]
        return f"--name {name} --text {input.text} --seed {seed}"
    cells = f"{wildcards.corpus}/{wildcards.model}/C{wildcards.levels}/seed{wildcards.seed}"
    corpus = dirname(input.statistics)
    return f"--name {cells}/{wildcards.decoding}/real --corpus {corpus} --seed {wildcards.seed}"


def training_split_flags(wildcards, input):
    """Return the whole training split as flags, for the unconditional language model of a cell."""
    name = f"{wildcards.corpus}/{wildcards.model}/seed{wildcards.seed}/without-code"
    return f"--name {name} --corpus {dirname(input.statistics)} --seed {wildcards.seed}"


def training_size_flag(wildcards):
    """Return the flag for the size of real training text; synthetic text is used in full."""
    return synthetic_size_flag() if wildcards.text == "real" else ""
