"""Nothing reruns without a reason; nothing that should rerun is skipped."""

import os
import re
import subprocess
import sys
from pathlib import Path

CELLS = {"little/tiny/C0/seed1", "little/tiny/C3/seed1"}
SHOWN = {"table1": 1, "figure1": 1, "section3_2": 1, "collapse": 1}
# What learning four synthetic corpora and real text takes, to the table. (The Kneser-Ney models are
# not kept.)
LEARNT = {"language_model": 5, "kneser_ney": 5, "measure_fce": 4, "gather": 1, "table3": 1}
# Table 4 and that of the probes; Table 2 and the sensitivities beside it.
OF_PAIRS = {"table4": 1, "probe": 1}
OF_LINES = {"table2": 1, "sensitivity": 1}
# What else follows where language models are others: Table 4 has one beside its two cells.
BESIDE = {"language_model_without_code": 1, "measure_pairs": 2, "gather": 2} | OF_PAIRS


def edit(path: Path) -> None:
    """Change what a source file does: it has one constant more, or another number."""
    text = path.read_text()
    path.write_text(f"{text}\n_MORE = 1\n" if path.suffix == ".py" else f"{text}\nint more;\n")


def reword(path: Path) -> None:
    """Change the prose of a source file: docstrings, comments, and messages of errors."""
    text = path.read_text()
    if path.suffix == ".py":
        text = re.sub(r'(raise \w+\(\s*f?)"', r'\1"Sorry: ', text)
        text = re.sub(r'^( *)"""', r'\1"""In other words: ', text, count=1, flags=re.MULTILINE)
        path.write_text(f"# Reworded.\n\n{text}\n# The end.\n")
    else:
        path.write_text(f"/* Reworded. */\n{text}// The end.\n")


def code_of_trainings(workflow) -> str:
    """Return the digest of the code that names the checkpoints of a checkout."""
    program = (
        "import torch; from textvae.training.fingerprint import circumstances;"
        " cpu = torch.device('cpu');"
        " print(circumstances(['textvae.training.cell'], cpu, torch.float32)['code'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=workflow.folder,
        env=os.environ | workflow.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def planned(workflow):
    """What a dry run plans, but for the verdicts, which follow from any measurement."""
    return {
        rule: count
        for rule, count in workflow.plan().items()
        if rule not in ("claims", "comparison")
    }


def test_what_has_been_run_is_not_run_again(built):
    assert built.plan() == {}


def test_a_fresh_checkout_of_the_same_commit_reruns_nothing(workflow):
    # A checkout gives every file a new time.
    for name in ("Snakefile", "config", "envs", "profiles", "src", "workflow"):
        top = workflow.folder / name
        for path in [top, *top.rglob("*")]:
            os.utime(path)
    assert workflow.plan() == {}


def test_reworded_prose_reruns_nothing_and_keeps_checkpoints(workflow):
    before = code_of_trainings(workflow)
    for pattern in ("*.py", "*.c", "*.h"):
        for path in (workflow.folder / "src/textvae").rglob(pattern):
            reword(path)
    assert workflow.plan() == {}
    assert code_of_trainings(workflow) == before
    edit(workflow.folder / "src/textvae/training/trainer.py")
    assert code_of_trainings(workflow) != before


def test_edited_commands_messages_progress_and_locks_rerun_nothing(workflow):
    package = workflow.folder / "src/textvae"
    names = ("cli", "errors", "io", "runtime/progress", "runtime/locks", "runtime/gpus")
    for path in [*(package / f"{name}.py" for name in names), *package.glob("commands/*.py")]:
        edit(path)
    assert workflow.plan() == {}


def test_a_changed_caption_renders_one_table(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(caption="Another caption."))
    assert planned(workflow) == {"table1": 1}


def test_a_changed_caption_of_a_figure_draws_it(workflow):
    workflow.configure(lambda c: c["experiments"]["figure1"].update(caption="Another caption."))
    assert planned(workflow) == {"figure1": 1}


def test_edited_evaluation_code_evaluates_and_does_not_train(workflow):
    edit(workflow.folder / "src/textvae/measurements/posterior.py")
    assert planned(workflow) == {"measure_split": 7, "gather": 4, **SHOWN}


def test_edited_model_code_trains_anew(workflow):
    edit(workflow.folder / "src/textvae/models/vae.py")
    # Nine cells; Table 1's two are measured in five ways and, as controls, in a sixth.
    generated = {"sample": 4, "measure_text": 4, "interpolate": 2, "measure_lines": 2}
    # The language models have another.
    assert planned(workflow) == LEARNT | generated | SHOWN | OF_PAIRS | OF_LINES | {
        "train": 9,
        "measure_pairs": 4,
        "measure_split": 26,
        "common_dictionary": 1,
        "gather": 7,
        "curves": 5,
    }


def test_an_edited_objective_trains_the_cells_that_minimise_it(workflow):
    edit(workflow.folder / "src/textvae/training/objectives/elbo.py")
    assert workflow.planned_cells() == {"little/tiny-elbo/C0/seed1"}
    assert planned(workflow) == {
        "train": 1,
        "measure_split": 4,
        "gather": 1,
        "curves": 1,
        "collapse": 1,
    }


def test_an_edited_loop_in_c_trains_every_model(workflow):
    edit(workflow.folder / "src/textvae/models/kernels/lstm.c")
    plan = planned(workflow)
    assert plan["train"] == 9
    assert plan["language_model"] == 5
    assert plan["language_model_without_code"] == 1
    assert plan.keys().isdisjoint({"grammar", "prepare", "pairs", "codes", "lines"})


def test_edited_table_code_renders(workflow):
    edit(workflow.folder / "src/textvae/paper/exhibits/table1.py")
    assert planned(workflow) == {"table1": 1}
    edit(workflow.folder / "src/textvae/paper/render/figure.py")
    assert planned(workflow) == {"table1": 1, "figure1": 1, "curves": 5}


def test_a_changed_learning_rate_of_one_cell_trains_that_cell(workflow):
    workflow.configure(
        lambda c: c.update(overrides={"little/tiny/C3/seed1": {"learning_rate": 0.02}})
    )
    generated = {"sample": 2, "measure_text": 2, "interpolate": 1, "measure_lines": 1}
    assert planned(workflow) == LEARNT | generated | OF_LINES | {
        "train": 1,
        "measure_split": 6,
        "common_dictionary": 1,
        "gather": 5,
        "curves": 3,
        "table1": 1,
        "figure1": 1,
        "collapse": 1,
    }
    assert workflow.planned_cells() == {"little/tiny/C3/seed1"}


def test_a_changed_learning_rate_of_the_model_trains_its_cells(workflow):
    workflow.configure(lambda c: c["models"]["tiny"].update(learning_rate=0.02))
    assert workflow.planned_cells() == CELLS | {"long/tiny/C0/seed1", "long/tiny/C3/seed1"}


def test_another_C_trains_that_cell_alone(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(C=[0, 3, 4.5]))
    assert workflow.planned_cells() == {"little/tiny/C4.5/seed1"}


def test_C_of_3_and_of_3_point_0_are_one_cell(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(C=[0.0, 3.0]))
    assert planned(workflow) == {}


def test_a_missing_measurement_is_made_alone(workflow):
    (workflow.folder / "results/models/little/tiny/C3/seed1/likelihood.json").unlink()
    assert planned(workflow) == {"measure_split": 1, "gather": 1, "table1": 1}


def test_a_changed_setting_of_a_measurement_measures_anew(workflow):
    workflow.configure(lambda c: c["evaluation"]["likelihood"].update(samples=3))
    assert planned(workflow) == {"measure_split": 2, "gather": 1, "table1": 1}


def test_another_recipe_of_language_models_generates_nothing_anew(workflow):
    workflow.configure(lambda c: c["language_model"].update(patience=2))
    assert planned(workflow) == LEARNT | BESIDE


def test_edited_code_of_language_models_generates_nothing_anew(workflow):
    edit(workflow.folder / "src/textvae/fce/training.py")
    assert planned(workflow) == LEARNT | BESIDE


def test_edited_arithmetic_of_cross_entropies_learns_nothing_anew(workflow):
    edit(workflow.folder / "src/textvae/measurements/fce.py")
    assert planned(workflow) == {"kneser_ney": 5, "measure_fce": 4, "gather": 1, "table3": 1}


def test_self_bleu_of_more_sentences_learns_nothing_anew(workflow):
    workflow.configure(lambda c: c["generation"].update(self_bleu_sentences=50))
    assert planned(workflow) == {"measure_text": 4, "gather": 1, "table3": 1}


def test_other_pairs_are_scored_and_train_nothing(workflow):
    workflow.configure(lambda c: c["pairs"]["new"]["grammar"].update(combinations=3))
    assert planned(workflow) == OF_PAIRS | {"measure_pairs": 4, "gather": 1, "pairs": 1}


def test_edited_code_of_a_probe_scores_nothing_anew(workflow):
    edit(workflow.folder / "src/textvae/measurements/probe.py")
    assert planned(workflow) == OF_PAIRS | {"measure_pairs": 2, "gather": 1}


def test_edited_accuracies_probe_nothing_anew(workflow):
    edit(workflow.folder / "src/textvae/measurements/syntax.py")
    assert planned(workflow) == OF_PAIRS | {"measure_pairs": 2, "gather": 1}


def test_texts_of_another_size_are_written_and_learnt_anew(workflow):
    workflow.configure(lambda c: c["generation"].update(sentences=90))
    assert planned(workflow) == LEARNT | {
        "codes": 2,
        "sample": 4,
        "measure_text": 4,
        "common_dictionary": 1,
    }


def test_more_lines_concern_table_2_alone(workflow):
    workflow.configure(lambda c: c["generation"].update(lines=6))
    assert planned(workflow) == OF_LINES | {
        "lines": 1,
        "interpolate": 2,
        "measure_lines": 2,
        "gather": 1,
    }


def test_another_copy_changes_the_dictionary_and_what_is_learnt_over_it(workflow):
    workflow.configure(lambda c: c["generation"].update(copies=3))
    assert planned(workflow) == {
        "codes": 1,
        "sample": 2,
        "measure_text": 2,
        "common_dictionary": 1,
        "language_model": 7,
        "kneser_ney": 7,
        "measure_fce": 6,
        "gather": 1,
        "table3": 1,
    }


def test_another_device_or_share_of_it_or_pace_of_checkpoints_reruns_nothing(workflow):
    workflow.configure(lambda c: c.update(device="auto", cells_per_gpu=3, checkpoint_minutes=1))
    assert planned(workflow) == {}


def test_another_number_of_replicates_measures_anew_and_learns_nothing(workflow):
    workflow.configure(lambda c: c["evaluation"].update(fce={"bootstrap": 10}))
    assert planned(workflow) == {"kneser_ney": 5, "measure_fce": 4, "gather": 1, "table3": 1}


def test_missing_replicates_are_gathered_alone(workflow):
    (workflow.folder / "results/measurements/figure1.bootstrap.csv").unlink()
    assert planned(workflow) == {"gather": 1, "figure1": 1}
