"""Training records of cells, as files hold them."""

import pytest
from json_files import check_refused, write

from textvae.cells import Cell
from textvae.paper.exhibits.curves import Point, read_record, read_records

STEP = '{"epoch": 0.5, "C": 5.0, "D": 80, "R": 4}\n'
LAST = '{"step": 2, "epoch": 1.0, "C": 10.0, "D": 70.0, "R": 9.5}\n'
VALID = '{"step": 2, "epoch": 1.0, "split": "valid", "D": 72.0, "R": 9.75}\n'
CONFIG = {
    "cell": {"corpus": "yahoo", "model": "lstm", "C": 10.0, "seed": 1},
    "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 512, "latent": 64},
}


@pytest.fixture
def write_cell(tmp_path):
    """Write a cell's folder with a configuration and a record."""

    def write_cell(name="cell", record=STEP + LAST + VALID, epochs=1, objective="rate-target"):
        (tmp_path / name).mkdir()
        recipe = {"objective": objective, "beta": 1.0, "epochs": epochs}
        write(tmp_path / name / "config.json", CONFIG | {"training": {"recipe": recipe}})
        (tmp_path / name / "training.jsonl").write_text(record)
        return tmp_path / name

    return write_cell


def test_record_is_read(write_cell):
    record = read_record(write_cell())
    assert (record.cell, record.has_target) == (Cell("yahoo", "lstm", 10.0, 1), True)
    assert record.training == (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
    # C is that of the same step.
    assert record.validation == (Point(1, 10, 72, 9.75),)
    assert not read_record(write_cell("elbo", objective="elbo")).has_target


@pytest.mark.parametrize(
    ("text", "epochs", "message"),
    [
        ("", 1, "validated up to epoch 0 of 1"),
        (STEP + LAST + VALID, 3, "validated up to epoch 1 of 3"),
        (VALID, 1, "trained up to"),
        (STEP.replace("0.5", "0.0") + VALID, 1, "trained up to epoch 0 of 1"),
        ('{"step": 1, "ep', 1, "line 1: "),
        ("5\n", 1, "line 1: "),
        *((STEP.replace(f'"{key}"', '"x"'), 1, f"line 1: {key} ") for key in ("R", "C", "D")),
        (STEP.replace("80", "NaN"), 1, "line 1: D "),
        (STEP * 2 + STEP.replace("0.5", "0.25"), 1, "line 3: epoch 0.25 after epoch 0.5"),
    ],
)
def test_invalid_record_names_its_line_or_epoch(write_cell, text, epochs, message):
    folder = write_cell(record=text, epochs=epochs)
    check_refused(lambda path: read_record(folder), folder / "training.jsonl", message)


def test_missing_file_and_repeated_cell_are_refused(write_cell):
    first, second = write_cell("first"), write_cell("second")
    check_refused(lambda path: read_records([first, path]), second, "yahoo/lstm/C10/seed1", first)
    for name in ("training.jsonl", "config.json"):
        (first / name).unlink()
        check_refused(lambda path: read_record(first), first / name, "no such file")
