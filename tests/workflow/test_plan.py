"""The jobs of a dry run before anything has been run."""

import pytest
import yaml

from workflow_copy import Plan, jobs

CELL = "results/models/cbt/lstm/C15/seed1"
FCE = "results/fce/cbt/lstm/C3-15-100/seed1/greedy"
TEXTS = {"fetch": 3, "prepare": 3, "train": 9, "codes": 9}
CORPUS = {"fetch": 1, "prepare": 1}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            ["results/table1.tex"],
            {"fetch": 3, "prepare": 3, "train": 9, "measure_split": 45, "gather": 1, "table1": 1},
        ),
        (
            ["results/table2.tex", "results/sensitivity.csv"],
            CORPUS
            | {"train": 3, "lines": 1, "interpolate": 3, "measure_lines": 3, "gather": 1}
            | {"sensitivity": 1, "table2": 1},
        ),
        (
            ["results/table3.tex"],
            TEXTS
            | {"sample": 54, "measure_text": 54, "common_dictionary": 6, "language_model": 54 + 6}
            | {"kneser_ney": 54 + 6, "measure_fce": 54, "gather": 1, "table3": 1},
        ),
        (
            # Footnote 8: the other decodings.
            ["results/table3.tex", "results/table3-all-decodings.html"],
            TEXTS
            | {"sample": 135, "measure_text": 135, "common_dictionary": 15, "gather": 2}
            | {"language_model": 135 + 15, "kneser_ney": 135 + 15, "measure_fce": 135, "table3": 2},
        ),
        (
            ["results/table4.tex", "results/probe.html"],
            {"fetch": 2, "prepare": 1, "pairs": 1, "train": 2, "language_model_without_code": 1}
            | {"measure_split": 4, "measure_pairs": 4, "gather": 1, "probe": 1, "table4": 1},
        ),
        (
            ["results/figure1.pdf"],
            {"fetch": 2, "prepare": 2, "train": 60, "measure_split": 240, "gather": 1}
            | {"figure1": 1},
        ),
        (
            ["results/curves/section3_2.png"],
            {"fetch": 2, "prepare": 2, "train": 4, "curves": 1},
        ),
        ([f"{CELL}/model.safetensors"], CORPUS | {"train": 1}),
        ([f"{CELL}/posterior.json"], CORPUS | {"train": 1, "measure_split": 1}),
        (
            ["results/synthetic/cbt/lstm/C15/seed1/top5/copy2/sentences.txt"],
            CORPUS | {"train": 1, "codes": 1, "sample": 1},
        ),
        (
            # The dictionary is that of the synthetic corpora of every C.
            [f"{FCE}/C15/copy2/lstm/config.json"],
            CORPUS
            | {"train": 3, "codes": 3, "sample": 9, "common_dictionary": 1, "language_model": 1},
        ),
    ],
    ids=lambda value: value[0].removeprefix("results/") if isinstance(value, list) else "",
)
def test_file_of_the_paper_needs_jobs(paper, files, expected):
    assert paper.needed(*files) == expected


def test_cell_of_two_experiments_is_trained_once(paper):
    files = ("results/figure1.pdf", "results/section3_2.tex", "results/collapse.tex")
    # 60, the GRU's C = 5 on two corpora, and of the controls all but Figure 1's three at C = 20.
    assert paper.needed(*files)["train"] == 60 + 2 + 15


def test_longest_trainings_come_first_after_what_they_need(paper):
    priority = {
        corpus: int(paper.maker(f"results/models/{corpus}/lstm/C3/seed1/config.json").fields[
            "priority"
        ])
        for corpus in ("wiki", "webtext", "cbt")
    }  # fmt: skip
    preparation = int(paper.maker("results/corpora/cbt/statistics.json").fields["priority"])
    assert preparation > priority["wiki"] > priority["webtext"] > priority["cbt"] > 0


def test_pdf_is_planned_on_request_only(tiny, paper):
    assert (len(tiny.of_rule("train")), tiny.of_rule("document")) == (9, [])
    assert len(paper.of_rule("document")) == 1


def test_demo_has_its_own_results_folder(fresh):
    demo = ("--dry-run", "--configfile", "config/demo.yaml", "--", "results/demo/table1.tex")
    run = fresh.snakemake(*demo, full=False)
    assert jobs(run) == {
        "grammar": 1,
        "prepare": 1,
        "train": 3,
        "measure_split": 15,
        "gather": 1,
        "table1": 1,
    }
    # A reader sees why each of the 22 jobs runs, in short lines.
    assert run.stdout.count("    reason: ") == 22
    assert len(run.stdout) < 2000 + 22 * 250
    assert max(map(len, run.stdout.splitlines())) < 200


def test_frontier_of_a_corpus_trains_each_method_at_each_setting(fresh):
    path = "config/frontier.yaml"
    page = "results/frontier/frontier-yahoo.html"
    run = fresh.snakemake("--dry-run", "--configfile", path, "--", page, full=False)
    entry = yaml.safe_load((fresh.folder / path).read_text())["experiments"]["frontier-yahoo"]
    cells = 4 * len(entry["models"]) + sum(len(more["models"]) for more in entry["plus"])
    assert cells > 80
    measured = {"measure_split": 4 * cells, "gather": 1, "frontier": 1}
    assert jobs(run) == CORPUS | {"train": cells} | measured


def test_variants_are_rendered_by_the_exhibit_they_name(fresh):
    (fresh.folder / "own.tsv").write_text("grammatical\tungrammatical\na b\ta c\n")

    def add(config):
        config["pairs"]["own"] = {"file": "own.tsv"}
        entries = config["experiments"]
        entries["table2-mine"] = entries["table2"] | {"measurements": ["sensitivity"]}
        entries["table3-mine"] = entries["table3"] | {"measurements": ["fce", "description"]}
        pairs = {"measurements": ["rate-distortion", "syntax", "probe"], "pairs": "own"}
        entries["table4-own"] = entries["table4"] | pairs
        points = entries["figure1"] | {"measurements": ["rate-distortion", "posterior"]}
        entries |= {"figure1-mine": points, "mine": points}
        informed = {"measurements": ["rate-distortion", "information"], "models": ["lstm"]}
        entries["frontier-mine"] = entries["figure1"] | informed
        config["targets"] = ["table2-mine", "table3-mine", "table4", "table4-own", "figure1-mine"]
        config["targets"] += ["mine", "frontier-mine"]

    fresh.configure(add)
    plan = Plan(fresh.dry_run())
    for rule, path in {
        "table2": "table2-mine.tex",
        "sensitivity": "sensitivity-mine.csv",
        "table3": "table3-mine.csv",
        "table4": "table4-own.tex",
        "probe": "probe-own.csv",
        "figure1": "figure1-mine.pdf",
        "frontier": "frontier-mine.html",
        "frontier-table": "frontier-table-mine.tex",
        "gather": "measurements/mine.csv",
    }.items():
        assert plan.maker(f"results/{path}").rule == rule
    # Pairs from a file are not made.
    own = plan.needed("results/table4-own.tex")
    assert (own["measure_pairs"], own.get("pairs")) == (4, None)
    # Two sets of pairs for the same cells and their language model.
    both = plan.needed("results/table4-own.tex", "results/table4.tex")
    assert (both["table4"], both["measure_pairs"], both["pairs"]) == (2, 8, 1)
    assert (both["train"], both["language_model_without_code"]) == (2, 1)
    # A name that is not an exhibit's has no figure.
    for path in ("results/mine.pdf", "results/pairs/own.tsv"):
        assert "MissingRuleException" in fresh.dry_run(path).stdout


@pytest.mark.parametrize("spelling", ["C3.0", "C03", "C-3"])
def test_cell_with_another_spelling_is_refused(fresh, spelling):
    run = fresh.dry_run(f"results/models/cbt/lstm/{spelling}/seed1/config.json")
    assert run.returncode == 1
    assert "MissingRuleException" in run.stdout


ALL = ("results/comparison.html", "results/claims.html")


def test_verdicts_wait_for_the_experiments_they_read(tiny):
    comparison, claims = (tiny.needed(file) for file in ALL)
    # Of the paper's tables, without Table 2, Figure 1 and the controls.
    assert (comparison["comparison"], comparison["gather"]) == (1, 4)
    assert (claims["claims"], claims["gather"]) == (1, 7)
    rendering = {"table1", "figure1", "curves"}
    assert not {*rendering, "interpolate"} & comparison.keys()
    assert not rendering & claims.keys()


@pytest.mark.parametrize(
    ("targets", "entry", "gathered"),
    [
        (["table1", "figure1"], {}, (1, 2)),
        (["figure1"], {}, (0, 1)),
        (["table3-mine"], {}, (0, 1)),
        # Over more C the dictionary is another, and with it the FCE of the same cells.
        (["table3", "table3-mine"], {"C": [0, 3, 5]}, (1, 1)),
    ],
    ids=["two of the paper", "none printed", "a variant", "a variant beside it"],
)
def test_verdicts_read_targets_of_the_paper_only(fresh, targets, entry, gathered):
    def add(config):
        variant = config["experiments"]["table3"] | {"measurements": ["fce", "description"]} | entry
        config["experiments"]["table3-mine"] = variant
        config["targets"] = targets

    fresh.configure(add)
    plan = Plan(fresh.dry_run(*ALL))
    assert tuple(plan.needed(file).get("gather", 0) for file in ALL) == gathered
