"""What the rules ask about synthetic text and its language models; no rules here."""


def copies():
    """The numbers of the copies of each synthetic corpus."""
    return range(1, config["generation"]["copies"] + 1)


def synthetic_size():
    """The flag for the size of synthetic corpora where one is set; else it is the training split's."""
    size = config["generation"].get("sentences")
    return "" if size is None else f"--sentences {size}"


def latent(wildcards):
    """The part of a path that says how many dimensions a cell's codes have."""
    return f"latent{configuration.training_settings(config, cell(wildcards))['latent']}"


def model_files(wildcards):
    """A trained model, as an input."""
    folder = f"<results>/models/{cell(wildcards)}"
    return {
        "weights": f"{folder}/model.safetensors",
        "config": f"{folder}/config.json",
        "vocabulary": f"{folder}/vocabulary.txt",
    }


def homotopies(experiment):
    """What each cell of a Table 2 says along the line."""
    return collect(
        "<results>/synthetic/{cell}/homotopy/{experiment}.json",
        cell=configuration.cells(config, experiment),
        experiment=experiment,
    )


def of_lines(experiment, names):
    """The measurements of an experiment's cells on lines through the latent space."""
    return collect(
        "<results>/synthetic/{cell}/{name}.json",
        cell=configuration.cells(config, experiment),
        name=names,
    )


def of_texts(experiment, names):
    """The measurements of each synthetic corpus of an experiment."""
    return collect(
        "<results>/synthetic/{cell}/{decoding}/copy{copy}/{name}.json",
        cell=configuration.cells(config, experiment),
        decoding=config["experiments"][experiment].get("decodings", []),
        copy=copies(),
        name=names,
    )


def of_dictionaries(experiment, names):
    """The measurements by language models of each synthetic corpus, over the dictionary that it shares with those
    of the experiment's other C.
    """
    return [
        f"<results>/fce/{corpus}/{model}/C{levels}/seed{seed}/{decoding}/C{C}/copy{copy}/{name}.json"
        for corpus, model, seed, levels in configuration.groups_by_C(config, experiment)
        for decoding in config["experiments"][experiment].get("decodings", [])
        for C in levels.split("-")
        for copy in copies()
        for name in names
    ]


def common_texts(wildcards):
    """The synthetic corpora whose words a dictionary takes."""
    return collect(
        "<results>/synthetic/{{corpus}}/{{model}}/C{C}/seed{{seed}}/{{decoding}}/copy{copy}/sentences.txt",
        C=wildcards.levels.split("-"),
        copy=copies(),
    )


def synthetic_folder(wildcards):
    """Where the text that a language model learns was generated."""
    C, copy = wildcards.text.split("/")
    model = f"<results>/synthetic/{wildcards.corpus}/{wildcards.model}"
    return f"{model}/{C}/seed{wildcards.seed}/{wildcards.decoding}/{copy}"


def learnt_text(wildcards):
    """The text that a language model learns, as an input: synthetic, or the training split."""
    if wildcards.text != "real":
        return {"text": f"{synthetic_folder(wildcards)}/sentences.txt"}
    corpus = f"<results>/corpora/{wildcards.corpus}"
    return {
        "statistics": f"{corpus}/statistics.json",
        "vocabulary": f"{corpus}/vocabulary.txt",
        "splits": collect(f"{corpus}/train.{{part}}.npy", part=["tokens", "offsets"]),
    }


def learnt_text_flags(wildcards, input):
    """The same as flags, with a name for messages and a seed of its own for each copy.

    Snakemake does not compare what comes of an input: a setting must be a param by itself.
    """
    if wildcards.text != "real":
        name = synthetic_folder(wildcards).removeprefix("<results>/synthetic/")
        seed = name.rpartition("copy")[2]
        return f"--name {name} --text {input.text} --seed {seed}"
    cells = f"{wildcards.corpus}/{wildcards.model}/C{wildcards.levels}/seed{wildcards.seed}"
    corpus = Path(input.statistics).parent
    return f"--name {cells}/{wildcards.decoding}/real --corpus {corpus} --seed {wildcards.seed}"


def whole_text_flags(wildcards, input):
    """The whole training split as flags, for a language model that stands beside a cell."""
    name = f"{wildcards.corpus}/{wildcards.model}/seed{wildcards.seed}/without-code"
    return f"--name {name} --corpus {Path(input.statistics).parent} --seed {wildcards.seed}"


def learnt_size(wildcards):
    """How much a language model learns of real text; of synthetic text, all there is."""
    return synthetic_size() if wildcards.text == "real" else ""
