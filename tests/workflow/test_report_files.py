"""Every file that the report shows is a target, so that a missing one is made again."""

import re


def test_files_of_each_cell_in_the_report_are_targets(fresh):
    plan = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml").stdout
    targets = re.search(r"rule all:\n +input: (.*)", plan)[1].split(", ")
    cells = re.findall(r"output: (results/models/\S+)/model.safetensors", plan)
    assert len(cells) > 5
    for cell in cells:
        assert {f"{cell}/config.json", f"{cell}/training.jsonl"} <= set(targets)
