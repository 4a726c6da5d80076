"""What a dry run plans before anything has been run."""

import re

import pytest

from workflow_copy import jobs

CELL = "results/models/cbt/lstm/C15/seed1"


def test_table_1_of_the_paper_is_nine_trainings(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/table1.tex"))
    assert plan == {
        "fetch": 3,
        "prepare": 3,
        "train": 9,
        "measure_split": 45,
        "gather": 1,
        "table1": 1,
    }


def test_figure_1_is_sixty_trainings(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/figure1.pdf"))
    assert plan == {
        "fetch": 2,
        "prepare": 2,
        "train": 60,
        "measure_split": 120,
        "gather": 1,
        "figure1": 1,
    }


def test_the_longest_trainings_come_first(fresh):
    planned = fresh.snakemake("--dry-run", "results/table1.tex").stdout
    found = re.findall(r"corpus=(\w+), model=lstm, C=\d+, seed=1\n +priority: (\d+)", planned)
    priority = {corpus: int(number) for corpus, number in found}
    assert priority["wiki"] > priority["webtext"] > priority["cbt"] > 0


TEXTS = {"fetch": 3, "prepare": 3, "train": 9, "codes": 9}


def test_table_3_of_the_paper_is_54_language_models_and_their_floors(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/table3.tex"))
    assert plan == TEXTS | {
        "sample": 54,
        "measure_text": 54,
        "common_dictionary": 6,
        "language_model": 54 + 6,
        "kneser_ney": 54 + 6,
        "measure_fce": 54,
        "gather": 1,
        "table3": 1,
    }


def test_footnote_8_adds_the_other_decodings_to_table_3(fresh):
    asked = ("results/table3.tex", "results/table3-all-decodings.html")
    plan = jobs(fresh.snakemake("--dry-run", *asked))
    assert plan == TEXTS | {
        "sample": 135,
        "measure_text": 135,
        "common_dictionary": 15,
        "language_model": 135 + 15,
        "kneser_ney": 135 + 15,
        "measure_fce": 135,
        "gather": 2,
        "table3": 2,
    }


def test_table_2_lets_three_cells_of_table_1_speak(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/table2.tex", "results/sensitivity.csv"))
    assert plan == {
        "fetch": 1,
        "prepare": 1,
        "train": 3,
        "lines": 1,
        "interpolate": 3,
        "measure_lines": 3,
        "gather": 1,
        "sensitivity": 1,
        "table2": 1,
    }


def test_table_4_is_two_trainings_and_a_language_model(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/table4.tex", "results/probe.html"))
    assert plan == {
        "fetch": 2,
        "prepare": 1,
        "pairs": 1,
        "train": 2,
        "language_model_without_code": 1,
        "measure_split": 2,
        "measure_pairs": 4,
        "gather": 1,
        "probe": 1,
        "table4": 1,
    }


def test_one_synthetic_corpus_alone(fresh):
    text = "results/synthetic/cbt/lstm/C15/seed1/top5/copy2/sentences.txt"
    plan = jobs(fresh.snakemake("--dry-run", text))
    assert plan == {"fetch": 1, "prepare": 1, "train": 1, "codes": 1, "sample": 1}


def test_one_language_model_needs_the_corpora_of_every_C_for_its_dictionary(fresh):
    folder = "results/fce/cbt/lstm/C3-15-100/seed1/greedy"
    plan = jobs(fresh.snakemake("--dry-run", f"{folder}/C15/copy2/lstm/config.json"))
    assert plan["language_model"] == plan["common_dictionary"] == 1
    assert (plan["train"], plan["sample"]) == (3, 9)


def test_tables_like_2_and_3_are_made_of_experiments_that_are_called_so(fresh):
    def add(config):
        experiments = config["experiments"]
        lines = experiments["table2"] | {"seeds": [1], "measurements": ["sensitivity"]}
        texts = experiments["table3"] | {"measurements": ["fce", "description"]}
        config["experiments"] |= {"table2-mine": lines, "table3-mine": texts}

    fresh.configure(add)
    asked = ("--dry-run", "--configfile", "tiny.yaml", "--")
    files = ("results/table2-mine.tex", "results/sensitivity-mine.csv", "results/table3-mine.csv")
    plan = jobs(fresh.snakemake(*asked, *files))
    assert (plan["table2"], plan["table3"]) == (1, 1)


def test_pairs_of_ones_own_and_a_table_like_4(fresh):
    (fresh.folder / "own.tsv").write_text("grammatical\tungrammatical\na b\ta c\n")

    def add(config):
        config["pairs"]["own"] = {"file": "own.tsv"}
        measured = {"measurements": ["rate-distortion", "syntax", "probe"], "pairs": "own"}
        config["experiments"]["table4-own"] = config["experiments"]["table4"] | measured

    fresh.configure(add)
    asked = ("--dry-run", "--configfile", "tiny.yaml", "--")
    plan = jobs(fresh.snakemake(*asked, "results/table4-own.tex", "results/probe-own.csv"))
    assert (plan["table4"], plan["measure_pairs"]) == (1, 4)
    assert "pairs" not in plan
    none = fresh.snakemake(*asked, "results/pairs/own.tsv")
    assert "MissingRuleException" in none.stdout + none.stderr
    both = jobs(fresh.snakemake(*asked, "results/table4-own.tex", "results/table4.tex"))
    # The cells and their language model are the same, asked about other pairs.
    assert (both["table4"], both["measure_pairs"], both["pairs"]) == (2, 8, 1)
    assert (both["train"], both["language_model_without_code"]) == (2, 1)


def test_a_cell_of_two_experiments_is_trained_once(fresh):
    both = ("results/figure1.pdf", "results/section3_2.tex", "results/collapse.tex")
    plan = jobs(fresh.snakemake("--dry-run", *both))
    # 60, the GRU's C = 5 on two corpora, and of the controls all but Figure 1's three at C = 20.
    assert plan["train"] == 60 + 2 + 15


def test_the_training_curves_need_no_measurement(fresh):
    plan = jobs(fresh.snakemake("--dry-run", "results/curves/section3_2.png"))
    assert plan == {"fetch": 2, "prepare": 2, "train": 4, "curves": 1}


def test_an_experiment_of_ones_own_is_drawn_as_figure_1_if_it_is_called_so(fresh):
    def add(config):
        own = config["experiments"]["figure1"] | {"measurements": ["rate-distortion", "posterior"]}
        config["experiments"] |= {"figure1-mine": own, "mine": own}

    fresh.configure(add)
    asked = ("--dry-run", "--configfile", "tiny.yaml", "--")
    assert jobs(fresh.snakemake(*asked, "results/figure1-mine.pdf"))["figure1"] == 1
    assert jobs(fresh.snakemake(*asked, "results/measurements/mine.csv"))["gather"] == 1
    run = fresh.snakemake(*asked, "results/mine.pdf")
    assert "MissingRuleException" in run.stdout + run.stderr


def test_one_cell_alone(fresh):
    plan = jobs(fresh.snakemake("--dry-run", f"{CELL}/model.safetensors"))
    assert plan == {"fetch": 1, "prepare": 1, "train": 1}


def test_one_measurement_of_one_cell_alone(fresh):
    plan = jobs(fresh.snakemake("--dry-run", f"{CELL}/posterior.json"))
    assert plan == {"fetch": 1, "prepare": 1, "train": 1, "measure_split": 1}


def test_the_demo_goes_to_a_folder_of_its_own(fresh):
    demo = ("results/demo/table1.tex", "--dry-run", "--configfile", "config/demo.yaml")
    assert jobs(fresh.snakemake(*demo)) == {
        "grammar": 1,
        "prepare": 1,
        "train": 3,
        "measure_split": 15,
        "gather": 1,
        "table1": 1,
    }


@pytest.mark.parametrize("spelling", ["C3.0", "C03", "C-3"])
def test_a_cell_has_one_name(fresh, spelling):
    run = fresh.snakemake("--dry-run", f"results/models/cbt/lstm/{spelling}/seed1/config.json")
    assert run.returncode != 0
    assert "MissingRuleException" in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda config: config["models"]["tiny"].update(hiden=8),
            "configuration: models.tiny: unknown key 'hiden', expected one of",
        ),
        (
            lambda config: config["experiments"]["table1"].update(C=[-3]),
            "configuration: experiments.table1.C[0]: got -3, expected at least 0",
        ),
        (
            lambda config: config["experiments"]["table3"].update(decodings=["nucleus0.90"]),
            "configuration: experiments.table3.decodings[0]: 'nucleus0.90' is not a decoding",
        ),
    ],
)
def test_a_wrong_configuration_ends_in_one_line_and_no_traceback(fresh, change, line):
    fresh.configure(change)
    run = fresh.snakemake("--dry-run", "--configfile", "tiny.yaml")
    assert run.returncode != 0
    assert run.stderr.splitlines()[-1].startswith(line)
    assert 'File "' not in run.stderr


def test_lint(fresh):
    run = fresh.snakemake("--lint")
    assert run.returncode == 0, run.stdout + run.stderr
