"""Check Snakemake's command line and configuration files before Snakemake reads them.

The default profile calls it: Snakemake takes all words after --configfile and --config as their
values, targets too, keeps only the last of two such flags or of two values of a key, and does not
name the file or the line of an error in YAML.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textvae.config.messages import shown
from textvae.config.strict_yaml import check_mapping, load_mapping
from textvae.errors import InputError, one_line

_FILES = ("--configfile", "--configfiles")
_VALUES = ("--config", "-C")
_SUFFIXES = (".yaml", ".yml", ".json")
# As Snakemake requires.
_KEY = re.compile(r"[a-zA-Z_][\w-]*\w")


def check(words: Sequence[str], shipped: Path = Path("config/config.yaml")) -> None:
    """Exit with one line at the first word or configuration file that is wrong.

    shipped: the file that those of the command line override.
    """
    try:
        files = _check_words(words)
        for path in [shipped, *files]:
            # A pipe could not be read a second time.
            if path.is_file():
                _check_folders(str(path), load_mapping(path))
    except InputError as error:
        raise SystemExit(f"configuration: {one_line(error)}") from None


def _check_words(words: Sequence[str]) -> list[Path]:
    """Return the configuration files of a command line; InputError at the first wrong word."""
    files: list[Path] = []
    flags: set[str] = set()
    keys: set[str] = set()
    for flag, values in _flags(words):
        kind = "--configfile" if flag in _FILES else "--config"
        if kind in flags:
            raise InputError(
                f"{flag}: given twice, of which Snakemake takes only the last; expected it once,"
                " with all values"
            )
        flags.add(kind)
        for value in values:
            if flag in _FILES:
                files.append(_file(flag, value))
            else:
                _check_value(flag, value, keys)
    return files


def _flags(words: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each flag for files or values of the configuration, and its values."""
    flag, values, complete = "", [], False
    for word in [*words, "--"]:
        if not word.startswith("-"):
            if not complete:
                values.append(word)
            continue
        if flag in (*_FILES, *_VALUES):
            yield flag, values
        flag, values, complete = _flag_of(word)
        if word == "--":
            break


def _flag_of(word: str) -> tuple[str, list[str], bool]:
    """Return the flag of a word, the value in the same word, and whether that is its only one."""
    for short in _VALUES:
        if len(short) == 2 and word.startswith(short) and word != short:
            return short, [word.removeprefix(short).removeprefix("=")], True
    flag, equals, value = word.partition("=")
    # No further words belong to --flag=value.
    return flag, [value] if equals else [], bool(equals)


def _file(flag: str, word: str) -> Path:
    path = Path(word)
    if path.suffix in _SUFFIXES and not path.exists():
        raise InputError(f"{flag}: no such file: {word}")
    if path.is_dir() or not path.exists() or path.suffix not in ("", *_SUFFIXES):
        raise InputError(_target_message(flag, word, "a file .yaml, .yml or .json"))
    return path


def _check_value(flag: str, word: str, keys: set[str]) -> None:
    key, equals, value = word.partition("=")
    if not equals:
        raise InputError(_target_message(flag, word, "KEY=VALUE"))
    if not _KEY.fullmatch(key):
        raise InputError(
            f"{flag}: {shown(key)} is not a key at the top level of the configuration; write what"
            " is in a section into a file, for --configfile"
        )
    if key in keys:
        raise InputError(f"{flag}: the key {key!r} occurs twice, expected it once")
    keys.add(key)
    _check_folders(flag, {key: check_mapping(f"{flag} {key}", value)})


def _check_folders(source: str, values: Mapping[str, Any]) -> None:
    """Raise InputError if `pathvars`, which Snakemake uses before the Snakefile, has no texts."""
    folders = values.get("pathvars", {})
    if not isinstance(folders, dict):
        expected = "expected a mapping, such as {results: results/mine}"
        raise InputError(f"{source}: pathvars: got {shown(folders)}, {expected}")
    for name, folder in folders.items():
        if not isinstance(folder, str):
            raise InputError(f"{source}: pathvars.{name}: got {shown(folder)}, expected a text")


def _target_message(flag: str, word: str, expected: str) -> str:
    return (
        f"{flag}: got {word}, expected {expected}; write targets first: snakemake {word} {flag} ..."
    )
