"""config/README.md and config/schema.json are those of the configuration's classes."""

import json
from pathlib import Path

from textvae.config.reference import json_schema, page

CONFIG = Path(__file__).parents[2] / "config"


def test_the_page_is_of_these_classes():
    assert (CONFIG / "README.md").read_text() == page(), "run `make reference`"


def test_the_schema_is_of_these_classes():
    assert json.loads((CONFIG / "schema.json").read_text()) == json_schema(), "run `make reference`"
