"""`textvae.load`: a trained model in Python gives the numbers and texts of the commands."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import textvae
from input_errors import refusal
from one_by_one import LATENT, VOCABULARY, OneByOne, lively_model, random_sentences
from textvae import UnknownWordWarning
from textvae.cli import main
from textvae.measurements.rate_distortion import RateDistortionSettings, measure
from textvae.measurements.reconstruction import reconstruct
from textvae.models import saved

TRAINED = lively_model()
IDS = random_sentences(40)
SENTENCES = [" ".join(VOCABULARY.decode(sentence)) for sentence in IDS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "model"
    saved.save(folder, TRAINED, {})
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return textvae.load(folder)


@pytest.fixture(scope="module")
def encoded(model):
    return model.encode(SENTENCES)


def test_import_loads_neither_torch_nor_numpy():
    code = "import sys, textvae; sys.exit(bool({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_encode_agrees_with_the_measurement_and_one_sentence_at_a_time(model, encoded):
    measured = measure(TRAINED, IDS, RateDistortionSettings())
    assert encoded.rate.mean() == pytest.approx(measured["rate_nats"], abs=1e-6)
    distortion = -model.log_prob(SENTENCES, encoded.sample)
    assert distortion.mean() == pytest.approx(measured["distortion_nats"], abs=1e-6)
    slow = OneByOne(TRAINED.model)
    for i in (0, 7, 39):
        posterior = slow.posterior(IDS[i])
        np.testing.assert_allclose(encoded.mean[i], posterior.mean, atol=1e-5)
        np.testing.assert_allclose(encoded.standard_deviation[i], posterior.stddev, rtol=1e-5)
        assert encoded.rate[i] == pytest.approx(slow.rate(IDS[i]), rel=1e-5)
        z = torch.from_numpy(encoded.sample[i])
        assert distortion[i] == pytest.approx(slow.distortion(IDS[i], z), rel=1e-5)


def test_table_has_a_row_a_sentence(encoded):
    frame = encoded.to_frame()
    assert len(frame) == len(encoded) == 40
    assert [*frame][:2] == ["rate", "mean_1"]
    assert [*frame][-1] == f"standard_deviation_{LATENT}"
    np.testing.assert_array_equal(frame["mean_2"], encoded.mean[:, 1])


def test_strings_words_and_series_are_the_same_sentences(model, encoded):
    words = (sentence.split() for sentence in SENTENCES)
    for same in (words, pd.Series(SENTENCES), np.array(SENTENCES)):
        np.testing.assert_array_equal(model.encode(same).mean, encoded.mean)
    np.testing.assert_allclose(model.encode(SENTENCES[3]).mean, encoded.mean[3:4], atol=1e-6)
    # The seed changes the sample alone.
    other = model.encode(SENTENCES, seed=2)
    np.testing.assert_array_equal(other.rate, encoded.rate)
    assert (other.sample != encoded.sample).any()


def test_texts_are_those_of_measurement_and_command(model, folder, capsys):
    copies = [" ".join(copy) for _, copy in reconstruct(TRAINED, IDS)]
    assert model.reconstruct(SENTENCES) == copies
    for flags in ("", " --decoding greedy --seed 4 --sentences 3 --longest 6"):
        assert main(["sample", "--model", str(folder), *flags.split()]) == 0
        given = {"decoding": "greedy", "seed": 4, "longest": 6} if flags else {}
        sentences = model.sample(3 if flags else 10, **given)
        assert capsys.readouterr().out.splitlines() == sentences


@pytest.mark.parametrize("decoding", ["greedy", "top5"])
def test_interpolation_runs_from_one_reconstruction_to_the_other(model, encoded, decoding):
    a, b = SENTENCES[1], SENTENCES[2].split()
    between = model.interpolate(a, b, steps=5, decoding=decoding, seed=3)
    ends = encoded.mean[1:3]
    codes = [ends[0] + t * (ends[1] - ends[0]) for t in (0, 0.25, 0.5, 0.75, 1)]
    assert between == model.decode(codes, decoding, seed=3)
    assert len(set(between)) > 1
    if decoding == "greedy":
        assert between[::4] == model.reconstruct(SENTENCES[1:3], longest=50)


def test_unknown_words_are_counted_in_one_warning_at_the_call(model):
    with pytest.warns(UnknownWordWarning, match="4 of 6 words .*'zork' .3 times") as caught:
        with_unknown = model.encode(["w1 zork zork", "frob w2 zork"])
    assert (len(caught), caught[0].filename) == (1, __file__)
    with pytest.warns(UnknownWordWarning, match="4 of 6 words .*'<unk>' .4 times"):
        marked = model.encode(["w1 <unk> _UNK", ["<unk>", "w2", "<unk>"]])
    np.testing.assert_array_equal(marked.mean, with_unknown.mean)
    with pytest.warns(UnknownWordWarning) as caught:
        model.interpolate("zork", "w1")
    assert (len(caught), caught[0].filename) == (1, __file__)


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        *(("encode", [value], "sentences: got ") for value in (None, 3, b"w1", [], {"w1": 1})),
        ("encode", [pd.DataFrame({"text": ["w1"]})], "sentences: got "),
        *(("encode", [["w1", x]], "sentences[1]: got ") for x in ("", " ", [], None, 3, ["w1", 2])),
        ("encode", [["w1"], -1], "seed: -1 "),
        ("encode", [["w1"], 2**33], "seed: 8589934592 is not a whole number from 0 to 4294967295"),
        ("log_prob", [["w1", "w2"], np.zeros((3, LATENT))], f"codes: an array (3, {LATENT})"),
        ("log_prob", [["w1"], np.zeros(LATENT)], f"codes: an array ({LATENT},)"),
        ("decode", [np.zeros((2, LATENT + 1))], f"codes: an array (2, {LATENT + 1})"),
        ("decode", [np.zeros((0, LATENT))], "codes: got none"),
        *(("decode", [[[x] * LATENT]], "codes: a number ") for x in (np.nan, np.inf, 1e300)),
        *(
            ("decode", [codes], "codes: not numbers")
            for codes in ("w1 w2", [[1], [1, 2]], [["1", "2"]], [[1j]])
        ),
        *(("sample", [n], f"n: {n} ") for n in (0, -1, 2.5, True)),
        *(("sample", [1, "top"], "'top' "), ("sample", [1, 15], "decoding: got 15")),
        ("sample", [1, "greedy", 1, 0], "longest: 0 "),
        ("interpolate", ["w1", "w2", 1], "steps: 1 "),
        *(("interpolate", ["w1", b], "b: got ") for b in ("", None)),
    ],
)
def test_wrong_argument_is_named_in_one_line(model, method, arguments, message):
    assert refusal(getattr(model, method), *arguments).startswith(message)


def test_normalisation_is_that_of_the_folder(model, tmp_path):
    saved.save(tmp_path / "model", replace(TRAINED, normalise=("drop-quotes",)), {})
    loaded = textvae.load(tmp_path / "model")
    assert (model.normalise, loaded.normalise) == (None, ("drop-quotes",))
    assert model.words("'w1' W2") == ["'", "w1", "'", "w2"]
    assert loaded.words("'w1' W2") == ["w1", "w2"]
    saved.save(tmp_path / "model", replace(TRAINED, normalise=("rot13",)), {})
    assert "'rot13'" in refusal(textvae.load, tmp_path / "model")


def test_wrong_folder_or_device_is_named(folder, tmp_path):
    assert refusal(textvae.load, tmp_path).startswith(f"{tmp_path}/config.json: ")
    assert refusal(textvae.load, folder, device="tpu").startswith("device: 'tpu' ")
    assert refusal(textvae.load, folder, device=None).startswith("device: got None")
    for path in (folder / "model.safetensors", None, 3):
        assert refusal(textvae.load, path).startswith(f"{path}: ")
