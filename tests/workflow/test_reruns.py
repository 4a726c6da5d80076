"""Nothing reruns without a reason; nothing that should rerun is skipped."""

import os
from pathlib import Path

from textvae.evaluation import posterior

CELLS = {"little/tiny/C0/seed1", "little/tiny/C3/seed1"}
SHOWN = {"table1": 1, "figure1": 1, "section3_2": 1, "collapse": 1}


def edit(path: Path) -> None:
    """Change a source file as a person would: what it does, or at least what it says."""
    path.write_text(path.read_text() + "\n# a thought\n")


def test_what_has_been_run_is_not_run_again(built):
    assert built.plan() == {}


def test_a_fresh_checkout_of_the_same_commit_reruns_nothing(workflow):
    # A checkout gives every file a new time.
    for name in ("Snakefile", "config", "envs", "profiles", "src", "workflow"):
        top = workflow.folder / name
        for path in [top, *top.rglob("*")]:
            os.utime(path)
    assert workflow.plan() == {}


def test_a_changed_caption_renders_one_table(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(caption="Another caption."))
    assert workflow.plan() == {"table1": 1}


def test_a_changed_caption_of_a_figure_draws_it(workflow):
    workflow.configure(lambda c: c["experiments"]["figure1"].update(caption="Another caption."))
    assert workflow.plan() == {"figure1": 1}


def test_edited_evaluation_code_evaluates_and_does_not_train(workflow):
    name = Path(posterior.__file__).name
    edit(workflow.folder / "src/textvae/evaluation" / name)
    assert workflow.plan() == {"evaluate": 7, "gather": 4, **SHOWN}


def test_edited_model_code_trains_anew(workflow):
    edit(workflow.folder / "src/textvae/models/vae.py")
    # Seven cells; Table 1's two are measured in five ways and, as controls, in a sixth.
    assert workflow.plan() == {"train": 7, "evaluate": 24, "gather": 4, "curves": 4, **SHOWN}


def test_edited_table_code_renders(workflow):
    edit(workflow.folder / "src/textvae/paper/table1.py")
    assert workflow.plan() == {"table1": 1}
    edit(workflow.folder / "src/textvae/paper/drawing.py")
    assert workflow.plan() == {"table1": 1, "figure1": 1, "curves": 4}


def test_a_changed_learning_rate_of_one_cell_trains_that_cell(workflow):
    workflow.configure(
        lambda c: c.update(overrides={"little/tiny/C3/seed1": {"learning_rate": 0.02}})
    )
    assert workflow.plan() == {
        "train": 1,
        "evaluate": 6,
        "gather": 3,
        "curves": 3,
        "table1": 1,
        "figure1": 1,
        "collapse": 1,
    }
    assert workflow.planned_cells() == {"little/tiny/C3/seed1"}


def test_a_changed_learning_rate_of_the_model_trains_its_cells(workflow):
    workflow.configure(lambda c: c["models"]["tiny"].update(learning_rate=0.02))
    assert workflow.planned_cells() == CELLS


def test_another_C_trains_that_cell_alone(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(C=[0, 3, 4.5]))
    assert workflow.planned_cells() == {"little/tiny/C4.5/seed1"}


def test_C_of_3_and_of_3_point_0_are_one_cell(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(C=[0.0, 3.0]))
    assert workflow.plan() == {}


def test_a_missing_measurement_is_made_alone(workflow):
    (workflow.folder / "results/models/little/tiny/C3/seed1/likelihood.json").unlink()
    assert workflow.plan() == {"evaluate": 1, "gather": 1, "table1": 1}


def test_a_changed_setting_of_a_measurement_measures_anew(workflow):
    workflow.configure(lambda c: c["evaluation"]["likelihood"].update(samples=3))
    assert workflow.plan() == {"evaluate": 2, "gather": 1, "table1": 1}


def test_another_device_or_pace_of_checkpoints_reruns_nothing(workflow):
    workflow.configure(lambda c: c.update(device="auto", checkpoint_minutes=1))
    assert workflow.plan() == {}
