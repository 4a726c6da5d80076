"""What is installed beside the package: Python and every distribution, with versions."""

import platform
from importlib.metadata import distributions

from textvae import __version__


def software() -> dict[str, str]:
    """Name -> version: textvae and Python first, then what is installed, by name."""
    # A distribution that was half removed has no name.
    installed = {
        name: entry.version for entry in distributions() if (name := entry.metadata["Name"])
    }
    first = {"textvae": __version__, "Python": platform.python_version()}
    return first | {name: installed[name] for name in sorted(installed, key=str.lower)}
