"""Versions of what is installed."""

import platform
from importlib.metadata import version

from textvae import __version__
from textvae.run.information import software


def test_first_the_package_and_python_then_all_else_by_name():
    found = software()
    assert list(found.items())[:2] == [
        ("textvae", __version__),
        ("Python", platform.python_version()),
    ]
    others = list(found)[2:]
    assert others == sorted(others, key=str.lower)
    for name in ("torch", "numpy", "snakemake"):
        assert found[name] == version(name)
