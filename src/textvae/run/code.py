"""List the modules that each result depends on, and those that changed since a run."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from textvae import provenance, stages
from textvae.errors import InputError
from textvae.io import read_json

# Result -> module -> digest.
DigestsByResult = Mapping[str, Mapping[str, str]]

# Displayed digits of a digest.
_SHORT = 12


def digests_by_result(names: Iterable[str]) -> DigestsByResult:
    """Return result -> digests of the modules that it depends on; of all results if none is named.

    InputError if a name is unknown.
    """
    named = [result for name in names for result in stages.named(name).items()]
    roots = dict(named) or stages.results()
    dependencies = {}
    for name, own in roots.items():
        try:
            dependencies[name] = provenance.digests(provenance.SOURCE, *own)
        except (ModuleNotFoundError, ValueError, SyntaxError) as error:
            raise InputError(f"{name}: {error}") from None
    return dependencies


def overview(results: DigestsByResult) -> list[str]:
    """Return a line for each result: its digest, and the number of modules it depends on."""
    width = max(map(len, results), default=0)
    return [
        f"{name:{width}}  {provenance.total(own)[:_SHORT]}  {len(own):3} modules"
        for name, own in results.items()
    ]


def listing(results: DigestsByResult) -> list[str]:
    """Return for each result a heading, and a line for each of its modules with the digest."""
    lines = []
    for name, own in results.items():
        lines.append(f"{name}: {provenance.total(own)[:_SHORT]}")
        lines += [f"  {digest[:_SHORT]}  {module}" for module, digest in own.items()]
    return lines


def recorded(path: Path) -> dict[str, str]:
    """Return module -> digest from a run's information.json; InputError if it has none."""
    content = read_json(path)
    code = content.get("code") if isinstance(content, dict) else None
    if not isinstance(code, dict) or not all(map(_is_digest, code.values())):
        raise InputError(f"{path}: has no digests of modules under 'code', expected a run's")
    return code


def changes(results: DigestsByResult, before: Mapping[str, str]) -> list[str]:
    """Return the modules that differ from those of a run, each with the results it affects.

    Only modules that one of `results` depends on are compared, and the run's extensions, which
    need not be in use now. InputError if one of them is not Python.
    """
    now = {module: digest for own in results.values() for module, digest in own.items()}
    lines = []
    for module in sorted(now):
        if now[module] != before.get(module):
            affected = [name for name, own in results.items() if module in own]
            status = "changed" if module in before else "new"
            lines.append(f"{status}: {module}: {', '.join(affected)}")
    files = sorted(module for module in before if module.endswith(".py") and module not in now)
    for file in files:
        if (digest := _digest_of_file(Path(file))) != before[file]:
            status = "changed" if digest else "gone"
            lines.append(f"{status}: {file}: an extension of that run")
    return lines or ["nothing has changed"]


def _digest_of_file(path: Path) -> str | None:
    """Return the digest of an extension, or of a file that it imports; None if it is gone."""
    if not path.is_file():
        return None
    try:
        return provenance.file_digest(path)
    except (ValueError, SyntaxError) as error:
        raise InputError(f"{path}: {error}") from None


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None
