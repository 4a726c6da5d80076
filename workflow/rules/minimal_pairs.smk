"""What the rules ask about minimal pairs; no rules here."""


def pairs_file(wildcards):
    """Where the minimal pairs of a name lie: one's own file, or what `pairs` makes."""
    entry = config["pairs"][wildcards.pairs]
    return entry.get("file", f"{RESULTS}/pairs/{wildcards.pairs}.tsv")


def made_pairs():
    """A pattern of the minimal pairs that are made here, not given as a file."""
    made = [re.escape(name) for name, entry in config["pairs"].items() if "file" not in entry]
    return "|".join(made) or NOTHING


def pairs_origin(wildcards):
    """What minimal pairs are made of: a source (by its manifest), or a text without them."""
    entry = config["pairs"][wildcards.pairs]
    if "source" in entry:
        return {"manifest": f"{SOURCES}/{entry['source']}/manifest.json"}
    return {"text": f"{grammar_folder(entry['grammar']['corpus'])}/train.txt"}


def pairs_flags(wildcards):
    """The same as flags of `textvae pairs`, with the settings of those that are made."""
    entry = config["pairs"][wildcards.pairs]
    if "source" in entry:
        return configuration.flags({"source": f"{SOURCES}/{entry['source']}"})
    settings = {name: value for name, value in entry["grammar"].items() if name != "corpus"}
    return configuration.flags({"grammar": pairs_origin(wildcards)["text"]} | settings)


def of_pairs(experiment, names):
    """The measurements of an experiment's cells on its minimal pairs."""
    return collect(
        "<results>/models/{cell}/{name}/{pairs}.json",
        cell=configuration.cells(config, experiment),
        name=names,
        pairs=config["experiments"][experiment].get("pairs", []),
    )
