"""Check the entries of the configuration that define where text comes from: corpora and pairs.

where: the key of an entry, with which a message begins; all raise InputError, one line.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from textvae.cache import check_once, sha256
from textvae.config.files import check_path
from textvae.config.messages import check_known, one_of, shown
from textvae.config.queries import raw_files
from textvae.corpora.labels import check_label
from textvae.corpora.minimal_pairs import check_pairs
from textvae.corpora.sentences import check_language
from textvae.corpora.sources import Source, check_held_out_files
from textvae.errors import InputError
from textvae.provenance import SOURCE, digest


def check_corpus(where: str, corpus: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
    """Require one origin with files that are there, and settings that go together."""
    kinds = [kind for kind in ("source", "files", "text", "grammar") if kind in corpus]
    if len(kinds) != 1 and kinds != ["source", "files"]:
        raise InputError(
            f"{where}: got {' and '.join(kinds) or 'no origin'}, expected a source (of"
            " config/sources.yaml), files (three paths), a text (one path) or a grammar"
        )
    if "source" in corpus:
        name = corpus["source"]
        check_known(sources, "config/sources.yaml", name, f"{where}.source")
        declared = [file.name for file in sources[name].files]
        for split, file in raw_files(corpus).items():
            if file not in declared:
                raise InputError(
                    f"{where}.files.{split}: got {shown(file)}, expected"
                    f" {one_of(declared, file)} (see {name} in config/sources.yaml)"
                )
    elif "files" in corpus:
        for split, path in corpus["files"].items():
            check_path(f"{where}.files.{split}", path)
    elif "text" in corpus:
        check_path(f"{where}.text", corpus["text"])
    _check_digests(where, corpus)
    if "files" in corpus:
        try:
            check_held_out_files({split: Path(path) for split, path in corpus["files"].items()})
        except InputError as error:
            raise InputError(f"{where}.files: {error}") from None
    check_language(f"{where}.split_sentences", corpus.get("split_sentences"))
    check_label(f"{where}.label", corpus.get("format", "plain"), corpus.get("label"))
    if "grammar" in corpus:
        _check_grammar_corpus(where, corpus)
    shortest, longest = corpus.get("shortest", 1), corpus.get("longest")
    if longest is not None and longest < shortest:
        raise InputError(
            f"{where}: got longest {longest} and shortest {shortest}, expected longest >= shortest"
        )


def _check_digests(where: str, corpus: Mapping[str, Any]) -> None:
    """Require that files of your own have the SHA-256 that the entry gives."""
    digests = corpus.get("sha256", {})
    if digests and ("files" not in corpus or "source" in corpus):
        raise InputError(
            f"{where}.sha256: got checksums, expected files of your own, three paths; those of a"
            " source are in config/sources.yaml"
        )
    for split, expected in digests.items():
        path = corpus["files"][split]
        if (found := sha256(Path(path))) != expected:
            raise InputError(
                f"{where}.files.{split}: {path:.300} has the SHA-256 {found}, expected {expected}"
                f" ({where}.sha256.{split})"
            )


def _check_grammar_corpus(where: str, corpus: Mapping[str, Any]) -> None:
    """Require that preparation keeps all sentences of the grammar, as their probabilities do."""
    kept = {"format": "plain", "label": None, "split_sentences": None, "normalise": []}
    kept |= {"shortest": 1, "longest": None, "vocabulary": None, "test_size": None}
    for key, value in kept.items():
        if (given := corpus.get(key, value)) == value:
            continue
        if key == "test_size" and given >= corpus["grammar"]["test"]:
            continue
        raise InputError(
            f"{where}.{key}: got {shown(given)}, expected none: sentences of the grammar are"
            " compared with their probabilities, and all must be kept as they are"
            + (f"; grammar.{key[:-5]} gives their number" if key.endswith("_size") else "")
        )


def check_pairs_entry(
    where: str,
    entry: Mapping[str, Any],
    corpora: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Source],
) -> None:
    """Require one origin; pairs of a file are read, so that none fails after days of training."""
    kinds = [kind for kind in ("source", "file", "grammar") if kind in entry]
    if len(kinds) != 1:
        raise InputError(
            f"{where}: got {' and '.join(kinds) or 'no origin'}, expected a source (of"
            " config/sources.yaml), a file (a TSV) or a grammar"
        )
    if "source" in entry:
        pickles = [
            name
            for name, source in sources.items()
            if all(file.name.endswith(".pickle") for file in source.files)
        ]
        section = "config/sources.yaml: those of pickles"
        check_known(pickles, section, entry["source"], f"{where}.source")
    elif "file" in entry:
        check_path(f"{where}.file", entry["file"])
        try:
            check_once(Path(entry["file"]), _version_of_pairs(), check_pairs)
        except (InputError, OSError) as error:
            raise InputError(f"{where}.file: {error}") from None
    else:
        grammars = [name for name, corpus in corpora.items() if "grammar" in corpus]
        name = entry["grammar"]["corpus"]
        check_known(grammars, "corpora: those of the grammar", name, f"{where}.grammar.corpus")


@cache
def _version_of_pairs() -> str:
    """Return a digest of the code that reads minimal pairs."""
    return digest(SOURCE, check_pairs.__module__)
