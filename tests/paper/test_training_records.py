"""Training records of cells, as files hold them."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.exhibits.curves import Point, read_record, read_records

STEP = '{"epoch": 0.5, "C": 5.0, "D": 80, "R": 4}\n'
LAST = '{"step": 2, "epoch": 1.0, "C": 10.0, "D": 70.0, "R": 9.5}\n'
VALID = '{"step": 2, "epoch": 1.0, "split": "valid", "D": 72.0, "R": 9.75}\n'


@pytest.fixture
def write(tmp_path):
    """Write a cell's folder with a configuration and a record."""

    def write(name="cell", record=STEP + LAST + VALID, epochs=1, objective="rate-target"):
        config = {
            "cell": {"corpus": "yahoo", "model": "lstm", "C": 10.0, "seed": 1},
            "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 512, "latent": 64},
            "training": {"recipe": {"objective": objective, "beta": 1.0, "epochs": epochs}},
        }
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "training.jsonl").write_text(record)
        return folder

    return write


def test_record_is_read(write):
    record = read_record(write())
    assert (record.cell, record.has_target) == (Cell("yahoo", "lstm", 10.0, 1), True)
    assert record.training == (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
    # C is that of the same step.
    assert record.validation == (Point(1, 10, 72, 9.75),)
    assert not read_record(write("elbo", objective="elbo")).has_target


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
def test_invalid_record_names_its_line_or_epoch(write, text, epochs, message):
    folder = write(record=text, epochs=epochs)
    with pytest.raises(InputError) as error:
        read_record(folder)
    assert str(error.value).startswith(f"{folder / 'training.jsonl'}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["config.json", "training.jsonl"])
def test_missing_file_is_named(write, name):
    folder = write()
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: no such file"):
        read_record(folder)


def test_cell_with_two_records_is_refused(write):
    folders = [write(name) for name in ("first", "second")]
    with pytest.raises(InputError, match=r"second: .*yahoo/lstm/C10/seed1.*first"):
        read_records(folders)
