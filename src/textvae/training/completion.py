"""Completion markers: which checkpoints belong to finished trainings and may be deleted.

A job that succeeds may still lose its outputs: if Snakemake dies before the job ends, it deletes
them at the next start. A job therefore keeps its last checkpoint, from which the model can be saved
again within seconds, and the workflow removes it at its end.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from textvae.io import matching, write_text

_MARK = "done"


def mark(folder: Path) -> None:
    """Mark the training whose checkpoints are in `folder` as finished, its model saved."""
    write_text(folder / _MARK, "The model was saved.\n")


def unmark(folder: Path) -> None:
    """Remove the completion marker before training resumes."""
    (folder / _MARK).unlink(missing_ok=True)


def remove_done(root: Path) -> None:
    """Remove the checkpoints below `root` that are marked and whose model still exists.

    The checkpoints of MODEL are in MODEL.checkpoints, one folder for each training.
    """
    for marked in matching(root, f"**/*.checkpoints/*/{_MARK}"):
        if marked.parents[1].with_suffix("").joinpath("config.json").exists():
            remove(marked.parent)


def remove(folder: Path) -> None:
    """Remove the checkpoints of one training, and the parent folder if it is then empty."""
    # Delete the log last: a training that resumes from a checkpoint needs it.
    for path in folder.glob("step*"):
        with suppress(OSError):
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
