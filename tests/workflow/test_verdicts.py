"""The comparison with the paper's numbers, and its claims, as targets of the workflow."""

import csv

from workflow_copy import jobs

ASKED = ("--dry-run", "--configfile", "tiny.yaml", "--", "results/comparison.html")


def test_it_waits_for_the_experiments_that_the_paper_prints_numbers_of(fresh):
    """Four tables of measurements; not Table 2, the figure or the controls."""
    plan = jobs(fresh.snakemake(*ASKED))
    assert plan["comparison"] == 1
    assert plan["gather"] == 4
    assert not {"interpolate", "figure1", "table1", "curves"} & set(plan)


def test_it_takes_those_that_are_targets(fresh):
    fresh.configure(lambda config: config.update(targets=["table1", "figure1"]))
    plan = jobs(fresh.snakemake(*ASKED))
    assert (plan["comparison"], plan["gather"], plan["train"]) == (1, 1, 2)
    fresh.configure(lambda config: config.update(targets=["figure1"]))
    assert jobs(fresh.snakemake(*ASKED)) == {"comparison": 1}


def test_a_table_of_ones_own_asks_other_things_of_the_same_cells(fresh):
    def add(config):
        config["experiments"]["table3-mine"] = config["experiments"]["table3"] | {
            "measurements": ["fce", "description"]
        }
        config["targets"] = ["table3-mine"]

    fresh.configure(add)
    assert jobs(fresh.snakemake(*ASKED)) == {"comparison": 1}


def test_it_is_built_with_all_and_follows_its_stand_ins(workflow):
    table = workflow.folder / "results/comparison.csv"
    with table.open(newline="") as file:
        assert {record["verdict"] for record in csv.DictReader(file)} == {"not run"}
    workflow.configure(lambda config: config.update(stand_ins={"cbt/lstm/C3": "little/tiny/C3"}))
    assert workflow.plan() == {"comparison": 1}
    run = workflow.snakemake("--configfile", "tiny.yaml", "--", "results/comparison.csv")
    assert run.returncode == 0, run.stderr
    with table.open(newline="") as file:
        found = {
            (record["row"], record["metric"])
            for record in csv.DictReader(file)
            if record["verdict"] == "other corpus"
        }
    assert {("CBT C=3", "rate_nats"), ("CBT", "train_sentences")} <= found


def test_edited_tolerances_decide_anew(workflow):
    path = workflow.folder / "src/textvae/paper/published/tolerances.csv"
    path.write_text(path.read_text().replace("rate_nats,1,", "rate_nats,2,"))
    assert workflow.plan() == {"comparison": 1}


def test_a_stand_in_that_cannot_be_one(fresh):
    fresh.configure(lambda config: config.update(stand_ins={"cbt/lstm/C3": "little/tinny/C3"}))
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    line = "configuration: stand_ins.cbt/lstm/C3: got 'tinny', expected one of "
    assert run.stderr.splitlines()[-1].startswith(line)


def test_claims_are_decided_on_every_experiment(fresh):
    plan = jobs(
        fresh.snakemake("--dry-run", "--configfile", "tiny.yaml", "--", "results/claims.html")
    )
    assert plan["claims"] == 1
    assert plan["gather"] == 7
    assert not {"table1", "figure1", "curves"} & set(plan)


def test_other_questions_to_the_same_cells_decide_no_claim(fresh):
    """A dictionary over more C gives another FCE of the same cell."""

    def add(config):
        mine = config["experiments"]["table3"] | {"C": [0, 3, 5]}
        config["experiments"]["table3-mine"] = mine | {"measurements": ["fce", "description"]}
        config["targets"] = ["table3", "table3-mine"]

    fresh.configure(add)
    asked = ("--dry-run", "--configfile", "tiny.yaml", "--", "results/claims.html")
    assert jobs(fresh.snakemake(*asked))["gather"] == 1


def test_both_verdicts_follow_what_is_measured_and_neither_a_caption(workflow):
    workflow.configure(lambda config: config["experiments"]["table1"].update(caption="Another."))
    assert not {"claims", "comparison"} & set(workflow.plan())
    workflow.configure(lambda config: config["evaluation"].update(posterior={"draws": 2}))
    assert {"claims", "comparison"} <= set(workflow.plan())


def test_an_edited_claim_is_decided_anew_and_measures_nothing(workflow):
    path = workflow.folder / "src/textvae/paper/claims/section3_1.py"
    path.write_text(path.read_text() + "EDITED = True\n")
    assert workflow.plan() == {"claims": 1}


def test_every_claim_has_a_verdict(workflow):
    with (workflow.folder / "results/claims.csv").open(newline="") as file:
        records = list(csv.DictReader(file))
    assert {record["verdict"] for record in records} <= {
        *("holds", "does not hold", "not enough data")
    }
    by_name = {record["claim"]: record for record in records}
    assert by_name["rate-meets-its-target"]["basis"] == "one seed; 200 resamples of 60"
    assert by_name["log-det-covariance-falls"]["printed_verdict"] == "does not hold"
