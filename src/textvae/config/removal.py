"""Remove keys that a configuration file, or --config, sets to null and another file gives.

Snakemake merges files key by key, so that leaving out a key keeps it.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from textvae.config.messages import check_values

# What a null of --config is: Snakemake reads its values as text.
_TEXT = "null"


def remove_nulls(config: MutableMapping[str, Any], files: Sequence[Any]) -> None:
    """Delete each key of the merged `config` whose value is null, if one of the files has a value.

    files: the contents of the files that were merged. Any other null stays, and is refused like a
    value of a wrong type.
    """
    # Refuse mappings that contain themselves.
    check_values(config)
    _remove(config, [file for file in files if isinstance(file, Mapping)])


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


def _remove(section: MutableMapping[str, Any], files: Sequence[Mapping[str, Any]]) -> None:
    for key, value in list(section.items()):
        inner = [file[key] for file in files if file.get(key) is not None]
        if inner and (value is None or (value == _TEXT and _TEXT not in inner)):
            del section[key]
        elif isinstance(value, MutableMapping):
            _remove(value, [each for each in inner if isinstance(each, Mapping)])
