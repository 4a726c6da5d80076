"""Helpers of the rules on minimal pairs; no rules."""


def pairs_file(wildcards):
    """Return the file of a set of minimal pairs: your own, or the output of the rule `pairs`."""
    entry = config["pairs"][wildcards.pairs]
    if "file" in entry:
        return ancient(entry["file"])
    return f"{RESULTS}/pairs/{wildcards.pairs}.tsv"


def pairs_pattern():
    """Return a pattern that matches the sets of minimal pairs that the rule `pairs` makes."""
    made = [re.escape(name) for name, entry in config["pairs"].items() if "file" not in entry]
    return "|".join(made) or NOTHING


def pairs_origin(wildcards):
    """Return the inputs of `pairs`: a source's manifest, or the grammar's training sentences."""
    entry = config["pairs"][wildcards.pairs]
    if "source" in entry:
        return {"manifest": f"{SOURCES}/{entry['source']}/manifest.json"}
    return {"text": f"{grammar_folder(entry['grammar']['corpus'])}/train.txt"}


def pairs_flags(wildcards):
    """Return the origin and settings of a set of minimal pairs as flags of `textvae pairs`."""
    entry = config["pairs"][wildcards.pairs]
    if "source" in entry:
        return configuration.flags({"source": f"{SOURCES}/{entry['source']}"})
    settings = {name: value for name, value in entry["grammar"].items() if name != "corpus"}
    return configuration.flags({"grammar": pairs_origin(wildcards)["text"]} | settings)


def measurements_of_pairs(experiment, names):
    """Return the measurement files of an experiment's cells on its minimal pairs."""
    return collect(
        "<results>/models/{cell}/{name}/{pairs}.json",
        cell=configuration.cells(config, experiment),
        name=names,
        pairs=config["experiments"][experiment].get("pairs", []),
    )
