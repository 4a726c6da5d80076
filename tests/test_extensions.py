"""Parts registered by a file outside the package are trained, resumed, loaded and measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from one_by_one import lively_model
from textvae.models import saved
from tiny import tiny_corpus

HERE = Path(__file__).parent
REMEDIES = HERE / "extensions/remedies.py"


def python(*argv, extension=""):
    paths = os.pathsep.join([str(HERE.parent / "src"), str(HERE)])
    env = os.environ | {"PYTHONPATH": paths, "TEXTVAE_EXTENSIONS": str(extension)}
    command = [sys.executable, *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("extensions")
    done = python(HERE / "extensions/run.py", root, extension=REMEDIES)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"root": root}


def test_state_survives_a_stop_after_every_step(results):
    # 3 epochs of 7 batches; the last step ends the training.
    assert results["stops"] == 20
    assert results["same"] == [True, True, True]
    # The fingerprint of the training includes the file.
    assert results["modules"].count(str(REMEDIES)) == 5


def test_log_has_the_state_and_further_losses(results):
    first, second, *_, last = [line for line in results["log"] if "split" not in line]
    # After the first step u has moved by 0.01 (C - R).
    assert first["u"] == 0.5
    assert second["u"] == pytest.approx(0.5 + 0.01 * (2 - first["R"]), abs=1e-6)
    assert {"loss", "D", "R", "bag", "C"} <= last.keys()
    assert last["bag"] < first["bag"]
    penalty = last["R"] + last["u"] * (2 - last["R"]) + 0.5 * last["bag"]
    assert last["loss"] == pytest.approx(last["D"] + penalty, abs=1e-4)


def test_measurements_use_the_rate_of_sampled_codes_and_the_prior(results):
    mean, minimum = results["rate"]
    measured = results["rate-distortion"]
    assert measured["rate_nats"] == mean
    assert measured["rate_standard_error"] > 0
    # log q - log p of one code may be negative, unlike a divergence.
    assert minimum < 0 or mean > 0
    assert results["codes"]
    assert results["posterior"]["moment_matched_kl"] >= 0
    assert 0 <= results["posterior"]["active_units"] <= 4
    information = results["information"]
    assert information["mutual_information_nats"] <= information["mutual_information_upper_nats"]
    assert results["likelihood"]["iw_nll_nats"] < measured["distortion_nats"] + mean
    assert results["sensitivity"]["lines"] == 5
    # Free bits use the rate of each dimension.
    assert results["free"]["split"] == "valid"
    assert results["free"]["R"] > 0


def test_unsupported_combinations_are_refused_by_name(results):
    assert results["slope"].startswith("Laplace: ")
    assert "Gaussian and ShiftedNormal" in results["no form"]
    assert results["at zero"].startswith("tiny/new/C0/seed1: multiplier: ")


PLAN = """
import sys, yaml
from textvae.config.combinations import refuse_by_extensions
from textvae.errors import InputError
config = yaml.safe_load(open(sys.argv[1]))
config["models"]["new"] = {"base": "lstm", "objective": "multiplier"}
one = {"corpora": ["cbt"], "models": ["new"], "seeds": [1]}
for C in (3, 0):
    config["experiments"] = {"one": one | {"C": [C]}}
    try:
        refuse_by_extensions(config)
        print("planned")
    except InputError as error:
        print(error)
"""


def test_settings_that_an_extension_refuses_are_refused_in_planning():
    done = python("-c", PLAN, HERE.parent / "config/config.yaml", extension=REMEDIES)
    planned, refused = done.stdout.splitlines()
    assert planned == "planned"
    assert refused.startswith("models.new: multiplier: a rate of 0 ")


def test_model_with_unregistered_parts_is_one_line(results):
    root = results["root"]
    model = ["--model", root / "model", "--corpus", root / "corpus", "--split", "test"]
    command = ["-m", "textvae", "measure", "rate-distortion", *model]
    done = python(*command)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"textvae measure: {root}/model/config.json: ")
    assert "'lstm-bag'" in line
    assert "`extensions`" in line
    assert python(*command, extension=REMEDIES).returncode == 0


HEAD = "from textvae.registry import OBJECTIVES\n"

FORMAT = """
from helper import S
from textvae.registry import FORMATS, OBJECTIVES

@OBJECTIVES.register("own", title="", uses_C=False, settings=S)
class Own: "Own."

@FORMATS.register("bars", summary="bars")
def bars(lines): yield from lines
"""
HELPER = """
from textvae.settings import Settings, setting

class S(Settings):
    "S."
    own_weight: float = setting({}, "a weight")
"""


def test_defaults_in_a_file_beside_an_extension_are_read_again_when_it_changes(tmp_path):
    extension, helper = tmp_path / "own.py", tmp_path / "helper.py"
    extension.write_text(FORMAT)
    code = "from textvae.registry import OBJECTIVES; print(OBJECTIVES.declared()['own'].specs[0])"
    for default in (1.0, 5.0, 5.0):
        helper.write_text(HELPER.format(default))
        done = python("-c", code, extension=extension)
        assert f"default={default}" in done.stdout, done.stderr


def test_two_extensions_with_different_helpers_of_one_name_are_refused(tmp_path):
    for name, default in (("a", 1.0), ("b", 2.0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "own.py").write_text(
            FORMAT.replace('"own"', f'"own-{name}"').replace("bars", name)
        )
        (folder / "helper.py").write_text(HELPER.format(default))
    both = [tmp_path / name / "own.py" for name in ("a", "b")]
    for order in (both, both[::-1]):
        done = python(
            *("-m", "textvae", "train", "--help"), extension=os.pathsep.join(map(str, order))
        )
        (line,) = done.stderr.splitlines()
        taken = order[0].with_name("helper.py")
        assert f"{order[1]} imports helper, for which Python took {taken}" in line


def test_helper_beside_another_extension_alone_is_refused(tmp_path):
    """No change of it would be noticed, and the order of extensions would decide."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = FORMAT.replace('"own"', f'"own-{name}"').replace("bars", name)
        (tmp_path / name / "own.py").write_text(text)
    (tmp_path / "b/helper.py").write_text(HELPER.format(1.0))
    paths = os.pathsep.join(str(tmp_path / name / "own.py") for name in ("b", "a"))
    done = python("-m", "textvae", "train", "--help", extension=paths)
    (line,) = done.stderr.splitlines()
    assert f"{tmp_path}/a/own.py imports helper, for which Python took {tmp_path}/b" in line
    assert "expected a file beside it" in line


@pytest.mark.parametrize("name", ["statistics", "math", "yaml"])
def test_file_that_python_does_not_take_is_refused(tmp_path, name):
    """A module of the standard library or a package comes first."""
    (tmp_path / f"{name}.py").write_text("def mean(values): return 0\n")
    (tmp_path / "own.py").write_text(f"import {name}\n")
    done = python("-m", "textvae", "train", "--help", extension=tmp_path / "own.py")
    (line,) = done.stderr.splitlines()
    assert f"imports {name}, for which Python took" in line
    assert "not the file beside it" in line


LIMITED = """
from textvae.registry import POSTERIORS

@POSTERIORS.register("limited", check="own_limits", fixed_rate=True)
class Limited: "Limited."
"""


def test_limits_beside_an_extension_are_found_in_every_planning(tmp_path):
    """From the cache of declarations, too, by which the extension is not imported."""
    (tmp_path / "own.py").write_text(LIMITED)
    (tmp_path / "own_limits.py").write_text("def fault(settings, C, longest): return f'not {C}'")
    code = (
        "from textvae.config.registered import fixed_rate_fault, given_rate_fault\n"
        "from textvae.models.limits import part_fault\n"
        "parts = dict(encoder='lstm', decoder='lstm', posterior='limited', prior='vamp')\n"
        "training = parts | dict(objective='rate-target')\n"
        "print(part_fault(parts, 3.0, None), fixed_rate_fault(training), sep='\\n')\n"
        "print(given_rate_fault(training))\n"
    )
    for _ in range(2):
        done = python("-c", code, extension=tmp_path / "own.py")
        limit, fixed, given = done.stdout.splitlines()
        assert limit == "limited: not 3.0"
        assert fixed.startswith("posterior limited has one rate throughout")
        assert given.startswith("objective rate-target aims at C, but posterior limited")


def test_provenance_knows_the_formats_of_extensions(tmp_path):
    (tmp_path / "own.py").write_text(FORMAT)
    (tmp_path / "helper.py").write_text(HELPER.format(1))
    done = python("-m", "textvae", "provenance", "bars", extension=tmp_path / "own.py")
    assert "own.py" in done.stdout, done.stderr
    assert "helper.py" in done.stdout


EXHIBIT = """
from textvae.registry import EXHIBITS

@EXHIBITS.register("own", forms=("csv",), category="Tables", {})
def own(inputs): "Own."
"""


@pytest.mark.parametrize(
    "facts", ["shown_with='table9'", "published=('table2',)", "scope='all'", "reads=('models',)"]
)
def test_fact_of_an_exhibit_that_names_nothing_is_refused(tmp_path, facts):
    (tmp_path / "own.py").write_text(EXHIBIT.format(facts))
    code = "from textvae.paper.exhibit import exhibits; exhibits()"
    done = python("-c", code, extension=tmp_path / "own.py")
    last = done.stderr.splitlines()[-1]
    assert "own.py: the exhibit 'own' has an unknown " in last
    assert facts.split("'")[1] in last


SETTINGS = HELPER.replace("own_weight", "{}").format("{}", 1.0) + HEAD


def objective(name, facts="title='', uses_C=False"):
    return f"@OBJECTIVES.register('{name}', {facts})\nclass A: pass\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (None, ["extensions: ", "no such file", "{path}"]),
        ("def (", ["extensions: {path}: SyntaxError", "line 1"]),
        ("import no_such_module", ["extensions: {path}: ModuleNotFoundError", "no_such_module"]),
        (HEAD + objective("elbo"), ["'elbo'", "textvae.training.objectives.elbo and in {path}"]),
        (HEAD + objective("a") + objective("a"), ["'a'", "{path} twice"]),
        (HEAD + objective("a", "uses_C=False"), ["{path}: ", "'a'", "title="]),
        (
            HEAD + objective("a", "title='', uses_C=False, use_C=True"),
            ["{path}: ", "'a'", "use_C=", "did you mean 'uses_C'"],
        ),
        (HEAD + objective("v1.a"), ["{path}: ", "'v1.a'", "letters, digits"]),
        (
            HEAD + objective("a", "title='', uses_C=True, C_setting='ratee'"),
            ["{path}: ", "C_setting='ratee'", "one of its settings"],
        ),
        (
            SETTINGS.format("seed") + objective("a", "title='', uses_C=False, settings=S"),
            ["{path}: ", "'a'", "'seed'", "choose another name"],
        ),
        (
            "from textvae.registry import MEASUREMENTS\n"
            "@MEASUREMENTS.register('config', of='split')\ndef measure(): 'M.'\n",
            ["{path}: ", "'config'", "expected another"],
        ),
    ],
)
def test_unusable_extension_is_one_line(tmp_path, text, parts):
    path = tmp_path / "extension.py"
    if text is not None:
        path.write_text(text)
    done = python("-m", "textvae", "train", "--help", extension=path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert all(part.format(path=path) in line for part in parts), line


def test_measurement_without_settings_is_made(tmp_path):
    saved.save(tmp_path / "model", lively_model(), {})
    tiny_corpus(tmp_path / "corpus", sentences=20)
    extension = tmp_path / "lengths.py"
    extension.write_text(
        "from textvae.registry import MEASUREMENTS\n"
        "@MEASUREMENTS.register('own-count', of='split', summary='sentences')\n"
        "def measure(trained, sentences, settings): return {'count': len(sentences)}\n"
    )
    model, corpus = ("--model", tmp_path / "model"), ("--corpus", tmp_path / "corpus")
    done = python("-m", "textvae", "measure", "own-count", *model, *corpus, extension=extension)
    assert json.loads(done.stdout)["values"] == {"count": 20}, done.stderr
