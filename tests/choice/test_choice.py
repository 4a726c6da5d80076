"""`textvae choose-C` on a tiny corpus, each way; and that an interrupted search goes on."""

import json
import time
from pathlib import Path

import pytest

from textvae import cli
from textvae.choice import choose as searches
from textvae.choice import rung
from textvae.choice.choose import narrow_gap
from textvae.choice.search import confirmed
from textvae.choice.settings import ChoiceSettings
from textvae.errors import InputError
from textvae.models import saved
from textvae.models.kernels import compiled
from textvae.runtime import costs
from textvae.settings import resolve
from textvae.training import cell
from textvae.training.automatic.controller import Outcome
from tiny import CPU, tiny_corpus, tiny_task
from training_processes import outcome

SMALL = "--embedding 4 --hidden 6 --latent 3 --epochs 2 --batch 10 --ramp-epochs 0"


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
        ("information", ["--target-information", 0.5, "--corrections", 0], 1),
        ("information", ["--target-units", 2, "--corrections", 1], None),
        ("distortion", ["--target-distortion", 17, "--corrections", 0], 1),
        ("sweep", ["--knee", "chord", "--epochs", 6], 1),
        ("fce", ["--levels", 3, "--max-rate", 20, "--sentences", 100, "--precision", "auto"], None),
    ],
)
def test_a_C_is_chosen_with_a_reason(tmp_path, capsys, corpus, by, flags, trainings):
    assert choose(corpus, tmp_path / "out", "--by", by, *flags) == 0
    printed = " ".join(capsys.readouterr().out.split())
    choice = json.loads((tmp_path / "out/choice.json").read_text())
    assert choice["by"] == ("units" if "--target-units" in flags else by)
    assert printed.startswith(f"C = {choice['C']:g} nats, by {choice['by']}, {choice['status']}: ")
    assert trainings in (None, choice["cost_in_trainings"])
    assert (choice["architecture"]["latent"], choice["recipe"]["batch"]) == (3, 10)
    if "folder" in choice:
        model = saved.load(tmp_path / "out" / choice["folder"], CPU)
        assert choice["C"] == model.cell.C
        assert choice["architecture"] == model.model.config.model_dump()
    if by == "fce":
        # The tiny text has few words, all of them known.
        assert choice["measured"]["fce_unk_percent"] == 0
        # One precision for all trainings.
        chosen = json.loads((tmp_path / "out/precision.json").read_text())
        models = [json.loads(path.read_text()) for path in tmp_path.rglob("rung*/config.json")]
        assert len(models) == 7
        assert {model["precision"]["chosen"] for model in models} == {chosen["chosen"]}
    # The same command trains nothing again.
    assert choose(corpus, tmp_path / "out", "--by", by, *flags) == 0
    again = capsys.readouterr()
    assert " ".join(again.out.split()) == printed
    assert "step" not in again.err


def test_costs_are_those_of_all_runs_of_a_search_once(tmp_path, corpus):
    """Each rung goes on from the checkpoints of the rung before, in one process."""
    paths = [tmp_path / f"{number}.tsv" for number in (1, 2)]
    flags = f"{SMALL} --by fce --levels 3 --max-rate 20 --sentences 100"
    command = ["choose-C", "--corpus", corpus, "--output", tmp_path / "out", *flags.split()]
    started = time.monotonic()
    assert cli.main([*map(str, ("--costs", paths[0], *command))]) == 0
    passed = time.monotonic() - started
    first = costs.read(paths[0])
    assert 0 < first.seconds <= passed + 0.1
    # The second run finds all trainings finished.
    assert cli.main([*map(str, ("--costs", paths[1], *command))]) == 0
    assert first.seconds <= costs.read(paths[1]).seconds + 0.01 < first.seconds + passed


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ("--by sweep --batch 100 --epochs 1", "sweep: 1 step"),
        # e^6 = 403.4
        ("--by information --target-information 5", "at least 404 validation sentences, found 100"),
        ("--by information --target-information 5 --max-rate 4", "max_rate 4"),
        ("--by information --target-units 4", "target_units 4 is above latent 3"),
        ("--by information --posterior constant", "posterior constant has one rate throughout"),
        ("--by sweep --posterior von-mises-fisher --vmf-concentration 9", "vmf_concentration 9"),
        ("--by information --posterior delta", "delta_rate is missing"),
        ("--by fce --posterior constant --constant-rate 3", "the rate that constant_rate 3 gives"),
        ("--by fce --posterior delta --delta-rate 21", "delta_rate 21"),
        ("--by fce --posterior delta --delta-rate 4", "keeps the rate at 12 nats or more"),
        (
            "--by distortion --target-distortion 17 --max-rate 12 --posterior delta --delta-rate 4",
            "expected less than max_rate 12",
        ),
        ("--by fce --beta 0", "beta 0"),
        ("--by fce --batch 100 --epochs 8", "8 steps, expected at least 9"),
        ("--by fce --strategy pretrained-encoder", "strategy pretrained-encoder"),
        ("--by sweep --epochs 6 --strategy pretrained-encoder", "strategy pretrained-encoder"),
        ("--by sweep --ramp-epochs 9", "ramp_epochs 9"),
        ("--by fce --max-rate 2.04", "--levels: 8"),
    ],
)
def test_a_search_that_cannot_end_well_is_refused_before_it(tmp_path, capsys, corpus, flags, named):
    assert choose(corpus, tmp_path / "out", *flags.split()) == 1
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_search_that_ends_below_the_least_rate_of_its_posterior_is_infeasible(tmp_path, corpus):
    flags = "--by sweep --knee chord --epochs 6 --posterior delta --delta-rate 4 --max-rate 13"
    assert choose(corpus, tmp_path / "out", *flags.split()) == 0
    choice = json.loads((tmp_path / "out/choice.json").read_text())
    assert (choice["status"], choice["C"]) == ("infeasible", None)
    assert "delta_rate 4 keeps the rate at 12 nats or more" in choice["reason"]


def test_model_without_a_code_is_trained_as_usual(tmp_path, corpus):
    """A strategy that trains the encoder alone would take many steps of nothing."""
    flags = "--by distortion --strategy aggressive --prior vamp --epochs 4 --corrections 0"
    choose(corpus, tmp_path / "out", *flags.split())
    config = json.loads((tmp_path / "out/without-code/config.json").read_text())
    assert config["training"]["recipe"]["strategy"] == "standard"
    config = json.loads((tmp_path / "out/autoencoder/config.json").read_text())
    assert config["training"]["recipe"]["strategy"] == "aggressive"


def test_a_search_warns_as_a_training_does(tmp_path, capsys, corpus):
    flags = "--by distortion --target-distortion 17 --batch 101 --epochs 20 --decay 0"
    assert choose(corpus, tmp_path / "out", *flags.split()) == 0
    assert "warning: batch 101 is more than the 100 sentences" in capsys.readouterr().err


def test_gap_within_three_standard_errors_is_infeasible():
    settings = ChoiceSettings(by="distortion", target_share=0.5)
    # The larger of 3 x 0.5 nats and 1% of D* = 29.25.
    assert narrow_gap(settings, 30.0, 28.4, 0.5) is None
    outcome = narrow_gap(settings, 30.0, 28.6, 0.5)
    assert (outcome.status, outcome.figures["tolerance"]) == ("infeasible", pytest.approx(1.5))
    # 3 x 0.09 is less than 1% of D*.
    assert narrow_gap(settings, 30.0, 29.69, 0.09) is None
    assert narrow_gap(settings, 30.0, 29.71, 0.09).figures["tolerance"] == pytest.approx(0.29855)


@pytest.mark.parametrize(
    ("target", "information", "agrees"), [(1, 0.8, True), (1, 0.7, False), (0.15, 0.09, False)]
)
def test_information_is_confirmed_within_the_tolerance_of_the_search(target, information, agrees):
    outcome = Outcome("information", "reached", 1.0, "", {"target": target})
    assert confirmed(outcome, {"I": information})[1] == agrees


@pytest.mark.parametrize(
    ("by", "figures", "measured"),
    [
        ("fce", {}, {"R": 5}),
        ("distortion", {"target": 30}, {"D": 30}),
        ("sweep", {"C": [2, 8], "D": [34, 28]}, {"D": 31}),
    ],
)
def test_code_without_information_confirms_nothing(by, figures, measured):
    outcome = Outcome(by, "reached", 5.0, "", figures)
    assert confirmed(outcome, {"I": 0.2, **measured})[1]
    assert not confirmed(outcome, {"I": 0.04, **measured})[1]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"by": "information", "target_information": 3, "target_units": 3}, "--target-units"),
        ({"by": "information", "target_distortion": 30}, "--target-distortion"),
        ({"by": "distortion", "target_distortion": 7, "target_share": 0.9}, "--target-share"),
        ({"by": "distortion", "min_slope": 0.1}, "--min-slope"),
        ({"by": "fce", "knee": "chord"}, "--knee"),
        ({"by": "sweep", "levels": 3}, "--levels"),
        ({"by": "sweep", "corrections": 1}, "--corrections: .*distortion or information"),
        ({"by": "sweep", "sentences": 300}, "--sentences"),
        ({"by": "sweep", "decoding": "greedy"}, "--decoding"),
        ({"by": "fce", "also_measure": "fce"}, "--also-measure"),
        ({"by": "fce", "levels": 3, "max_rate": 2.1}, "--levels"),
    ],
)
def test_settings_without_effect_are_refused(given, named):
    with pytest.raises(InputError, match=named):
        resolve(ChoiceSettings, given)


def test_settings_of_the_way_have_defaults_and_others_are_null():
    known = ChoiceSettings(by="sweep", also_measure="fce").model_dump(exclude_none=True)
    expected = {"min_slope": 0.5, "knee": "slope", "sentences": 5000, "decoding": "nucleus0.9"}
    assert known == expected | {"by": "sweep", "max_rate": 100, "also_measure": "fce"}
    assert resolve(ChoiceSettings, known) == ChoiceSettings(by="sweep", also_measure="fce")


@pytest.mark.parametrize("changes", [{}, {"strategy": "aggressive", "aggressive_steps": 3}])
def test_rungs_end_as_a_training_that_does_not_stop(tmp_path, changes):
    task = tiny_task(tmp_path / "corpus", **changes)
    cell.train(task, tmp_path / "whole", tmp_path / "checkpoints", 10)
    folders = [tmp_path / f"rung{number}" for number in (1, 2, 3)]
    for share, folder, before in zip((1 / 9, 1 / 3, 1), folders, [None, *folders], strict=False):
        rung.train_to(task, share, folder, before, 10)
    assert outcome(folders[2]) == outcome(tmp_path / "whole")
    # ceil(21 / 9)
    assert len((folders[0] / "training.jsonl").read_text().splitlines()) == 3


def test_missing_kernels_are_told(tmp_path, capsys, corpus, monkeypatch):
    monkeypatch.setattr(compiled, "why_not", lambda *_: "no compiler")
    monkeypatch.setattr(searches, "choose", lambda *_: {})
    monkeypatch.setattr(searches, "paragraph", lambda *_: "chosen")
    assert choose(corpus, tmp_path / "out", "--by", "sweep", "--epochs", 6) == 0
    told = "textvae choose-C: no compiler: training is slower without compiled kernels"
    assert told in capsys.readouterr().err


def test_flags_of_parts_that_the_model_has_not_are_told(tmp_path, capsys, corpus, monkeypatch):
    monkeypatch.setattr(searches, "choose", lambda *_: {})
    monkeypatch.setattr(searches, "paragraph", lambda *_: "chosen")
    flags = ["--by", "sweep", "--epochs", 6, "--vamp-components", 5, "--word-dropout", 0.3]
    assert choose(corpus, tmp_path / "out", *flags) == 0
    told = capsys.readouterr().err
    assert "--vamp-components: has no effect, it is a setting of the prior vamp" in told
    assert "--word-dropout: has no effect" in told
    # Nor of the defaults of the command.
    for more in ([], ["--by", "fce", "--levels", 3, "--posterior", "batch-norm"]):
        assert choose(corpus, tmp_path / "out", *flags[:4], *more) == 0
        assert "no effect" not in capsys.readouterr().err


def test_unknown_words_of_fce_are_told():
    measured = {"D": 1.0, "R": 1.0, "I": 1.0, "soft_active_units": 1.0, "fce_unk_percent": 30.4}
    result = {"C": 2.0, "by": "fce", "status": "reached", "reason": "it is", "measured": measured}
    result |= {"cost_in_trainings": 2, "folder": "C2", "confirmed": True, "compared": "R is"}
    assert "Of the words that FCE is of, 30% are <unk>." in searches.paragraph(result, Path("out"))
    measured["fce_unk_percent"] = 0.9
    assert "<unk>" not in searches.paragraph(result, Path("out"))
