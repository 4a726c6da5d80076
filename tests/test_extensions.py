"""Parts from files outside the package: registered, trained, resumed, loaded, measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REMEDIES = HERE / "extensions/remedies.py"
STEPS = 21


def python(*argv, extensions=()):
    paths = os.pathsep.join([str(HERE.parent / "src"), str(HERE)])
    names = os.pathsep.join(map(str, extensions))
    env = os.environ | {"PYTHONPATH": paths, "TEXTVAE_EXTENSIONS": names, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("extensions")


@pytest.fixture(scope="module")
def told(root):
    ended = python(HERE / "extensions/run.py", root, extensions=[REMEDIES])
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_state_survives_being_stopped_after_every_step(told):
    assert told["stops"] == STEPS - 1
    assert told["same"] == [True, True, True]


def test_the_log_has_the_state_and_the_further_losses(told):
    first, *_, last = [line for line in told["log"] if "split" not in line]
    assert first["u"] == 0.5
    # By hand: after a first step u moved by 0.01 (C - R).
    second = told["log"][1]
    assert second["u"] == pytest.approx(0.5 + 0.01 * (2 - first["R"]), abs=1e-6)
    assert {"loss", "D", "R", "bag", "C"} <= last.keys()
    assert last["bag"] < first["bag"]
    penalty = last["R"] + last["u"] * (2 - last["R"]) + 0.5 * last["bag"]
    assert last["loss"] == pytest.approx(last["D"] + penalty, abs=1e-4)


def test_what_names_a_checkpoint_has_the_file(told):
    assert told["modules"].count(str(REMEDIES)) == 5


def test_without_a_closed_form_the_rate_is_that_of_the_codes_drawn(told):
    mean, least = told["rate"]
    assert told["rate-distortion"]["rate_nats"] == mean
    assert told["rate-distortion"]["rate_standard_error"] > 0
    # log q - log p of one code may be negative, a divergence may not.
    assert least < 0 or mean > 0


def test_measurements_use_the_prior(told):
    assert told["codes"]
    assert told["posterior"]["moment_matched_kl"] >= 0
    assert 0 <= told["posterior"]["active_units"] <= 4
    below = told["information"]["mutual_information_nats"]
    assert below <= told["information"]["mutual_information_upper_nats"]
    bound = told["rate-distortion"]["distortion_nats"] + told["rate-distortion"]["rate_nats"]
    assert told["likelihood"]["iw_nll_nats"] < bound
    assert told["sensitivity"]["lines"] == 5


def test_what_a_posterior_cannot_give_is_one_line(told):
    assert told["slope"] == "Laplace: the width of this posterior cannot be changed"
    form = "Gaussian and ShiftedNormal have no closed form for it"
    assert told["no form"] == f"no rate by dimension of z: {form}"
    assert told["at zero"] == "tiny/new/C0/seed1: multiplier: a rate of 0 needs no multiplier"


def test_free_bits_have_the_rate_of_each_dimension(told):
    assert told["free"]["split"] == "valid"
    assert told["free"]["R"] > 0


def test_a_model_whose_parts_are_not_registered_is_refused_in_one_line(told, root):
    model = ["--model", root / "model", "--corpus", root / "corpus", "--split", "test"]
    ended = python("-m", "textvae", "measure", "rate-distortion", *model)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"textvae measure: {root}/model/config.json: not the configuration of")
    assert "the decoder 'lstm-bag' is not registered: the file that registers it must be" in line
    assert "`extensions`" in line
    ended = python("-m", "textvae", "measure", "rate-distortion", *model, extensions=[REMEDIES])
    assert ended.returncode == 0, ended.stderr


FLAGS = ["--posterior", "--prior", "--prior-deviation", "--inner-steps", "--ascent"]


def test_flags_follow_from_registration():
    ended = python("-m", "textvae", "train", "--help", extensions=[REMEDIES])
    assert all(flag in ended.stdout for flag in FLAGS)
    assert "laplace" in ended.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "extensions: no such file: {path}"),
        ("def (", "extensions: {path}: SyntaxError: invalid syntax (extension.py, line 1)"),
        ("import no_such_module", "extensions: {path}: ModuleNotFoundError: No module named"),
        (
            "from textvae.registry import OBJECTIVES\n"
            "@OBJECTIVES.register('elbo', title='', uses_C=False)\nclass A: pass",
            "the objective 'elbo' is registered in textvae.training.objectives.elbo and in {path}",
        ),
        (
            "from textvae.registry import OBJECTIVES\n"
            "@OBJECTIVES.register('a', title='', uses_C=False)\nclass A: pass\n"
            "@OBJECTIVES.register('a', title='', uses_C=False)\nclass B: pass",
            "the objective 'a' is registered in {path} twice, expected another name",
        ),
        (
            "from textvae.registry import OBJECTIVES\n"
            "@OBJECTIVES.register('a', uses_C=False)\nclass A: pass",
            "{path}: the objective 'a' is registered without title=",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, text, message):
    path = tmp_path / "extension.py"
    if text is not None:
        path.write_text(text)
    ended = python("-m", "textvae", "train", "--help", extensions=[path])
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert message.format(path=path) in line
