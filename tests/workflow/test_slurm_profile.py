"""The profile for SLURM as Snakemake reads it: the resources of each rule."""

import re

import pytest
import yaml
from snakemake.profiles import ProfileConfigFileParser

from workflow_copy import ROOT, Plan

PROFILE = ROOT / "profiles/slurm/config.yaml"


def with_variables(variables):
    """Return the text of the profile with other values of its variables."""
    profile = yaml.safe_load(PROFILE.read_text())
    assert profile["__variables__"].keys() >= variables.keys()
    profile["__variables__"] |= variables
    return yaml.safe_dump(profile, sort_keys=False)


def parsed(tmp_path, **variables):
    """Return the settings of the profile, and rule -> resource -> value."""
    path = tmp_path / "config.yaml"
    path.write_text(with_variables(variables))
    with path.open() as file:
        settings = ProfileConfigFileParser().parse(file)
    rules = {}
    for entry in settings["set-resources"]:
        rule, resource, value = re.fullmatch(r"(\w+):(\w+)=(.*)", entry).groups()
        # Names are quoted, because Snakemake evaluates unquoted ones as Python.
        rules.setdefault(rule, {})[resource] = value.strip("'")
    return settings, rules


def test_profile_has_existing_rules_and_gpus_for_those_that_run_a_model(tmp_path, paper):
    settings, rules = parsed(tmp_path)
    grouped = {group.split("=")[0] for group in settings["groups"]}
    # No corpus of the paper is one text of the user, and no C is chosen.
    assert rules.keys() | grouped <= {job.rule for job in paper.jobs} | {"split_text", "choose_C"}
    of_models = {job.rule for job in paper.jobs if "device=" in job.fields.get("resources", "")}
    of_models.add("choose_C")
    assert {rule for rule, resources in rules.items() if "gpu" in resources} == of_models
    for rule in of_models:
        assert rules[rule]["slurm_partition"] == "gpu"
        assert (rules[rule]["gpu"], rules[rule]["device"]) == ("1", "cuda")
    training = {"train", "choose_C", "language_model", "language_model_without_code"}
    assert {rule for rule, resources in rules.items() if "grace" in resources} == training
    for resources in rules.values():
        # More at each attempt.
        assert resources["runtime"].startswith("attempt * ")
        assert resources["mem_mb"].startswith("attempt * ")


def test_every_rule_that_runs_a_model_has_resources_of_its_own(tmp_path):
    rules = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text()
        rules |= dict(re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", text, re.M))
        rules |= {
            name: rules[base] for base, name in re.findall(r"^use rule (\w+) as (\w+)", text, re.M)
        }
    _, of_profile = parsed(tmp_path)
    assert {name for name, body in rules.items() if "device=config" in body} == {
        name for name, resources in of_profile.items() if "gpu" in resources
    }
    assert {name for name, body in rules.items() if "grace=" in body} == {
        name for name, resources in of_profile.items() if "grace" in resources
    }


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        *(({}, {"gpu": "1"}), ({"gpu_model": "a100"}, {"gpu": "1", "gpu_model": "a100"})),
        ({"ask_by": "gres"}, {"gpu": "0", "gres": "gpu:1"}),
        ({"ask_by": "gres", "gpu_model": "a100"}, {"gpu": "0", "gres": "gpu:a100:1"}),
        # Whatever `device` is in the configuration.
        ({"device": "cpu"}, {"gpu": "0"}),
    ],
)
def test_gpu_is_requested_as_the_cluster_requires(tmp_path, variables, expected):
    _, rules = parsed(tmp_path, **variables)
    for rule in ("train", "measure_split"):
        resources = rules[rule]
        requested = {"gpu", "gpu_model", "gres"} & resources.keys()
        assert {name: resources[name] for name in requested} == expected
        assert resources["device"] == variables.get("device", "cuda")
        assert ("slurm_partition" in resources) == (resources["device"] == "cuda")


def test_account_partitions_time_and_flags_are_variables(tmp_path):
    partitions = {"cpu_partition": "plain", "gpu_partition": "fast"}
    more = {"account": "physics", "time": 2, "more": "--exclude=node7"}
    settings, rules = parsed(tmp_path, **partitions, **more)
    assert {
        *("slurm_account='physics'", "slurm_partition='plain'", "slurm_extra='--exclude=node7'"),
        "runtime=attempt * 60",
    } <= {*settings["default-resources"]}
    assert rules["train"]["slurm_partition"] == "fast"
    assert rules["train"]["runtime"] == "attempt * 960"


def test_settings_of_both_profiles_are_the_same():
    """With --profile, the default profile is applied as well."""
    slurm, default = (
        yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text())
        for name in ("slurm", "default")
    )
    assert {key: default[key] for key in default if key[0] != "_"}.items() <= slurm.items()
    assert default["resources"] == {"gpu": 1, "turn": 1}
    assert slurm["set-resource-scopes"]["turn"] == "local"
    assert "--profile profiles/slurm" in (ROOT / "README.md").read_text()


# Names that are Python, or numbers.
NAMES = {"ask_by": "gres", "gpu_model": 3090, "cpu_partition": "all", "account": "sum"}


@pytest.mark.parametrize(
    ("site", "option", "expected"),
    [
        ({}, "--workflow-profile", "gpu=1 device=cuda slurm_partition=gpu runtime=480 mem_mb=8000"),
        (NAMES, "--profile", "gpu=0 gres=gpu:3090:1 device=cuda slurm_account=sum"),
        ({"device": "cpu"}, "--profile", "device=cpu slurm_partition=cpu"),
    ],
    ids=["default", "names", "cpu"],
)
def test_site_is_planned_and_jobs_of_a_group_take_turns(fresh, site, option, expected):
    path = fresh.folder / "profiles/slurm/config.yaml"
    path.write_text(with_variables(site))
    plan = Plan(fresh.snakemake("-n", "--configfile", "tiny.yaml", option, "profiles/slurm"))

    def resources(job):
        return {*job.fields["resources"].split(", ")}

    assert {*expected.split()} <= resources(plan.of_rule("train")[0])
    for rule in yaml.safe_load(path.read_text())["groups"]:
        assert all("turn=1" in resources(job) for job in plan.of_rule(rule))
        assert plan.of_rule(rule)
