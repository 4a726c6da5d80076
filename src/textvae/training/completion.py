"""Which checkpoints are of a training that has come to its end, and when they may go.

That a job ended well is no proof that its files are accepted: where Snakemake died before it, they
are deleted at the next start. So a job leaves its last checkpoint, from which the model is soon
saved again, and the workflow removes it when it ends.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from textvae.io import write_text

_MARK = "done"


def mark(folder: Path) -> None:
    """Say that the training whose checkpoints are in `folder` has saved its model."""
    write_text(folder / _MARK, "The model was saved.\n")


def unmark(folder: Path) -> None:
    """Say so no more: the training runs again."""
    (folder / _MARK).unlink(missing_ok=True)


def remove_done(root: Path) -> None:
    """Below `root`, remove the checkpoints that are marked and whose model is still there.

    Those of MODEL lie in MODEL.checkpoints, a folder for each training.
    """
    for marked in root.glob(f"**/*.checkpoints/*/{_MARK}"):
        if marked.parents[1].with_suffix("").joinpath("config.json").exists():
            remove(marked.parent)


def remove(folder: Path) -> None:
    """Remove the checkpoints of one training, and the folder above where it has no others'."""
    # The record outlives the checkpoints: whoever went on from one would need it.
    for path in folder.glob("step*"):
        with suppress(OSError):
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
