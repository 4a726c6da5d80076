"""A measurement from a file outside the package, planned because an experiment names it."""

import re

from workflow_copy import jobs

OWN = """
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting

class OwnSettings(Settings):
    width: int = setting(3, "words of a window", ge=1)

@MEASUREMENTS.register("own", of="{kind}", summary="something", settings=OwnSettings)
def measure(*subject, **beside):
    return {{}}
"""
WHERE = {
    "split": "results/models/little/tiny/C0/seed1/own.json",
    "pairs": "results/models/long/tiny/C0/seed1/own/new.json",
    "lines": "results/synthetic/little/tiny/C0/seed1/own.json",
    "text": "results/synthetic/little/tiny/C0/seed1/greedy/copy2/own.json",
    "fce": "results/fce/little/tiny/C0-3/seed1/greedy/C0/copy1/own.json",
}


def test_it_needs_no_rule_whatever_it_is_taken_on(fresh):
    def add(config):
        config["extensions"] = ["own.py"]
        entry = config["experiments"]["table1"] | {"measurements": ["own"]}
        if kind in ("text", "fce"):
            entry["decodings"] = ["greedy"]
        if kind == "pairs":
            entry |= {"pairs": "new", "corpora": ["long"]}
        config["experiments"]["mine"] = entry
        config["evaluation"]["own"] = {"width": 7}

    for kind, path in WHERE.items():
        (fresh.folder / "own.py").write_text(OWN.format(kind=kind))
        fresh.configure(add)
        asked = ("--dry-run", "--configfile", "tiny.yaml", "-p")
        run = fresh.snakemake(*asked, "results/measurements/mine.csv")
        copies = 2 if kind in ("text", "fce") else 1
        plan = jobs(run)
        assert (plan[f"measure_{kind}"], plan["gather"]) == (2 * copies, 1)
        assert path in run.stdout
        (command, *_) = re.findall(r"textvae measure own .*", run.stdout)
        assert " --width 7 " in command
        if kind != "text":
            assert "--device cpu" in command
