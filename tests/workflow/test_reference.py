"""config/README.md and config/schema.json are those of the configuration's classes."""

import json
import os
import subprocess
import sys
from pathlib import Path

from textvae.config.reference import json_schema, page
from textvae.registry import SHIPPED, own_declarations

CONFIG = Path(__file__).parents[2] / "config"


def test_the_page_is_of_these_classes():
    assert (CONFIG / "README.md").read_text() == page(), "run `make reference`"


def test_the_schema_is_of_these_classes():
    assert json.loads((CONFIG / "schema.json").read_text()) == json_schema(), "run `make reference`"


def test_the_declarations_are_those_of_the_registries():
    """With them a workflow is planned where torch is not installed."""
    shipped = json.loads(SHIPPED.read_text())
    assert shipped == json.loads(json.dumps(own_declarations())), "run `make reference`"


def test_what_is_registered_is_known_without_torch_and_numpy(tmp_path):
    """As where Snakemake alone is installed, and conda brings the rest for each job."""
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
