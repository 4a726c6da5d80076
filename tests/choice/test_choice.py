"""`textvae choose-C` on a tiny corpus, each way; and that an interrupted search goes on."""

import json

import pytest

from textvae import cli
from textvae.choice import rung
from textvae.choice.search import check_request
from textvae.models import saved
from textvae.training import cell
from tiny import CPU, tiny_corpus, tiny_task
from training_processes import outcome

SMALL = "--embedding 4 --hidden 6 --latent 3 --epochs 2 --batch 20 --ramp-epochs 0 --sentences 100"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    tiny_corpus(folder)
    return folder


def choose(corpus, output, *flags):
    given = ["choose-C", "--corpus", corpus, "--output", output, *SMALL.split(), *flags]
    return cli.main(list(map(str, given)))


@pytest.mark.parametrize(
    ("by", "flags", "trainings"),
    [
        ("information", ["--target-information", 0.5], 1),
        ("distortion", ["--target-distortion", 17], 1),
        ("sweep", ["--knee", "chord"], 1),
        ("fce", ["--levels", 4, "--max-rate", 20], None),
    ],
)
def test_a_C_is_chosen_with_a_reason(tmp_path, capsys, corpus, by, flags, trainings):
    assert choose(corpus, tmp_path / "out", "--by", by, *flags) == 0
    printed = " ".join(capsys.readouterr().out.split())
    choice = json.loads((tmp_path / "out/choice.json").read_text())
    assert choice["by"] == by
    assert printed.startswith(f"C = {choice['C']:g} nats, by {by}, {choice['status']}: ")
    assert trainings in (None, choice["cost_in_trainings"])
    if "folder" in choice:
        assert choice["C"] == saved.load(tmp_path / "out" / choice["folder"], CPU).cell.C
    # The same command trains nothing again.
    assert choose(corpus, tmp_path / "out", "--by", by, *flags) == 0
    again = capsys.readouterr()
    assert " ".join(again.out.split()) == printed
    assert "step" not in again.err


def test_another_search_in_the_same_folder_is_refused(tmp_path, capsys, corpus):
    (tmp_path / "request.json").write_text('{"by": "sweep"}')
    assert choose(corpus, tmp_path, "--by", "fce") == 1
    assert "; expected the same flags" in capsys.readouterr().err
    # With --overwrite its trainings go, and nothing else.
    (tmp_path / "search").mkdir()
    (tmp_path / "mine").mkdir()
    check_request(tmp_path, {"by": "fce"}, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "request.json"]


def test_rungs_end_as_a_training_that_does_not_stop(tmp_path):
    task = tiny_task(tmp_path / "corpus")
    cell.train(task, tmp_path / "whole", tmp_path / "checkpoints", 10)
    folders = [tmp_path / f"rung{number}" for number in (1, 2, 3)]
    for share, folder, before in zip((1 / 9, 1 / 3, 1), folders, [None, *folders], strict=False):
        rung.train_to(task, share, folder, before, 10)
    assert outcome(folders[2]) == outcome(tmp_path / "whole")
    # ceil(21 / 9)
    assert len((folders[0] / "training.jsonl").read_text().splitlines()) == 3
