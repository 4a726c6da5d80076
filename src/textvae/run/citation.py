"""Title, license, authors and references of a workflow, from its CITATION.cff."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from textvae.errors import InputError
from textvae.io import read_text


@dataclass(frozen=True)
class Citation:
    """What CITATION.cff states.

    license: an identifier of SPDX. authors: as entities of schema.org, without @id. references:
    title, year if known, and authors of each cited work.
    """

    title: str
    version: str | None
    license: str
    authors: tuple[Mapping[str, str], ...]
    references: tuple[tuple[str, str | None, tuple[Mapping[str, str], ...]], ...]


def read_citation(path: Path) -> Citation:
    """Read CITATION.cff; InputError if title, license or authors are missing."""
    try:
        # All values as text: versions such as 1.10 are not numbers.
        content = yaml.load(read_text(path), yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        raise InputError(f"{path}: not YAML") from None
    content = content if isinstance(content, dict) else {}
    license_ = content.get("license")
    license_ = license_[0] if isinstance(license_, list) and license_ else license_
    for key, value in (("title", content.get("title")), ("license", license_)):
        if not isinstance(value, str):
            raise InputError(f"{path}: has no {key}, which an archive states")
    authors = _authors(content)
    if not authors:
        raise InputError(f"{path}: has no authors, whom an archive names")
    references = content.get("references")
    return Citation(
        content["title"],
        _text(content.get("version")),
        license_,
        authors,
        tuple(
            (one["title"], _text(one.get("year")), _authors(one))
            for one in (references if isinstance(references, list) else ())
            if isinstance(one, dict) and isinstance(one.get("title"), str)
        ),
    )


def _authors(content: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """Return persons, who have a family name, and organisations."""
    authors: list[Mapping[str, str]] = []
    listed = content.get("authors")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        given, family = (_text(one.get(f"{kind}-names")) for kind in ("given", "family"))
        if family:
            names = {"givenName": given, "familyName": family, "affiliation": None}
            names["affiliation"] = _text(one.get("affiliation"))
            known = {key: value for key, value in names.items() if value}
            name = f"{given} {family}" if given else family
            orcid = {"@id": one["orcid"]} if isinstance(one.get("orcid"), str) else {}
            authors.append({"@type": "Person", "name": name, **known, **orcid})
        elif name := _text(one.get("name")):
            authors.append({"@type": "Organization", "name": name})
    return tuple(authors)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
