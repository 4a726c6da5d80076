"""YAML without surprises: refuse what YAML 1.1 silently drops or reads as another value.

A key that occurs twice loses its first value, 010 is 8, 1:30 is 90, `no` is false, 2019-01-01 a
date, and a key without a value has the value null.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from textvae.config.messages import dotted, shown
from textvae.errors import InputError
from textvae.io import read_text

# With libyaml several times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# Files with this key are templates, in which a key may occur twice.
_TEMPLATE = "__use_yte__"


def load(path: Path) -> Any:
    """Return the value in a YAML file; InputError, one line, at the first surprise."""
    try:
        loader = _Loader(read_text(path))
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _check(node, path)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML ({' '.join(str(error).split())})") from None
    except (ValueError, LookupError, AttributeError, RecursionError):
        # PyYAML raises other errors for numbers of 5,000 digits, a month 13 or 1,000 brackets.
        raise InputError(f"{path}: not YAML that can be read") from None


def load_files(paths: Iterable[str | Path]) -> list[Any]:
    """Return the values in configuration files, which may also be JSON.

    InputError at the first surprise. Snakemake parses the files itself, and merges them.
    """
    return [_load_file(_relative(path)) for path in paths]


def _load_file(path: Path) -> Any:
    try:
        return json.loads(read_text(path), object_pairs_hook=partial(_unique, path))
    except ValueError:
        return load(path)


def _relative(path: str | Path) -> Path:
    path = Path(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _unique(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object; InputError if a name occurs twice."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise InputError(f"{path}: the key {shown(name)} occurs twice, expected it once")
        members[name] = value
    return members


def _check(node: yaml.Node, path: Path) -> None:
    """Raise InputError at the first surprise below a node."""
    if isinstance(node, yaml.MappingNode) and any(key.value == _TEMPLATE for key, _ in node.value):
        return
    for location, each in _walk(node, (), set()):
        fault = _fault_of_mapping(each) if isinstance(each, yaml.MappingNode) else _fault(each)
        if fault:
            line, message = fault
            where = f"{dotted(location)}: " if location else ""
            raise InputError(f"{path}, line {line}: {where}{message}")


def _walk(
    node: yaml.Node, location: tuple[str | int, ...], seen: set[int]
) -> Iterator[tuple[tuple[str | int, ...], yaml.Node]]:
    """Yield each mapping and scalar with its location, once: an alias may refer to its parent."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*location, index), seen)
        return
    yield location, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(key, location, seen)
            yield from _walk(value, (*location, str(key.value)[:60]), seen)


def _fault_of_mapping(node: yaml.MappingNode) -> tuple[int, str] | None:
    lines: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == f"{_TAG}merge":
            continue
        line, name = key.start_mark.line + 1, (key.tag, key.value)
        if name in lines:
            first = lines[name]
            return line, f"the key {shown(key.value)} is also on line {first}, expected it once"
        lines[name] = line
    return None


def _fault(node: yaml.Node) -> tuple[int, str] | None:
    """Return line and message if the value of a scalar without quotes is a surprise."""
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return None
    message = _surprise(node.tag.removeprefix(_TAG), node.value)
    return (node.start_mark.line + 1, message) if message else None


def _surprise(kind: str, text: str) -> str:
    quoted = f"{text!r} in quotes for a text"
    if kind == "null" and not text:
        return (
            "no value, which YAML reads as null; give one, leave out the key, or write null to"
            " remove a key that another file gives"
        )
    if kind == "bool" and text.lower() not in ("true", "false"):
        value = "true" if text.lower() in ("yes", "on") else "false"
        return f"{text} is read as {value}; write {value}, or {quoted}"
    if kind == "timestamp":
        return f"{text} is read as a date; write {quoted}"
    if kind in ("int", "float"):
        if ":" in text:
            value = yaml.safe_load(text)
            return f"{text} is read as {value}, in base 60; write {value}, or {quoted}"
        if "_" in text:
            return f"{text} is read as {text.replace('_', '')}; write that, or {quoted}"
        if kind == "int" and re.fullmatch("[-+]?0[0-7]+", text):
            plain = text.lstrip("-+0") or "0"
            value = int(text, 8)
            return f"{text} is read as {value}, in octal; write {plain} or {value}, or {quoted}"
    return ""
