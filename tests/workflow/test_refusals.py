"""Configurations that are refused before planning, in one line that names the key and the value."""

import pytest

from textvae.cells import MAX_NAME_LENGTH
from workflow_copy import GRID, SMALL

LONG = "w" * (MAX_NAME_LENGTH + 1)
RATES = GRID | {"models": ["tiny"], "measurements": ["own"], "caption": "Rates."}
OWN = """
from textvae.paper.exhibit import TABLE, Rendered
from textvae.registry import EXHIBITS, MEASUREMENTS
from textvae.settings import Settings, setting

class OwnSettings(Settings):
    width: int = setting(3, "words of a window", ge=1)

@MEASUREMENTS.register("own", of="split", summary="something", settings=OwnSettings)
def measure(trained, sentences, settings):
    return {}

@EXHIBITS.register("rates", forms=TABLE, category="Tables", needs=["posterior"])
def rates(inputs):
    "All rates."
    return Rendered()
"""


def setting(*path):
    """Return a change of the configuration that sets the last item at the keys before it."""

    def change(config):
        *keys, last, value = path
        for key in keys:
            config = config[key]
        config[last] = value

    return change


def own(change):
    """Return a change that also uses an extension."""

    def both(config):
        config["extensions"] = ["own.py"]
        change(config)

    return both


WRONG = [
    (setting("models", "tiny", "hiden", 8), "models.tiny", "hiden"),
    (setting("experiments", "table1", "C", [-3]), "experiments.table1.C[0]", "-3"),
    (setting("stand_ins", {"cbt/lstm/C3": "little/tinny/C3"}), "stand_ins.cbt/lstm/C3", "tinny"),
    (setting("corpora", "own", {"text": "my-text.txt"}), "corpora.own.text", "my-text.txt"),
    # Names and folders outside the results.
    (setting("models", "../x", SMALL), "models", "../x"),
    (setting("models", LONG, SMALL), "models", str(MAX_NAME_LENGTH)),
    *(
        (setting("pathvars", {"results": folder}), "pathvars.results", folder.strip())
        for folder in ("..", "/tmp/x", "a\n")
    ),
    (setting("extensions", ["gone.py"]), "extensions[0]", "gone.py"),
    (setting("extensions", "own.py"), "extensions", "own.py"),
    (setting("extensions", ["broken.py"]), "extensions", "SyntaxError"),
    (own(setting("evaluation", "own", {"width": 0})), "evaluation.own.width", "0"),
    (own(setting("experiments", "rates", RATES)), "experiments.rates.measurements", "posterior"),
]


@pytest.mark.parametrize(
    ("change", "key", "value"), WRONG, ids=lambda value: value if isinstance(value, str) else ""
)
def test_wrong_configuration_is_refused_in_one_line(fresh, change, key, value):
    (fresh.folder / "own.py").write_text(OWN)
    (fresh.folder / "broken.py").write_text("def f(:")

    fresh.configure(change)
    run = fresh.dry_run()
    assert run.returncode == 1
    line = run.stderr.splitlines()[-1]
    assert line.startswith("configuration: ")
    assert key in line
    assert value in line
    assert 'File "' not in run.stderr
