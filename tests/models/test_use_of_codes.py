"""Every posterior, prior and decoder can be measured, generated from and read in Python."""

import math

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, random_pairs, random_sentences
from textvae.api.model import TextModel
from textvae.cells import Cell
from textvae.errors import InputError
from textvae.generation.codes import line_ends
from textvae.generation.synthesis import codes_on_line
from textvae.measurements import measured_on
from textvae.measurements.report import Result
from textvae.models.priors.uniform_sphere import UniformSphere
from textvae.models.saved import TrainedModel, load, save
from textvae.models.vae import TextVAE
from textvae.registry import MEASUREMENTS
from tiny import CPU, MODEL

# Those that the contract of parts does not combine with others.
PARTS = [
    {"posterior": "delta"},
    {"posterior": "batch-norm", "prior": "gaussian-mixture"},
    {"posterior": "von-mises-fisher", "prior": "uniform-sphere"},
    {"prior": "vamp"},
    {"posterior": "real-nvp", "prior": "real-nvp"},
    {"posterior": "semi-amortised"},
    {"decoder": "lstm-word-dropout", "word_dropout": 1.0},
    {"decoder": "bag-of-words"},
    {"decoder": "dilated-cnn"},
    {"decoder": "lstm-skip", "code_input": "initial-state"},
]
SENTENCES = random_sentences(30)


@pytest.fixture(scope="module", params=PARTS, ids=lambda parts: "-".join(map(str, parts.values())))
def trained(request, tmp_path_factory):
    """An untrained model of these parts, saved and loaded."""
    torch.manual_seed(1)
    few = {"mixture_components": 3, "vamp_components": 3, "flow_hidden": 5}
    few |= {"dilated_layers": 2, "dilated_channels": 8, "dilated_bottleneck": 4, "svi_steps": 2}
    config = type(MODEL).resolve(MODEL.model_dump() | few | request.param)
    model = TextVAE(config, len(VOCABULARY)).eval()
    for part in model.parts:
        part.aim(2.0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    folder = tmp_path_factory.mktemp("model")
    save(folder, TrainedModel(Cell("tiny", "parts", 2.0, 1), model, VOCABULARY), {})
    return load(folder, CPU)


def test_model_generates_and_encodes(trained):
    model = TextModel(trained)
    words = [trained.vocabulary.decode(ids) for ids in SENTENCES]
    encoded = model.encode(words)
    assert np.isfinite(encoded.rate).all()
    assert np.isfinite(model.log_prob(words, encoded.sample)).all()
    assert len(model.reconstruct(words)) == 30
    assert len(model.sample(5)) == len(model.interpolate(words[0], words[1], steps=5)) == 5
    line = codes_on_line(trained, line_ends(2, model.latent, seed=1), 2, 4)
    np.testing.assert_allclose(trained.model.prior.supported(torch.tensor(line)), line, rtol=1e-5)
    if isinstance(trained.model.prior, UniformSphere):
        with pytest.raises(InputError, match=r"norm of 0\.5, expected codes of norm 1"):
            model.decode(0.5 * line.reshape(-1, model.latent))


@pytest.mark.parametrize("name", measured_on("split", "lines", "pairs"))
def test_measurements_of_the_model_are_finite(trained, name):
    subjects = {
        "split": lambda: ((trained, SENTENCES), {}),
        "lines": lambda: ((trained, line_ends(2, MODEL.architecture.latent, 1)), {"longest": 5}),
        "pairs": lambda: ((trained, random_pairs(20)), {}),
    }
    subject = subjects[MEASUREMENTS.declared()[name].facts["of"]]
    measure = MEASUREMENTS[name]
    few = {"bootstrap": 3, "samples": 2, "folds": 3}
    settings = measure.Settings(
        **{key: value for key, value in few.items() if key in measure.Settings.model_fields}
    )
    arguments, keywords = subject()
    result = Result.of(measure(*arguments, settings, **keywords), "one")
    result.values.pop("bootstrap", None)
    assert result.values
    for metric, value in result.values.items():
        # The slope is undefined where the rate does not depend on the width.
        undefined = metric in result.notes or name == "slope"
        assert undefined or (value is not None and math.isfinite(value)), metric


def test_kl_of_moments_is_of_gaussian_priors(trained):
    """Of others a note has the reason why it is undefined."""
    measure = MEASUREMENTS["posterior"]
    result = measure(trained, SENTENCES, measure.Settings())
    of_normal = trained.model.architecture.prior == "standard-normal"
    for metric in ("moment_matched_kl", "moment_matched_kl_bias"):
        assert math.isfinite(result.values[metric]) == of_normal
        assert ("not Gaussian" in result.notes.get(metric, "")) != of_normal
    assert math.isfinite(result.values["logdetcov"])


def test_what_follows_by_construction_is_noted(trained):
    measure = MEASUREMENTS["posterior"]
    notes = measure(trained, SENTENCES, measure.Settings()).notes
    noted = ("batch-norm", "von-mises-fisher", "real-nvp")
    assert ("active_units" in notes) == (trained.model.architecture.posterior in noted)
