"""Generated files: config/README.md, config/schema.json and declarations.json are up to date."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from textvae.config.reference import json_schema, page
from textvae.registry import SHIPPED, own_declarations

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *((CONFIG / "README.md", page), (CONFIG / "schema.json", json_schema)),
        # With it a workflow is planned where torch is not installed.
        (SHIPPED, lambda: json.loads(json.dumps(own_declarations()))),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_generated_file_is_up_to_date(path, expected):
    text = path.read_text()
    content = json.loads(text) if path.suffix == ".json" else text
    assert content == expected(), "run `make reference`"


def test_registered_names_are_known_without_torch_and_numpy(tmp_path):
    """As where Snakemake alone is installed, and conda installs the rest for each job."""
    program = (
        "import sys; sys.modules |= dict.fromkeys(('torch', 'numpy', 'pandas', 'matplotlib'))\n"
        "from textvae import registry\n"
        "print(*(name for kind in registry.REGISTRIES.values() for name in kind.names()))\n"
    )
    names = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert names == [name for kind in own_declarations().values() for name in kind]
