"""config/README.md says what the schema says."""

import runpy
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_the_page_is_of_this_schema():
    page = runpy.run_path(str(ROOT / "workflow/schemas/reference.py"))["page"]
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    assert (ROOT / "config/README.md").read_text() == page(schema), "run `make reference`"
