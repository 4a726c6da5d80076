"""Helpers of the rules that read files from outside the run; no rules.

Snakemake reruns a rule if an input is newer than its outputs. A file of your own may be replaced by
an older one, and copied again without a change. So it is an `ancient` input, whose date does not
count, and its content is a param.
"""

from textvae.cache import sha256
from textvae.corpora.sources import check_unchanged, recorded_sha256


def content_of(*paths):
    """Return the path and SHA-256 of each file, as a param that reruns a rule if they change."""
    return "; ".join(f"content of {path}: {sha256(path)}" for path in paths)


def own_text(wildcards):
    """Return your own text, which `split` reads."""
    return ancient(config["corpora"][wildcards.corpus]["text"])


def content_of_corpus(wildcards):
    """Return the contents of the files from outside the run that `prepare` reads."""
    entry = config["corpora"][wildcards.corpus]
    if "source" in entry:
        return content_of_source(entry["source"], *configuration.raw_files(entry).values())
    if "files" in entry:
        return content_of(*configuration.raw_files(entry).values())
    return ""


def content_of_pairs(wildcards):
    """Return the content of your own minimal pairs; "" if the rule `pairs` makes them."""
    entry = config["pairs"][wildcards.pairs]
    return content_of(entry["file"]) if "file" in entry else ""


def content_of_pickles(wildcards):
    """Return the contents of the files from outside the run that `pairs` reads."""
    source = config["pairs"][wildcards.pairs].get("source")
    if source is None:
        return ""
    return content_of_source(source, *(file.name for file in declared_sources[source].files))


def content_of_source(source, *names):
    """Stop if a file of a source is not the one in its manifest; return "".

    The manifest is the input. A file that was exchanged afterwards stops planning, because the job
    would fail when its outputs have been deleted, and all that depends on them would run again.
    """
    for name in names:
        path = Path(SOURCES) / source / name
        try:
            recorded = recorded_sha256(path)
            if recorded is not None and path.is_file() and sha256(path) != recorded:
                check_unchanged(path)
        except (InputError, OSError) as error:
            sys.exit(f"configuration: {one_line(error)}")
    return ""
