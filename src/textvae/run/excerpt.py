"""The small files of a finished run, to keep beside a text about it: an excerpt of its results.

An excerpt has the layout of the results, so that the workflow can render tables and figures from it
again. Texts, models (except their checksums) and logs are left out; training records keep every
validation and at most MAX_LINES of the other lines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.io import atomic_write, matching, read_json, read_text
from textvae.run.contents import check_finished
from textvae.run.leftovers import leftovers

CHECKSUMS = "models.sha256"
# The files of an excerpt with their checksums, in the format of `sha256sum --check`.
LISTING = "excerpt.sha256"
# Lines of a training record that are not validations.
MAX_LINES = 50
_RECORD = "models/**/training.jsonl"
_COPIED = (
    *(f"*.{suffix}" for suffix in ("tex", "csv", "html", "pdf", "svg", "png")),
    *("curves/*", "measurements/*.csv", "run/*", "corpora/*/statistics.json"),
    *("models/**/config.json", "synthetic/**/homotopy/*.json", "costs/train/**/*.tsv"),
    "choices/**/choice.json",
)
# All of the tables and figures once more, in one file.
_LEFT_OUT = ("report.html", "paper.pdf")
# Larger pages contain the library that draws them, larger images many panels; the PDF of both is
# smaller.
_LARGE = 2**19
_MAY_BE_LARGE = (".html", ".svg", ".png")


def write_excerpt(results: Path, output: Path) -> int:
    """Write the excerpt of a finished run to a folder; return its bytes.

    Files of an earlier excerpt in the folder are replaced, or deleted if the run has them no more;
    others stay. InputError if the run is not finished, or if the folder has files and is not an
    excerpt.
    """
    check_finished(results)
    if output.is_dir() and any(output.iterdir()) and not (output / LISTING).is_file():
        raise InputError(
            f"{output}: has files, but no {LISTING}, expected a new folder or an earlier excerpt"
        )
    _check_unchanged(results)
    contents = dict(_contents(results))
    contents[LISTING] = listing(contents).encode()
    gone = listed(output / LISTING).keys() - contents.keys()
    for name, content in contents.items():
        with atomic_write(output / name, "wb") as file:
            file.write(content)
    for name in gone:
        (output / name).unlink(missing_ok=True)
    return sum(map(len, contents.values()))


def _check_unchanged(results: Path) -> None:
    """Raise InputError if results are an excerpt with a file that its checksums are not of."""
    path = results / LISTING
    for name, digest in listed(path).items():
        file = results / name
        if file.is_file() and sha256(file.read_bytes()).hexdigest() != digest:
            raise InputError(
                f"{file}: has changed since {path} was written, expected the excerpt as it was"
            )


def listing(contents: Mapping[str, bytes]) -> str:
    """Return a line for each file of an excerpt, given by name, with its checksum."""
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())


def listed(path: Path) -> dict[str, str]:
    """Return file -> checksum of an earlier excerpt; none if there is no listing."""
    lines = read_text(path).splitlines() if path.is_file() else []
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    # Nothing outside of the folder, whatever was written into the listing.
    return {
        name: digest
        for name, digest in digests.items()
        if name and not Path(name).is_absolute() and ".." not in name
    }


def _contents(results: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path below the results and content of each file of the excerpt."""
    copied = [path for pattern in _COPIED for path in matching(results, pattern)]
    records = matching(results, _RECORD)
    names = {path: path.relative_to(results).as_posix() for path in (*copied, *records)}
    left_out = leftovers(results, names.values())
    for path in copied:
        if not path.is_file() or path.name in _LEFT_OUT or _is_large(path) or _is_repeated(path):
            continue
        if names[path] not in left_out:
            yield names[path], path.read_bytes()
    for path in records:
        if names[path] in left_out:
            continue
        try:
            record = thinned(read_text(path))
        except json.JSONDecodeError as error:
            raise InputError(
                f"{path}: not a training record, a JSON object a line ({error})"
            ) from None
        yield names[path], record.encode()
    models = [path for path in copied if path.name == "config.json" and names[path] not in left_out]
    yield CHECKSUMS, "".join(_checksums(results, models)).encode()


def _is_large(path: Path) -> bool:
    return path.suffix in _MAY_BE_LARGE and path.stat().st_size > _LARGE


def _is_repeated(path: Path) -> bool:
    """Return whether a bitmap shows what an SVG of the excerpt shows."""
    drawn = path.with_suffix(".svg")
    return path.suffix == ".png" and drawn.is_file() and not _is_large(drawn)


def thinned(record: str) -> str:
    """Return the lines of a training record with all validations and evenly spaced others."""
    lines = record.splitlines(keepends=True)
    others = [index for index, line in enumerate(lines) if "split" not in json.loads(line)]
    every = -(-len(others) // MAX_LINES) or 1
    # Counted from the end, so that the last line stays.
    left_out = set(others) - set(others[::-1][::every])
    return "".join(line for index, line in enumerate(lines) if index not in left_out)


def _checksums(results: Path, configs: Iterable[Path]) -> Iterator[str]:
    """Yield a line for each model, in the format of `sha256sum --check`."""
    for path in configs:
        config: Any = read_json(path)
        digest = config.get("weights") if isinstance(config, dict) else None
        if not isinstance(digest, str):
            raise InputError(f"{path}: has no 'weights', expected the SHA-256 of the model")
        name = path.with_name("model.safetensors").relative_to(results).as_posix()
        yield f"{digest}  {name}\n"
