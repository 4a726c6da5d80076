"""Remove keys that a configuration file, or --config, sets to null and another file gives.

Snakemake merges files key by key, so that leaving out a key keeps it. A later file that gives the
key again begins anew, without what an earlier one had there.
"""

import copy
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from textvae.config.messages import check_values

# What a null of --config is: Snakemake reads its values as text.
_TEXT = "null"


def remove_nulls(config: MutableMapping[str, Any], files: Sequence[Any]) -> None:
    """Delete each key of the merged `config` whose value is null, if one of the files has a value.

    So is what a key had before a null in an earlier file than the last that gives it. files: the
    contents of the files that were merged, as Snakemake lists them: those of the command line, each
    overriding those before it, and last that of the Snakefile, which all override. Any other null
    stays, and is refused like a value of a wrong type.
    """
    # Refuse mappings that contain themselves.
    check_values(config)
    files = [file for file in files if isinstance(file, Mapping)]
    _remove(config, files)
    in_order = [*files[-1:], *files[:-1]]
    _remove_earlier(config, *(_merged(in_order, removing) for removing in (False, True)))


def with_removals(config: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration with null for each key of `base` that it lacks.

    Merged over `base` again, it is the same configuration.
    """
    kept = {
        key: with_removals(value, base[key])
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        else value
        for key, value in config.items()
    }
    return kept | {
        key: None for key, value in base.items() if key not in kept and value is not None
    }


def without_nulls(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recorded configuration without its keys that are null."""
    return {
        key: without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in config.items()
        if value is not None
    }


def _merged(files: Sequence[Mapping[str, Any]], removing: bool) -> dict[str, Any]:
    """Merge files in order, as Snakemake does, or with keys removed where a file has null."""
    merged: dict[str, Any] = {}
    for file in files:
        _merge(merged, file, removing)
    return merged


def _merge(section: dict[str, Any], file: Mapping[str, Any], removing: bool) -> None:
    for key, value in file.items():
        known = section.get(key)
        if removing and value is None and known is not None:
            del section[key]
        elif isinstance(value, Mapping) and isinstance(known, dict):
            _merge(known, value, removing)
        else:
            section[key] = copy.deepcopy(value)


def _remove_earlier(
    section: MutableMapping[str, Any], merged: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    """Delete what is in the merged files and not wanted, unless --config has another value."""
    for key, value in list(section.items()):
        if key not in merged:
            continue
        inner, kept = merged[key], wanted.get(key)
        if isinstance(value, MutableMapping) and isinstance(inner, Mapping):
            _remove_earlier(value, inner, kept if isinstance(kept, Mapping) else {})
            unwanted = not value and key not in wanted
        else:
            unwanted = key not in wanted and value == inner
        if unwanted:
            del section[key]


def _remove(section: MutableMapping[str, Any], files: Sequence[Mapping[str, Any]]) -> None:
    for key, value in list(section.items()):
        inner = [file[key] for file in files if file.get(key) is not None]
        if inner and (value is None or (value == _TEXT and _TEXT not in inner)):
            del section[key]
        elif isinstance(value, MutableMapping):
            _remove(value, [each for each in inner if isinstance(each, Mapping)])
