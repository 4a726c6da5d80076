"""The files of an archive: those of the workflow, and the results that its readers need.

Left out is what may be large or not ours to pass on, and what the rest makes again: the text of
corpora, encoded or generated, codes, the language models of forward cross-entropy, and logs.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from textvae.cache import sha256
from textvae.config.strict_yaml import load
from textvae.errors import InputError, warn
from textvae.io import matching
from textvae.paper.measurements import from_csv
from textvae.paper.trainings import Origin, check_trainings
from textvae.provenance import own_files
from textvae.run.leftovers import leftovers, read_origin
from textvae.run.paths import below, is_below

# Below the root of the workflow.
_WORKFLOW = (
    *("Snakefile", "Makefile", "README.md", "LICENSE", "CITATION.cff", "pyproject.toml"),
    *("config/**/*", "envs/**/*", "profiles/**/*", "src/textvae/**/*", "workflow/**/*"),
)
_REQUIRED = ("Snakefile", "CITATION.cff")
_MODEL = ("model.safetensors", "config.json", "vocabulary.txt", "training.jsonl")
# Below the folder of results.
_RESULTS = (
    *(f"*.{suffix}" for suffix in ("tex", "csv", "html", "pdf", "svg", "png")),
    *("curves/*", "measurements/*", "run/*"),
    *("corpora/*/statistics.json", "corpora/*/vocabulary.txt"),
    *(f"{kind}/**/{name}" for kind in ("models", "language-models") for name in _MODEL),
    *("models/**/*.json", "synthetic/**/*.json", "choices/**/choice.json"),
    *(f"fce/**/{name}" for name in ("fce.json", "dictionary.txt", "config.json")),
    "fce/**/training.jsonl",
)
# What a finished run has.
CONFIGURATION, INFORMATION, JOBS = (
    PurePosixPath("run", name) for name in ("configuration.yaml", "information.json", "jobs.csv")
)


@dataclass(frozen=True)
class Contents:
    """Files by their path in an archive, and the folder of the results there.

    workflow: those of the workflow. results: those of the run.
    """

    workflow: Mapping[str, Path]
    results: Mapping[str, Path]
    folder: PurePosixPath

    def __getitem__(self, path: PurePosixPath) -> Path:
        """Return the file of a result, by its path below the results."""
        return self.results[str(self.folder / path)]


def contents(results: Path, workflow: Path) -> Contents:
    """Return what an archive of `results` contains; InputError if the run is not finished.

    workflow: the root of the workflow. Results below it keep their path; others are in `results/`.
    """
    check_finished(results)
    for name in _REQUIRED:
        if not (workflow / name).is_file():
            raise InputError(f"{workflow}: has no {name}, expected the root of the workflow")
    folder = PurePosixPath("results")
    if is_below(results, workflow):
        folder = PurePosixPath(below(results, workflow))
    of_workflow = workflow_files(workflow) | _extensions(results / CONFIGURATION)
    left_out = leftovers(results, [name for name, _ in _files(results, _RESULTS)])
    found = {
        str(folder / name): path for name, path in _files(results, _RESULTS) if name not in left_out
    }
    return Contents(of_workflow, found, folder)


def workflow_files(workflow: Path) -> dict[str, Path]:
    """Return the files of the workflow in an archive, by path below its root."""
    return dict(_files(workflow, _WORKFLOW))


def workflow_digest(workflow: Path) -> str:
    """Return a SHA-256 of the workflow's files in an archive."""
    lines = (f"{sha256(path)}  {name}\n" for name, path in workflow_files(workflow).items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check_finished(results: Path) -> None:
    """Raise InputError unless a folder has the results of a finished run.

    Its measurements must be of the models in it, which may have been trained again since.
    """
    for name in (CONFIGURATION, INFORMATION, JOBS):
        if not (results / name).is_file():
            raise InputError(
                f"{results}: has no {name}, expected the results of a finished run, which"
                " `snakemake` makes"
            )
    measured = [
        Origin(row.cell, row.weights, path)
        for path in sorted(results.glob("measurements/*.csv"))
        if not path.name.endswith(".bootstrap.csv")
        for row in from_csv(path)
    ]
    models = matching(results, "models/**/config.json")
    check_trainings((*measured, *map(read_origin, models)))


def _files(root: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield path below `root` and file, without hidden files, caches and checkpoints."""
    seen = set()
    for pattern in patterns:
        for path in matching(root, pattern):
            name = path.relative_to(root)
            if path.is_file() and path not in seen and not any(map(_is_left_out, name.parts)):
                seen.add(path)
                yield name.as_posix(), path


def _is_left_out(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__" or part.endswith(".checkpoints")


def _extensions(configuration: Path) -> dict[str, Path]:
    """Return the Python files that the configuration of a run lists, with those they import.

    A warning names those that cannot be in an archive.
    """
    content = load(configuration)
    listed = content.get("extensions") if isinstance(content, dict) else None
    files = [Path(path) for path in listed or () if isinstance(path, str)]
    every = [each for path in files for each in (own_files(path) if path.is_file() else [path])]
    inside = {path.as_posix(): path for path in every if _is_inside(path) and path.is_file()}
    if outside := [str(path) for path in every if path.as_posix() not in inside]:
        warn(
            f"{configuration}: extensions has {', '.join(outside)}, which the archive leaves out,"
            " so that it does not run again without them; expected files below the folder in which"
            " Snakemake runs, by relative paths without '..'"
        )
    return inside


def _is_inside(path: Path) -> bool:
    return not path.is_absolute() and ".." not in path.parts
