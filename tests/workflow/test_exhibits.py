"""An exhibit from a file of one's own follows from its registration: rule, report, document."""

import pytest

from workflow_copy import GRID, jobs

OWN = """
from textvae.paper.exhibit import FIGURE, TABLE, Rendered
from textvae.registry import EXHIBITS


@EXHIBITS.register("rates", forms=TABLE, category="Tables", open=True, needs=["rate-distortion"])
def rates(inputs):
    "All rates."
    return Rendered()


@EXHIBITS.register(
    "frontier", forms=FIGURE, category="Figures", scope="run", caption="Every model {once}."
)
def frontier(inputs):
    "All models."
    return Rendered()
"""
ENTRY = GRID | {"models": ["tiny"], "measurements": ["rate-distortion"], "caption": "Rates {all}."}


@pytest.fixture
def own(fresh):
    (fresh.folder / "own.py").write_text(OWN)

    def add(config):
        config["extensions"] = ["own.py"]
        config["experiments"] |= {"rates": ENTRY, "rates-mine": ENTRY, "rated": ENTRY}
        config["targets"] = ["rates", "rates-mine", "rated"]

    fresh.configure(add)
    return fresh


def test_it_is_planned_shown_and_part_of_the_document(own):
    asked = ("--dry-run", "--printshellcmds", "--configfile", "tiny.yaml")
    everything = own.snakemake(*asked)
    plan = jobs(everything)
    assert (plan["rates"], plan["frontier"], plan["curves"]) == (2, 1, 3)
    (command,) = [
        line for line in everything.stdout.splitlines() if "render rates --name rates-mine" in line
    ]
    for part in (
        "--measurements results/measurements/rates-mine.csv",
        "--caption='Rates {all}.'",
        "--tex results/rates-mine.tex",
        "--html results/rates-mine.html",
    ):
        assert part in command
    document = own.snakemake(*asked, "--", "paper").stdout
    for part in ("results/rates.tex", "results/frontier.pdf", "'--caption=Every model {once}.'"):
        assert part in document.partition("textvae document")[2]
    gathered = "results/measurements/rated.csv"
    assert gathered in everything.stdout.partition("textvae render frontier")[2].splitlines()[0]


def test_an_experiment_has_what_it_needs(own):
    def without(config):
        config["extensions"] = ["own.py"]
        config["experiments"]["rates"] = ENTRY | {"measurements": ["posterior"]}

    own.configure(without)
    done = own.snakemake("--dry-run", "--configfile", "tiny.yaml")
    assert done.stderr.strip().splitlines()[-1] == (
        "configuration: experiments.rates.measurements: rate-distortion is missing, which rates"
        " shows"
    )
