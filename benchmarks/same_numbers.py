"""`python -m benchmarks.same_numbers OLD NEW`: compare the numbers of two results folders.

Compares, file by file and key by key: measurements (values, bootstrap, settings, notes), gathered
measurements, the data and the text of every table and figure, claims, training records, weights,
codes, prepared corpora and generated sentences. Not compared: times and costs, versions, digests of
code, logs, and what only shows the same data again (PDF, PNG, the report).

Prints one line for each key that differs, and a summary. Exit status 1 if a number differs by more
than its tolerance, or anything else differs, and no --allow names it.

With --run REVISION in place of two folders, makes the demo of that revision and of this working
tree, each in a temporary folder with a separate environment, and compares the two.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.demos import make_demos

SKIPPED_FOLDERS = {"logs", "costs", "benchmarks", "run"}
SKIPPED_FILES = {"report.html"}
COMPARED = {
    ".csv", ".html", ".json", ".jsonl", ".npy", ".safetensors", ".svg", ".tex", ".tsv", ".txt",
}  # fmt: skip
# Keys of JSON objects and training records that may differ between two runs of the same code.
IGNORED_KEYS = {"code", "torch", "compiled", "seconds", "tokens_per_second"}
# A model's settings, in any section of its config.json. A version may record settings of unused
# parts, so settings in only one of the files are not compared; the weights are.
SETTINGS = "settings."
_SETTINGS_SECTION = re.compile(r"^(architecture|training\.recipe|model)\.")

LOSSES, INTERVALS, WEIGHTS = TOLERANCES = ("losses", "intervals", "weights")
_INTERVAL = re.compile(r"bootstrap|replicates|standard_error|\b(low|high)\b")
_NUMBER = re.compile(r"[-+−]?(?:\d[\d,]*\d|\d)(?:\.\d+)?(?:[eE][-+]?\d+)?")
# Matplotlib names shapes in an SVG after a hash of their coordinates.
_HASHED_NAME = re.compile(r"(?<=[\"#])[a-z][0-9a-f]{10}(?=[\"\)])")
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)

# Columns that identify a row of a table, if present.
ROW_NAMES = (
    "table", "row", "column", "corpus", "model", "C", "seed", "decoding", "copy", "measurement",
    "metric", "claim", "direction", "step",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """The cells of one column of a table, each with the identity of its row."""

    cells: list[str]
    rows: list[str]


# The value of a key: its numbers, its text, or a column of cells.
Value = np.ndarray | str | Column
Contents = dict[str, Value]


@dataclass(frozen=True)
class Difference:
    """A key of a file that differs.

    `relative` is the largest relative difference of its numbers; infinite if other text differs.
    """

    file: str
    key: str
    tolerance: str
    relative: float
    description: str

    @property
    def name(self) -> str:
        """Return FILE: KEY, or FILE alone, for matching with --allow."""
        return f"{self.file}: {self.key}" if self.key else self.file


@dataclass
class Comparison:
    """The common keys of two results folders, and the differences."""

    files: int = 0
    numbers: int = 0
    differences: list[Difference] = field(default_factory=list)


# --- Reading: a file as keys, each with its numbers or its text ---


def contents(path: Path) -> Contents:
    """Return the contents of a file by key; ValueError if they do not match its extension."""
    suffix = path.suffix
    if suffix == ".safetensors":
        from safetensors.numpy import load_file

        return dict(sorted(load_file(path).items()))
    if suffix == ".npy":
        return {"array": np.load(path)}
    text = path.read_text(encoding="utf-8")
    if suffix == ".json":
        values = dict(_leaves(json.loads(text), ""))
        return _settings_by_name(values) if path.name == "config.json" else values
    if suffix == ".jsonl":
        return _columns([json.loads(line) for line in text.splitlines()], ("split",))
    if suffix in (".csv", ".tsv"):
        rows = csv.DictReader(text.splitlines(), delimiter="," if suffix == ".csv" else "\t")
        return _columns(list(rows), ("metric",))
    if suffix == ".txt":
        return {"text": text}
    return _marked_up(text)


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in IGNORED_KEYS:
                yield from _leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and not all(map(_is_number, value)):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{key}[{index}]")
    elif isinstance(value, list) or _is_number(value):
        yield key, np.atleast_1d(np.asarray(value, dtype=float))
    else:
        yield key, json.dumps(value, ensure_ascii=False)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _settings_by_name(values: Contents) -> Contents:
    return {_SETTINGS_SECTION.sub(SETTINGS, key): value for key, value in values.items()}


def _columns(rows: list[dict[str, Any]], grouped_by: tuple[str, ...]) -> Contents:
    """Return the columns of a table; in long form, those of each metric separately."""
    columns: dict[str, Column] = {}
    for number, row in enumerate(rows, 1):
        group = "".join(f"[{row[name]}]" for name in grouped_by if row.get(name))
        identity = " ".join(str(row[name]) for name in ROW_NAMES if row.get(name) not in (None, ""))
        for name, cell in row.items():
            if name not in IGNORED_KEYS:
                column = columns.setdefault(f"{name}{group}", Column([], []))
                column.cells.append(cell if isinstance(cell, str) else json.dumps(cell))
                column.rows.append(f"row {number}, {identity}" if identity else f"row {number}")
    return dict(columns)


def _marked_up(text: str) -> Contents:
    """Return the numbers of a table or drawing in order, and the remaining text."""
    text = _HASHED_NAME.sub("name", _METADATA.sub("", text))
    numbers = [n.replace("−", "-").replace(",", "") for n in _NUMBER.findall(text)]
    return {"numbers": np.array(numbers, dtype=float), "words": _NUMBER.sub("#", text)}


# --- Comparing ---


def compare(old: Path, new: Path) -> Comparison:
    """Compare two results folders; ValueError if a file does not match its extension."""
    result = Comparison()
    olds, news = set(_compared_files(old)), set(_compared_files(new))
    for name in sorted(olds | news):
        if name not in olds or name not in news:
            where = "OLD" if name in olds else "NEW"
            result.differences.append(Difference(name, "", "", np.inf, f"only in {where}"))
            continue
        result.files += 1
        if (old / name).read_bytes() == (new / name).read_bytes():
            result.numbers += _count(_read(old / name).values())
            continue
        left, right = _read(old / name), _read(new / name)
        result.numbers += _count(left.values())
        for key in dict.fromkeys([*left, *right]):
            if key.startswith(SETTINGS) and not (key in left and key in right):
                continue
            difference = _difference(name, key, left.get(key), right.get(key))
            if difference is not None:
                result.differences.append(difference)
    return result


def _compared_files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if (
            path.suffix in COMPARED
            and name.parts[0] not in SKIPPED_FOLDERS
            and str(name) not in SKIPPED_FILES
            and not any(part.startswith(".") for part in name.parts)
            and path.is_file()
        ):
            yield str(name)


def _read(path: Path) -> Contents:
    try:
        return contents(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _count(values: Iterable[Value]) -> int:
    return sum(
        value.size if isinstance(value, np.ndarray) else sum(map(len, map(_numbers, value.cells)))
        for value in values
        if not isinstance(value, str)
    )


def _numbers(cell: str) -> list[float]:
    """Return the space-separated numbers of a cell; empty if it is other text."""
    try:
        return [float(number) for number in cell.split()]
    except ValueError:
        return []


def _difference(file: str, key: str, old: Value | None, new: Value | None) -> Difference | None:
    tolerance = LOSSES
    if file.endswith(".safetensors"):
        tolerance = WEIGHTS
    elif _INTERVAL.search(key):
        tolerance = INTERVALS
    relative, description = np.inf, ""
    if old is None or new is None:
        value = _shown(new if old is None else old)
        description = f"only in {'NEW' if old is None else 'OLD'} ({value})"
    elif isinstance(old, Column) and isinstance(new, Column):
        relative, description = _compare_columns(old, new)
    elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        relative, description = _compare_arrays(old, new)
    elif isinstance(old, str) and isinstance(new, str):
        description = _compare_texts(old, new)
    else:
        description = f"{_shown(old)} -> {_shown(new)}"
    return Difference(file, key, tolerance, relative, description) if description else None


def _relative(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return |old - new| / max(|old|, |new|); 0 if both are NaN, infinite if only one is."""
    same = (old == new) | (np.isnan(old) & np.isnan(new))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.abs(old - new) / np.maximum(np.abs(old), np.abs(new))
    return np.where(same, 0.0, np.where(np.isfinite(relative), relative, np.inf))


def _compare_arrays(old: np.ndarray, new: np.ndarray) -> tuple[float, str]:
    """Return the largest relative difference and a description; (0, "") if there is none."""
    if old.shape != new.shape or old.dtype != new.dtype:
        return np.inf, f"{old.dtype}{[*old.shape]} -> {new.dtype}{[*new.shape]}"
    relative = _relative(old.astype(float), new.astype(float))
    if not relative.any():
        return 0.0, ""
    worst = np.unravel_index(int(relative.argmax()), old.shape)
    size = float(relative[worst])
    change = f"{float(old[worst])!r} -> {float(new[worst])!r}, relative {size:.3g}"
    if old.size == 1:
        return size, change
    count = f"{np.count_nonzero(relative):,} of {old.size:,} differ, most"
    return size, f"{count} [{', '.join(map(str, worst))}] {change}"


def _compare_columns(old: Column, new: Column) -> tuple[float, str]:
    """Compare cell by cell, as numbers if both are; return the same as `_compare_arrays`."""
    if len(old.cells) != len(new.cells):
        return np.inf, f"{len(old.cells):,} rows -> {len(new.cells):,} rows"
    count, worst, description = 0, 0.0, ""
    for a, b, row in zip(old.cells, new.cells, old.rows, strict=True):
        if a == b:
            continue
        left, right = np.array(_numbers(a)), np.array(_numbers(b))
        size, change = np.inf, f"{_shown(a)} -> {_shown(b)}"
        if left.size and left.size == right.size:
            size, change = _compare_arrays(left, right)
        count += bool(change)
        if size > worst:
            worst, description = size, f"({row}) {change}"
    return worst, description and f"{count:,} of {len(old.cells):,} rows differ, most {description}"


def _compare_texts(old: str, new: str) -> str:
    if old == new:
        return ""
    left, right = old.splitlines(), new.splitlines()
    if len(left) == len(right) == 1:
        return f"{_shown(old)} -> {_shown(new)}"
    unequal = [index for index, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    count = f"{len(unequal):,} of {len(left):,} lines differ"
    if len(left) != len(right):
        count = f"{len(left):,} lines -> {len(right):,} lines"
    if not unequal:
        return count
    first = unequal[0]
    return f"{count}; line {first + 1}: {_shown(left[first])} -> {_shown(right[first])}"


def _shown(value: Value) -> str:
    if isinstance(value, Column):
        return f"{len(value.cells):,} rows"
    if isinstance(value, str):
        value = value.strip()
        return (value if len(value) <= 60 else f"{value[:57]}...") or "nothing"
    return f"{float(value.flat[0])!r}" if value.size == 1 else f"{value.size:,} numbers"


# --- Command line ---


def report(result: Comparison, tolerances: dict[str, float], allowed: list[str]) -> int:
    """Print the differences and the summary; return the exit status."""
    counts = {"differs": 0, "within": 0, "allowed": 0}
    worst = None
    for difference in result.differences:
        if any(fnmatch(difference.name, pattern) for pattern in allowed):
            verdict = "allowed"
        elif difference.relative <= tolerances.get(difference.tolerance, 0.0):
            verdict = "within"
        else:
            verdict = "differs"
            if worst is None or difference.relative > worst.relative:
                worst = difference
        counts[verdict] += 1
        print(f"{verdict:8} {difference.name}: {difference.description}")
    summary = f"{result.files:,} files, {result.numbers:,} numbers: "
    if worst is None:
        summary += "the same" if not result.differences else "the same within the tolerances"
    else:
        size = f", by up to {worst.relative:.3g}" if np.isfinite(worst.relative) else ""
        summary += f"{counts['differs']} keys or files differ{size} (most: {worst.name})"
    for verdict in ("within", "allowed"):
        if counts[verdict]:
            summary += f"; {counts[verdict]} {verdict}" + " tolerance" * (verdict == "within")
    print(summary)
    return int(worst is not None)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.same_numbers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="OLD NEW", help="results folders")
    parser.add_argument("--run", metavar="REVISION", help="make both demos first")
    parser.add_argument("--cores", default="all", help="for --run (default: all)")
    parser.add_argument("--keep", type=Path, help="folder for --run, kept afterwards")
    what = {
        LOSSES: "losses and all values not named below",
        INTERVALS: "bootstrap replicates, standard errors, confidence bounds",
        WEIGHTS: "weights of models",
    }
    for name in TOLERANCES:
        text = f"largest relative difference of {what[name]} (default: 0)"
        parser.add_argument(f"--{name}", type=float, default=0.0, metavar="SIZE", help=text)
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATTERN",
        help="expected difference, 'FILE: KEY' with * and ?; it is printed, but is no failure",
    )
    args = parser.parse_args(arguments)
    if len(args.folders) != (0 if args.run else 2):
        parser.error("takes two results folders, OLD and NEW, or --run REVISION")
    if missing := [path for path in args.folders if not path.is_dir()]:
        parser.error(f"{missing[0]}: no such folder")
    tolerances = {name: getattr(args, name) for name in TOLERANCES}
    try:
        folders = args.folders
        with tempfile.TemporaryDirectory(prefix="textvae-same-numbers-") as temporary:
            if args.run is not None:
                folder = (args.keep or Path(temporary)).absolute()
                folder.mkdir(parents=True, exist_ok=True)
                folders = make_demos(args.run, folder, args.cores)
            return report(compare(*folders), tolerances, args.allow)
    except (ValueError, OSError) as error:
        print(f"same_numbers: {error}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print(f"same_numbers: `{command}` ended with status {error.returncode}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
