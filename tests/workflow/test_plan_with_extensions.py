"""Files of one's own that register things, by the configuration's key `extensions`."""

import subprocess
import sys

import pytest
import yaml

from workflow_copy import GRID, SMALL

OWN = """
from textvae.registry import FORMATS, MEASUREMENTS
from textvae.settings import Settings, setting

@FORMATS.register("shouted")
def shouted(line):
    "A sentence a line, in capitals."
    return (line.lower(),)

class OwnSettings(Settings):
    width: int = setting(3, "words of a window", ge=1)

@MEASUREMENTS.register("own", of="split", settings=OwnSettings)
def own(trained, sentences, settings):
    "Something of one's own."
    return {}
"""
CHANGED = {
    "targets": ["mine"],
    "device": "cpu",
    "corpora": {
        "mine": {
            "files": dict.fromkeys(("train", "valid", "test"), "own/text.txt"),
            "format": "shouted",
        }
    },
    "models": {"tiny": SMALL},
    "experiments": {
        "mine": GRID
        | {"corpora": ["mine"], "models": ["tiny"], "measurements": ["own"], "caption": "Mine."}
    },
    "evaluation": {"own": {"width": 5}},
    "extensions": ["own/things.py"],
}
CHECK = """
import sys, yaml
from snakemake.utils import update_config
from textvae.config.checks import check
from textvae.config.files import use_extensions
from textvae.corpora.sources import load_sources
from textvae.errors import InputError

config = yaml.safe_load(open("config/config.yaml"))
update_config(config, yaml.safe_load(open("own.yaml")))
try:
    use_extensions(config)
    complete = check(config, load_sources("config/sources.yaml"))
except InputError as error:
    sys.exit(str(error))
print(complete.evaluation.own.width, complete.corpora["mine"].format, "torch" in sys.modules)
"""


@pytest.fixture
def checked(fresh):
    """Check a configuration with an extension, changed, in a process of its own."""
    (fresh.folder / "own").mkdir()
    (fresh.folder / "own/text.txt").write_text("A CAT\n")
    environment = fresh.environment | {"XDG_CACHE_HOME": str(fresh.folder / "cache")}

    def run(source=OWN, **changes):
        (fresh.folder / "own/things.py").write_text(source)
        (fresh.folder / "own.yaml").write_text(yaml.safe_dump(CHANGED | changes))
        return subprocess.run(
            [sys.executable, "-c", CHECK],
            cwd=fresh.folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


def test_a_configuration_names_what_an_extension_registers(checked):
    first = checked()
    assert first.stdout.split()[:2] == ["5", "shouted"], first.stderr
    # What it declares is known now, so that torch need not be imported again.
    assert checked().stdout.split() == ["5", "shouted", "False"]
    wrong = checked(evaluation={"own": {"width": 0}})
    assert wrong.stderr == "evaluation.own.width: got 0, expected at least 1\n"
    wrong = checked(evaluation={"own": {"widht": 1}})
    assert wrong.stderr == (
        "evaluation.own: unknown key 'widht', expected one of width (did you mean 'width'?)\n"
    )
    without = checked(extensions=[])
    assert without.stderr.startswith(
        "experiments.mine.measurements[0]: got 'own', expected one of description, "
    )


@pytest.mark.parametrize(
    ("extensions", "source", "line"),
    [
        (["own/thing.py"], "", "extensions[0]: no such file: own/thing.py"),
        (["own"], "", "extensions[0]: no such file: own"),
        ("own/things.py", "", "extensions: got 'own/things.py', expected a list"),
        ([3], "", "extensions[0]: got 3, expected a text"),
        (["own/things.py"], "import no_such", "ModuleNotFoundError: No module named 'no_such'"),
        (["own/things.py"], "def f(:", "SyntaxError: "),
    ],
)
def test_an_extension_that_cannot_be_used(checked, extensions, source, line):
    done = checked(source, extensions=extensions)
    assert done.returncode == 1
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_workflow_refuses_a_missing_extension_in_one_line(fresh):
    fresh.configure(lambda config: config.update(extensions=["gone.py"]))
    done = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "configuration: extensions[0]: no such file: gone.py"
    )


def test_planning_imports_no_torch(fresh):
    fresh.configure()
    plan = ("--dry-run", "--configfile", "tiny.yaml")
    # Whose declarations are kept.
    fresh.snakemake(*plan)
    asked = 'import sys\nprint("torch:", "torch" in sys.modules, file=sys.stderr)\n'
    with (fresh.folder / "Snakefile").open("a") as file:
        file.write(asked)
    done = fresh.snakemake(*plan)
    assert "torch: False" in done.stderr, done.stderr
