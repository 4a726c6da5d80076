"""YAML without surprises: refuse what YAML 1.1 silently drops or reads as another value.

A key that occurs twice loses its first value, 010 is 8, 0x10 is 16, 1:30 is 90, `no` is false,
2019-01-01 a date, and a key without a value has the value null.
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

# Part of a parser's message -> what to do.
_ADVICE = {
    "character that cannot start": "put a value that begins with this character in quotes",
    "mapping values are not allowed": "begin keys of a section in the same column, end each with"
    " `:`, and put a text that contains `: ` in quotes",
    "did not find expected key": "begin keys of a section in the same column",
    "'-' indicator": "begin entries of a list in the same column with `- `",
    "could not find expected ':'": "end a key with `:`",
    "escape character": "double a backslash within double quotes",
    "another document": "write one document, without a line `---` between",
    "undefined alias": "put a value that begins with `*` in quotes",
}


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
        raise InputError(_not_yaml(path, error)) from None
    except (ValueError, LookupError, AttributeError, RecursionError):
        # PyYAML raises other errors for numbers of 5,000 digits, a month 13 or 1,000 brackets.
        raise InputError(f"{path}: not YAML that can be read") from None


def load_files(paths: Iterable[str | Path]) -> list[Any]:
    """Return the values in configuration files, which may also be JSON.

    InputError at the first surprise. Snakemake parses the files itself, and merges them.
    """
    return [load_mapping(_relative(path)) for path in paths]


def load_mapping(path: Path) -> dict[str, Any]:
    """Return the keys and values of a configuration file; InputError as in `load_files`."""
    try:
        value = json.loads(read_text(path), object_pairs_hook=partial(_unique, path))
    except ValueError as error:
        if path.suffix == ".json" and isinstance(error, json.JSONDecodeError):
            where = f"{path}, line {error.lineno}, column {error.colno}"
            raise InputError(f"{where}: not JSON ({error.msg})") from None
        value = load(path)
    if not isinstance(value, dict):
        got = "an empty file" if value is None else shown(value)
        raise InputError(f"{path}: got {got}, expected keys at the top level, such as `models:`")
    return value


def check_mapping(name: str, text: str) -> Any:
    """Return the value in a text of the command line, in which every scalar is a text.

    InputError if a key occurs twice in a mapping, as in `{a: 1, a: 2}`.
    """
    try:
        value = yaml.load(text, Loader=yaml.BaseLoader)
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    for location, each in _walk(node, (), set()) if node else ():
        if isinstance(each, yaml.MappingNode) and (fault := _fault_of_mapping(each)):
            where = f".{dotted(location)}" if location else ""
            raise InputError(f"{name}{where}: {fault[1]}")
    return value


def _not_yaml(path: Path, error: yaml.YAMLError) -> str:
    """Return the message for a file that is not YAML: file, line, column, what would be right."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f"{path}: not YAML ({' '.join(str(error).split())})"
    problem, context = error.problem or "", error.context or ""
    start = error.context_mark
    lines = read_text(path).splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    advice = next((advice for part, advice in _ADVICE.items() if part in problem), "")
    if "\t" in line[: mark.column + 1] and "flow" not in context:
        problem, advice = "the line is indented by a tab", "indent by spaces"
    elif "flow node" in context:
        problem, advice = "a value is missing before this", "write one comma between two values"
    elif "flow" in context and start:
        bracket = "[" if "sequence" in context else "{"
        problem = f"the bracket {bracket} of line {start.line + 1} is not closed before this"
        advice = f"separate values by commas, and end them with {']' if bracket == '[' else '}'}"
    elif "quoted scalar" in context and "end of stream" in problem and start:
        problem = f"the quotation mark of line {start.line + 1} is not closed"
    where = f"{path}, line {mark.line + 1}, column {mark.column + 1}"
    return f"{where}: not YAML: {'; '.join(filter(None, (problem, advice)))}"


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
        # Conditions and loops of a template may recur.
        if key.value.startswith("?"):
            continue
        line, name = key.start_mark.line + 1, (key.tag, key.value)
        if name in lines:
            first = lines[name]
            return line, f"the key {shown(key.value)} is also on line {first}, expected it once"
        lines[name] = line
    return None


def _fault(node: yaml.Node) -> tuple[int, str] | None:
    """Return line and message if the value of a scalar, which is not a text, is a surprise."""
    if not isinstance(node, yaml.ScalarNode):
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
        if kind == "int" and re.match("[-+]?0[xb]", text):
            value, base = yaml.safe_load(text), 16 if "x" in text else 2
            return f"{text} is read as {value}, in base {base}; write {value}, or {quoted}"
        if kind == "int" and re.fullmatch("[-+]?0[0-7]+", text):
            plain = text.lstrip("-+0") or "0"
            value = int(text, 8)
            return f"{text} is read as {value}, in octal; write {plain} or {value}, or {quoted}"
    return ""
