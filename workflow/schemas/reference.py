"""The configuration's schema as a page for people: `make reference` writes config/README.md."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

HEAD = """\
# Configuration

`config.yaml` is the paper's grid, `demo.yaml` what the demo changes in it, `sources.yaml` where raw
corpora come from. A file of your own, given with `--configfile`, is laid over `config.yaml` key by
key: it says only what differs. A list replaces a list.

    snakemake results/table1.html --configfile mine.yaml --cores 4

`own.yaml` is an example to copy: it takes one text of your own to its rate-distortion curve, the
paper's tables and the claims. Write the path of the text into the copy, and

    snakemake --cores 2 --configfile own.yaml

A new corpus, model or experiment is a new entry; no rule needs to change. `NAME` stands for a name
of your choice (letters, digits, `-`, `_`, `.`), which becomes part of the paths of its results.

The table below is made from `workflow/schemas/config.schema.yaml` by `make reference`.

| key | takes | meaning |
|---|---|---|
"""


def page(schema: Mapping[str, Any]) -> str:
    """config/README.md for a schema."""
    rows = _rows(schema, schema, "")
    return HEAD + "".join(f"| `{key}` | {takes} | {meaning} |\n" for key, takes, meaning in rows)


def _rows(
    schema: Mapping[str, Any], node: Mapping[str, Any], where: str
) -> Iterator[tuple[str, str, str]]:
    for name, entry in node.get("properties", {}).items():
        yield from _entry(schema, entry, f"{where}.{name}" if where else name)


def _entry(
    schema: Mapping[str, Any], entry: Mapping[str, Any], key: str
) -> Iterator[tuple[str, str, str]]:
    entry = _resolved(schema, entry)
    if "description" in entry:
        # A bar would end the table's column.
        meaning = " ".join(entry["description"].split()).replace("|", "\\|")
        yield key, _takes(schema, entry), meaning
    yield from _rows(schema, entry, key)
    inner = entry.get("additionalProperties")
    if isinstance(inner, Mapping):
        # What an override may say is what a model may say; once is enough.
        if inner.get("$ref") == "#/$defs/model" and key == "overrides":
            return
        yield from _rows(schema, _resolved(schema, inner), f"{key}.NAME")


def _resolved(schema: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in entry:
        return entry
    return schema["$defs"][entry["$ref"].rsplit("/", 1)[1]] | entry


def _takes(schema: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    if "enum" in entry:
        return ", ".join(f"`{choice}`" for choice in entry["enum"])
    if entry["type"] == "array":
        return "a list: " + _takes(schema, _resolved(schema, entry["items"]))
    names = {"integer": "whole number", "number": "number", "string": "text", "object": "keys"}
    bounds = [
        f"{sign} {entry[rule]}"
        for rule, sign in (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="))
        if rule in entry
    ]
    return f"{names[entry['type']]} {' and '.join(bounds)}".strip()


if __name__ == "__main__":
    with (ROOT / "workflow/schemas/config.schema.yaml").open(encoding="utf-8") as file:
        text = page(yaml.safe_load(file))
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
