"""Training records as they are read, and what is refused."""

import json
from pathlib import Path

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.exhibits.curves import Point, read_record, read_records

SHORT = [
    {"step": 1, "epoch": 0.5, "C": 5.0, "loss": 1.0, "D": 80.0, "R": 4.0, "tokens_per_second": 9.0},
    {"step": 2, "epoch": 1.0, "C": 10.0, "loss": 1.0, "D": 70.0, "R": 9.5, "tokens_per_second": 9},
    {"step": 2, "epoch": 1.0, "split": "valid", "D": 72.0, "R": 9.75},
]


def write(folder: Path, epochs=1, objective="rate-target") -> Path:
    """A model's folder with a configuration and a record."""
    config = {
        "cell": {"corpus": "yahoo", "model": "lstm", "C": 10.0, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 512, "latent": 64},
        "training": {"recipe": {"objective": objective, "beta": 1.0, "epochs": epochs}},
    }
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "training.jsonl").write_text("".join(json.dumps(line) + "\n" for line in SHORT))
    return folder


def test_a_record_is_read(tmp_path):
    record = read_record(write(tmp_path / "cell"))
    assert record.cell == Cell("yahoo", "lstm", 10.0, 1)
    assert record.has_target
    assert record.training == (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
    # Against C at that step.
    assert record.validation == (Point(1, 10, 72, 9.75),)


def test_the_plain_elbo_has_no_target(tmp_path):
    assert not read_record(write(tmp_path / "cell", objective="elbo")).has_target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "training.jsonl: cut short: validated up to epoch 0 of 1"),
        ('{"step": 1, "ep', "line 1: not JSON, cut short perhaps"),
        ("5\n", "line 1: an entry must be a JSON object, got 5"),
        ('{"epoch": 0.5, "C": 5.0, "D": 8.0}\n', "line 1: R must be a finite number, got nothing"),
        ('{"epoch": 0.5, "C": 5.0, "D": NaN, "R": 1}\n', "line 1: D must be a finite number"),
        ('{"epoch": 0.5, "D": 1, "R": 1}\n', "line 1: C must be a finite number"),
        (f'{{"epoch": 0.5, "C": 1, "D": 1{"0" * 400}, "R": 1}}\n', "line 1: D must be a finite"),
        ('{"epoch": 1.0, "split": "valid", "D": 1, "R": 1}\n', "cut short: trained up to"),
        (
            '{"epoch": 0.0, "C": 5.0, "D": 8.0, "R": 1}\n'
            '{"epoch": 1.0, "split": "valid", "D": 1, "R": 1}\n',
            "cut short: trained up to epoch 0 of 1",
        ),
        (
            '{"epoch": 0.5, "C": 5.0, "D": 8.0, "R": 1}\n' * 2
            + '{"epoch": 0.25, "C": 5.0, "D": 8.0, "R": 1}\n',
            "line 3: epoch 0.25 after epoch 0.5",
        ),
    ],
)
def test_a_wrong_record_names_its_file_and_line(tmp_path, text, message):
    folder = write(tmp_path / "cell")
    (folder / "training.jsonl").write_text(text)
    with pytest.raises(InputError) as raised:
        read_record(folder)
    assert str(raised.value).startswith(f"{folder / 'training.jsonl'}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_record_cut_between_its_lines_is_told(tmp_path):
    folder = write(tmp_path / "cell", epochs=3)
    with pytest.raises(InputError, match="cut short: validated up to epoch 1 of 3"):
        read_record(folder)


@pytest.mark.parametrize("name", ["config.json", "training.jsonl"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = write(tmp_path / "cell")
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: no such file"):
        read_record(folder)


def test_a_cell_told_twice_is_refused(tmp_path):
    folders = [write(tmp_path / name) for name in ("first", "second")]
    with pytest.raises(
        InputError, match=r"second: describes yahoo/lstm/C10/seed1, as .*first does$"
    ):
        read_records(folders)
