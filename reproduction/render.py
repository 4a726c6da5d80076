"""Render this folder's tables, figures and summaries again, from the measurements in it.

The summaries on the front page, too.

Nothing is trained or measured, and no text is needed: `make reproduction`. A run is a folder with
its whole configuration, run/configuration.yaml.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from textvae.registry import EXHIBITS
from textvae.run.excerpt import LISTING, listed, listing

HERE = Path("reproduction")
READMES = ("README.md", "reproduction/README.md")
CONFIGURATION = Path("run/configuration.yaml")
# Keys of a corpus that name files of its text.
TEXT = ("files", "sha256", "text")


def without_files(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return corpora and pairs that are of files, which may be absent, with sources instead."""
    sources = {"corpora": ("cbt", TEXT), "pairs": ("syneval", ("file",))}
    return {
        kind: {
            name: dict.fromkeys(given) | {"source": source}
            for name, entry in configuration[kind].items()
            if (given := [key for key in keys if entry.get(key)])
        }
        for kind, (source, keys) in sources.items()
    }


def render(results: Path) -> None:
    """Build all tables and figures of a run, and nothing else."""
    configfile = results / CONFIGURATION
    config = {"pathvars": {"results": results.as_posix()}}
    config |= without_files(yaml.safe_load(configfile.read_text()))
    subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"),
            *("--configfile", configfile.as_posix()),
            *("--config", *(f"{key}={json.dumps(value)}" for key, value in config.items())),
            *("--forceall", "--allowed-rules", *EXHIBITS.declared(), "all_exhibits"),
            *("--", "all_exhibits"),
        ],
        check=True,
    )


def files(results: Path) -> set[Path]:
    """Return the files below a folder."""
    return {path for path in results.rglob("*") if path.is_file()}


def list_again(results: Path) -> None:
    """Write the checksums of the excerpt's files, of which some are rendered again."""
    path = results / LISTING
    names = sorted(listed(path))
    path.write_text(listing({name: (results / name).read_bytes() for name in names}))


def main() -> None:
    """Render every run, then the summaries of the READMEs, which are of their tables."""
    for results in sorted(HERE.iterdir()):
        if (results / CONFIGURATION).is_file():
            before = files(results)
            render(results)
            # Forms of a figure that the excerpt leaves out, and logs.
            for path in files(results) - before:
                path.unlink()
            list_again(results)
            print(results)
    for readme in READMES:
        subprocess.run([sys.executable, "-m", "textvae", "summary", readme], check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
