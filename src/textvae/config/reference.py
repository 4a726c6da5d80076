"""Generate config/README.md and the JSON schema from the classes of the configuration.

python -m textvae.config.reference config/README.md config/schema.json
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from textvae.config import model_entry
from textvae.config.schema import configuration
from textvae.io import write_text
from textvae.registry import SHIPPED, STEPS, own_declarations

HEAD = """\
# Configuration

`config.yaml` is the paper's grid, `demo.yaml` what the demo changes in it, `sources.yaml` where raw
corpora come from. A file of your own, given with `--configfile`, overrides `config.yaml` key by
key: it contains only what differs. Lists are replaced, not merged.

    snakemake results/table1.html --configfile mine.yaml --cores 4

null removes a key that `config.yaml` gives. With these lines the paper's CBT is all of your own
files:

    corpora:
      cbt:
        source: null
        files: { train: cbt/train.txt, valid: cbt/valid.txt, test: cbt/test.txt }
        train_size: null

`own.yaml` is an example to copy: it takes one text of your own to its rate-distortion curve, the
paper's tables and the claims. Write the path of the text into the copy, and

    snakemake --cores 2 --configfile own.yaml

A new corpus, model or experiment is a new entry; no rule needs to change. `NAME` stands for a name
of your choice (letters, digits, `-`, `_`, `.`), which becomes part of the paths of its results.

A model's entry may inherit another one and give only what differs, here twice the units:

    models:
      lstm: { epochs: 10, hidden: 512 }
      lstm-wide: { base: lstm, hidden: 1024 }

Settings of a part (a decoder, an objective) apply if the entry selects that part.

The table below and `schema.json`, for editors that complete and check YAML, are generated
from `src/textvae/config/schema.py` by `make reference`. For measurements, values in `config.yaml`
replace the defaults.

| key | takes | default | meaning |
|---|---|---|---|
"""
STEPS_HEAD = """
## Normalisation steps

Quotation marks, brackets and dashes are those of Unicode, full-width ones included. The rules are
in `src/textvae/corpora/normalisation.py`.

| step | what it does |
|---|---|
"""
_NOUNS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "keys",
}
_BOUNDS = (
    ("minimum", ">="),
    ("exclusiveMinimum", ">"),
    ("maximum", "<="),
    ("exclusiveMaximum", "<"),
)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration file, for editors.

    A file may override another one: no key is required, and null removes one.
    """
    schema = configuration_schema()
    for section in (schema, *schema["$defs"].values()):
        for key, entry in section["properties"].items():
            section["properties"][key] = _or_null(entry)
    return schema


def _or_null(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that may be null, as may be the entries of a mapping."""
    about = {name: entry.pop(name) for name in ("description", "default") if name in entry}
    if isinstance(entry.get("additionalProperties"), dict):
        entry["additionalProperties"] = _or_null(entry["additionalProperties"])
    for name, value in entry.get("patternProperties", {}).items():
        entry["patternProperties"][name] = _or_null(value)
    return {**about, "anyOf": [entry, {"type": "null"}]}


def configuration_schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration, in which no key is required."""
    schema = configuration().model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        section.pop("required", None)
    return schema


def page() -> str:
    """Return the text of config/README.md."""
    schema = configuration_schema()
    rows = _rows(schema["$defs"], schema, "")
    steps = ((f"`{name}`", f"{one.summary}.") for name, one in STEPS.declared().items())
    return HEAD + _table(rows) + STEPS_HEAD + _table(steps)


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows(
    definitions: Mapping[str, Any], section: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    """Yield key, type, default and meaning of each key of a section, including nested ones."""
    for name, entry in section.get("properties", {}).items():
        key = f"{prefix}{name}"
        meaning = entry["description"]
        if prefix == "models.NAME." and name != model_entry.BASE:
            meaning += _parts(name)
        # A bar would end the cell of a Markdown table.
        meaning = meaning.replace("|", "\\|")
        yield f"`{key}`", _takes(definitions, entry), _default(entry), meaning
        # An override takes the keys of a model.
        if key == "overrides":
            continue
        inner = entry.get("additionalProperties") or next(
            iter(entry.get("patternProperties", {}).values()), {}
        )
        if "$ref" in entry:
            yield from _rows(definitions, _referred(definitions, entry), f"{key}.")
        elif "$ref" in inner:
            yield from _rows(definitions, _referred(definitions, inner), f"{key}.NAME.")


def _parts(setting: str) -> str:
    """Return the parts that a model's setting belongs to, in words; "" if every model has it."""
    names: dict[str, list[str]] = {}
    for kind, name in model_entry.owners(setting):
        names.setdefault(kind, []).append(f"`{name}`")
    of = (f"{kind} {' or '.join(each)}" for kind, each in names.items())
    return f" For the {', the '.join(of)}." if names else ""


def _referred(definitions: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return definitions[entry["$ref"].rsplit("/", 1)[1]]


def _takes(definitions: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    if "$ref" in entry:
        return "keys"
    if "enum" in entry:
        return ", ".join(f"`{choice}`" for choice in entry["enum"])
    if "const" in entry:
        return f"`{entry['const']}`"
    if entry["type"] == "array":
        return "a list: " + _takes(definitions, entry["items"])
    bounds = [f"{sign} {entry[rule]:.10g}" for rule, sign in _BOUNDS if rule in entry]
    return f"{_NOUNS[entry['type']]} {' and '.join(bounds)}".strip()


def _default(entry: Mapping[str, Any]) -> str:
    default = entry.get("default")
    if default is None or default == []:
        return ""
    return str(default) if isinstance(default, int | float) else f"`{default}`"


def declarations_text(declarations: Mapping[str, Mapping[str, Any]]) -> str:
    """Return declarations as JSON, one on a line, so that a change shows what it changes."""
    kinds = (
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in known.items())
        + "\n}"
        for kind, known in declarations.items()
    )
    return "{" + ",\n".join(kinds) + "}\n"


def main(readme: str, schema: str) -> None:
    """Write both files, and the declarations that the package carries."""
    write_text(Path(readme), page())
    write_text(Path(schema), json.dumps(json_schema(), indent=1) + "\n")
    write_text(SHIPPED, declarations_text(own_declarations()))


if __name__ == "__main__":
    main(*sys.argv[1:])
