"""Files of the user that register measurements, formats and exhibits, planned without any rule."""

import pytest

from workflow_copy import GRID, Plan

OWN = """
from textvae.paper.exhibit import FIGURE, TABLE, Rendered
from textvae.registry import EXHIBITS, FORMATS, MEASUREMENTS
from textvae.settings import Settings, setting

class OwnSettings(Settings):
    width: int = setting(3, "words of a window", ge=1)

def measure(*subject, **beside):
    return {}

for kind in ("split", "pairs", "lines", "text", "fce"):
    register = MEASUREMENTS.register(f"own-{kind}", of=kind, summary="some", settings=OwnSettings)
    register(type(kind, (), {"__module__": __name__, "__call__": measure}))

@FORMATS.register("shouted")
def shouted(line):
    "A sentence a line, in capitals."
    return (line.lower(),)

@EXHIBITS.register(
    "rates", forms=TABLE, category="Tables", accepts_variants=True, needs=["rate-distortion"]
)
def rates(inputs):
    "All rates."
    return Rendered()

@EXHIBITS.register(
    "landscape", forms=FIGURE, category="Figures", scope="run", caption="Every model {once}."
)
def landscape(inputs):
    "All models."
    return Rendered()
"""
FILES = {
    "split": "results/models/long/tiny/C0/seed1/own-split.json",
    "pairs": "results/models/long/tiny/C0/seed1/own-pairs/new.json",
    "lines": "results/synthetic/long/tiny/C0/seed1/own-lines.json",
    "text": "results/synthetic/long/tiny/C0/seed1/greedy/copy2/own-text.json",
    "fce": "results/fce/long/tiny/C0-3/seed1/greedy/C0/copy1/own-fce.json",
}
TABLE = GRID | {
    "models": ["tiny"],
    "measurements": ["rate-distortion"],
    "caption": "Rates {all}.",
}


@pytest.fixture
def own(fresh):
    """A checkout with such a file."""
    (fresh.folder / "own.py").write_text(OWN)
    return fresh


def test_registered_components_are_planned(own):
    def add(config):
        config["extensions"] = ["own.py"]
        config["corpora"]["mine"] = {"text": "own.py", "format": "shouted"}
        for kind in FILES:
            config["evaluation"][f"own-{kind}"] = {"width": 7}
        config["experiments"] |= {
            "rates": TABLE,
            "rates-mine": TABLE | {"corpora": ["mine"]},
            "measured": TABLE
            | {"corpora": ["long"], "pairs": "new", "decodings": ["greedy"]}
            | {"measurements": [f"own-{kind}" for kind in FILES]},
        }
        config["targets"] = ["rates", "rates-mine", "measured"]

    own.configure(add)
    plan = Plan(own.dry_run("all", "paper"))
    # Two cells, each with two synthetic corpora.
    counts = plan.needed("results/measurements/measured.csv")
    for kind, path in FILES.items():
        assert counts[f"measure_{kind}"] == (4 if kind in ("text", "fce") else 2)
        command = plan.maker(path).command
        assert f" measure own-{kind} " in command
        assert " --width 7 " in command
        assert (" --device cpu " in command) == (kind != "text")
    assert " --format shouted " in plan.maker("results/corpora/mine/statistics.json").command
    table = plan.maker("results/rates-mine.html")
    assert table.rule == "rates"
    for part in (
        " render rates --name rates-mine --measurements results/measurements/rates-mine.csv",
        "--caption='Rates {all}.' --tex results/rates-mine.tex --csv results/rates-mine.csv",
    ):
        assert part in table.command
    # Of the whole run.
    figure = plan.maker("results/landscape.pdf")
    assert "results/measurements/measured.csv" in figure.files("input")
    assert len(plan.of_rule("curves")) == 3
    document = plan.maker("results/paper.pdf").command
    for part in ("results/rates.tex", "results/landscape.pdf", "'--caption=Every model {once}.'"):
        assert part in document


def test_planning_imports_no_torch(own):
    """Once the declarations of the extension are kept."""
    own.configure(lambda config: config.update(extensions=["own.py"]))
    own.environment["XDG_CACHE_HOME"] = str(own.folder / "cache")
    own.plan("results/table1.tex")
    with (own.folder / "Snakefile").open("a") as file:
        file.write('import sys\nprint("torch:", "torch" in sys.modules, file=sys.stderr)\n')
    assert "torch: False" in own.dry_run("results/table1.tex").stderr
