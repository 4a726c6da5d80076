"""Text variational autoencoders with an explicit rate, after Prokhorov et al. (2019).

    import textvae

    model = textvae.load("results/models/cbt/lstm/C15/seed1")

`docs/python.md` has the rest.
"""

from os import PathLike
from typing import TYPE_CHECKING

from textvae.errors import InputError, UnknownWordWarning

if TYPE_CHECKING:
    from textvae.api.model import TextModel

__all__ = ["InputError", "UnknownWordWarning", "load"]
__version__ = "0.1.0"


def load(
    path: str | PathLike[str], *, device: str = "cpu", as_prepared: bool = False
) -> "TextModel":
    """Load a trained text VAE from its folder, `results/models/cbt/lstm/C15/seed1` say.

    In the archive of a run the folder follows its name: `archive.zip/models/cbt/lstm/C15/seed1`.

    device: cpu, cuda, cuda:1 or auto. as_prepared: split strings at white space only, as
    `textvae measure --text` does; otherwise a string may be raw text. InputError if the folder is
    not that of a text VAE, or the archive is damaged.
    """
    # Imported here, because torch takes seconds.
    from textvae.api.model import TextModel

    return TextModel.load(path, device, as_prepared)
