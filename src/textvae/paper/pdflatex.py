"""A LaTeX document compiled by pdflatex, in a folder that is gone afterwards."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from textvae.errors import InputError

_PROGRAM = "pdflatex"
# No commands of the document are run, no question is asked, errors say where they are.
_OPTIONS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")
_NAME = "document"
# The second reads what the first wrote beside it.
_TIMES = 2
_ERROR = re.compile(
    # Of some it says no place: "! LaTeX Error: File `x.sty' not found."
    r"^(?:! |(?:\./)?([\w.-]+):(\d+): )(?:LaTeX Error: )?(.*)$",
    re.MULTILINE,
)


def compile_pdf(document: str, files: Mapping[str, Path], title: str) -> bytes:
    """The PDF of a document that reads `files`, name -> where each lies.

    `title` begins the line of an InputError: where there is no pdflatex, where a file is not there,
    or for the first error of the document.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise InputError(
            f"{title}: {_PROGRAM} is not installed; install a LaTeX with booktabs and colortbl "
            "(Debian: texlive-latex-recommended), or take the tables as they are, .tex, .csv and "
            ".html"
        )
    with tempfile.TemporaryDirectory(prefix="textvae-") as name:
        folder = Path(name)
        (folder / f"{_NAME}.tex").write_text(document, encoding="utf-8")
        for target, source in files.items():
            try:
                shutil.copyfile(source, folder / target)
            except FileNotFoundError:
                raise InputError(f"{source}: no such file") from None
            except IsADirectoryError:
                raise InputError(f"{source}: is a folder, expected a file") from None
        for _ in range(_TIMES):
            done = subprocess.run(
                [program, *_OPTIONS, f"{_NAME}.tex"],
                cwd=folder,
                # The same tables give the same PDF: no date stands in it. TeX does not cut lines.
                env=os.environ
                | {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            if done.returncode:
                raise InputError(f"{title}: {first_error(done.stdout, files)}")
        try:
            return (folder / f"{_NAME}.pdf").read_bytes()
        except FileNotFoundError:
            raise InputError(f"{title}: {_PROGRAM} wrote no page") from None


def first_error(log: str, files: Mapping[str, Path]) -> str:
    """The first error of pdflatex's output, with the file that it is in by its own name."""
    found = _ERROR.search(log)
    if found is None:
        last = next((line for line in reversed(log.splitlines()) if line.strip()), "")
        return f"{_PROGRAM} failed ({last.strip() or 'it said nothing'})"
    name, line, said = found.groups()
    where = files.get(name)
    of_file = f"{where}, line {line}: " if where else ""
    return f"{_PROGRAM} failed: {of_file}{said}"
