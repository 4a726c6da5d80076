"""The profile for SLURM, read as Snakemake reads it: what each rule asks a cluster for."""

import re
from pathlib import Path

import pytest
import yaml
from snakemake.profiles import ProfileConfigFileParser

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "profiles/slurm/config.yaml"
RULES = {path: path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk")}


def profile(tmp_path, **variables):
    """The profile with these variables: its plain settings, and resources by rule."""
    written = yaml.safe_load(PROFILE.read_text())
    assert written["__variables__"].keys() >= variables.keys()
    written["__variables__"] |= variables
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(written, sort_keys=False))
    with path.open() as file:
        settings = ProfileConfigFileParser().parse(file)
    rules = {}
    for entry in settings["set-resources"]:
        rule, resource, value = re.fullmatch(r"(\w+):(\w+)=(.*)", entry).groups()
        # Names are quoted, because Snakemake takes what is not for Python.
        rules.setdefault(rule, {})[resource] = value.strip("'")
    return settings, rules


def rules_with(text):
    """The rules of the workflow in whose definition a text stands."""
    found = set()
    for content in RULES.values():
        for name, body in re.findall(r"^rule (\w+):\n((?:\n|[ ].*\n)*)", content, re.MULTILINE):
            if text in body:
                found.add(name)
    return found


def test_every_rule_that_runs_a_model_asks_for_a_gpu_with_time_and_memory(tmp_path):
    _, rules = profile(tmp_path)
    # A rule made by `use rule` inherits its parent's resources, but not what a profile says of it.
    of_models = rules_with("device=config") | {"language_model_without_code"}
    assert {rule for rule, asked in rules.items() if "gpu" in asked} == of_models
    for rule in of_models:
        assert rules[rule]["slurm_partition"] == "gpu"
        assert (rules[rule]["gpu"], rules[rule]["device"]) == ("1", "cuda")
    for asked in rules.values():
        # More at each attempt.
        assert asked["runtime"].startswith("attempt * ")
        assert asked["mem_mb"].startswith("attempt * ")


def test_rules_that_the_profile_names_are_there(tmp_path):
    settings, rules = profile(tmp_path)
    known = {
        name
        for content in RULES.values()
        for name in re.findall(r"^rule (\w+):|use rule \w+ as (\w+) with", content, re.MULTILINE)
        for name in name
    }
    assert rules.keys() <= known
    assert {group.split("=")[0] for group in settings["groups"]} <= known


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, {"gpu": "1"}),
        ({"gpu_model": "a100"}, {"gpu": "1", "gpu_model": "a100"}),
        ({"ask_by": "gres"}, {"gpu": "0", "gres": "gpu:1"}),
        ({"ask_by": "gres", "gpu_model": "a100"}, {"gpu": "0", "gres": "gpu:a100:1"}),
        ({"device": "cpu"}, {}),
    ],
)
def test_gpus_are_asked_for_in_the_way_of_the_cluster(tmp_path, variables, expected):
    _, rules = profile(tmp_path, **variables)
    for rule in ("train", "measure_split"):
        asked = rules[rule]
        ways = {name: asked[name] for name in ("gpu", "gpu_model", "gres") if name in asked}
        assert ways == expected


def test_without_gpus_all_goes_where_cpus_are(tmp_path):
    _, rules = profile(tmp_path, device="cpu", cpu_partition="plain")
    assert all("slurm_partition" not in asked for asked in rules.values())
    assert rules["train"]["device"] == "cpu"


def test_account_partitions_time_and_flags_are_set_in_one_place(tmp_path):
    settings, rules = profile(
        tmp_path,
        account="physics",
        cpu_partition="plain",
        gpu_partition="fast",
        time=2,
        more="--exclude=node7",
    )
    assert "slurm_account='physics'" in settings["default-resources"]
    assert "slurm_partition='plain'" in settings["default-resources"]
    assert "slurm_extra='--exclude=node7'" in settings["default-resources"]
    assert "runtime=attempt * 60" in settings["default-resources"]
    assert rules["train"]["slurm_partition"] == "fast"
    assert rules["train"]["runtime"] == "attempt * 960"


def test_what_it_shares_with_the_default_profile_is_the_same():
    """Given by --profile, the default profile is laid over it."""
    ours, default = (
        yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text())
        for name in ("slurm", "default")
    )
    shared = ours.keys() & default.keys()
    assert {name: ours[name] for name in shared} == {name: default[name] for name in shared}
    assert default.keys() <= ours.keys()


@pytest.mark.parametrize("option", ["--profile", "--workflow-profile"])
def test_it_plans(fresh, option):
    run = fresh.snakemake("-n", "--configfile", "tiny.yaml", option, "profiles/slurm", "table1")
    assert run.returncode == 0, run.stdout + run.stderr
    (train, *_) = re.findall(r"rule train:\n(?:    .*\n)*?    resources: (.*)", run.stdout)
    for asked in ("gpu=1", "device=cuda", "slurm_partition=gpu", "runtime=480", "mem_mb=8000"):
        assert asked in train


SITES = [
    {"ask_by": "gpu"},
    {"ask_by": "gres", "gpu_model": 3090, "cpu_partition": "all", "account": "sum"},
    {"device": "cpu"},
]


@pytest.mark.parametrize("site", SITES, ids=lambda site: " ".join(map(str, site.values())))
def test_everything_plans_and_jobs_of_a_group_take_turns(fresh, site):
    """Names that mean something in Python, or are numbers, are names."""
    path = fresh.folder / "profiles/slurm/config.yaml"
    written = yaml.safe_load(path.read_text())
    written["__variables__"] |= site
    path.write_text(yaml.safe_dump(written, sort_keys=False))
    run = fresh.snakemake("-n", "--configfile", "tiny.yaml", "--profile", "profiles/slurm")
    assert run.returncode == 0, run.stdout + run.stderr
    grouped = "|".join(written["groups"])
    asked = re.findall(rf" rule (?:{grouped}):\n(?: +.*\n)*? +resources: (.*)", run.stdout)
    assert asked
    assert all("turn=1" in of_job for of_job in asked)
    assert written["resources"]["turn"] == 1
    assert written["set-resource-scopes"]["turn"] == "local"


def test_it_goes_the_way_of_the_readme():
    assert "--profile profiles/slurm" in (ROOT / "README.md").read_text()
