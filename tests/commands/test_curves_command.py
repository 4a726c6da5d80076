"""`textvae render curves`: training records into a figure in three formats."""

import json

import pytest

from textvae.cli import main

LINES = (
    '{"step": 1, "epoch": 1.0, "C": 3.0, "loss": 9.0, "D": 8.0, "R": 2.5, "tokens_per_second": 1}\n'
    '{"step": 1, "epoch": 1.0, "split": "valid", "D": 8.5, "R": 2.75}\n'
)


@pytest.fixture
def folders(tmp_path):
    """Two models' folders."""
    folders = []
    for C in (3.0, 15.0):
        folder = tmp_path / f"C{C:g}"
        folder.mkdir()
        config = {
            "cell": {"corpus": "cbt", "model": "lstm", "C": C, "seed": 1},
            "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 512, "latent": 64},
            "training": {"recipe": {"objective": "rate-target", "beta": 1.0, "epochs": 1}},
        }
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "training.jsonl").write_text(LINES)
        folders.append(folder)
    return folders


def build(tmp_path, folders) -> int:
    outputs = [
        argument
        for kind in ("pdf", "svg", "png")
        for argument in (f"--{kind}", str(tmp_path / f"curves.{kind}"))
    ]
    records = [str(folder / "training.jsonl") for folder in folders]
    return main(["render", "curves", "--records", *records, "--caption", "A title", *outputs])


def test_writes_the_figure(tmp_path, folders):
    assert build(tmp_path, folders) == 0
    for kind, start in {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}.items():
        assert (tmp_path / f"curves.{kind}").read_bytes().startswith(start)
    assert "<title>A title</title>" in (tmp_path / "curves.svg").read_text()


def test_a_cut_record_is_one_line_of_error(tmp_path, folders, capsys):
    (folders[1] / "training.jsonl").write_text(LINES[:-10])
    assert build(tmp_path, folders) == 1
    assert capsys.readouterr().err == (
        f"textvae render curves: {folders[1]}/training.jsonl: line 2: not JSON, cut short perhaps\n"
    )
    assert not (tmp_path / "curves.pdf").exists()
