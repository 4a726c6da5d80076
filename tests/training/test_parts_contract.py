"""The contract of every registered encoder, decoder, posterior, prior, objective and strategy."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.models import rate, saved
from textvae.models.architecture import ModelConfig
from textvae.models.batches import pack
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.terms import BatchTerms
from textvae.models.vae import TextVAE
from textvae.registry import DECODERS, OBJECTIVES, POSTERIORS, PRIORS, STRATEGIES
from textvae.runtime.signals import Stopped
from textvae.settings import specs
from textvae.training import cell
from textvae.training.cell import CellTrainer, TrainingJob
from textvae.training.config import TrainingConfig
from textvae.training.schedule import Schedule
from tiny import CNN, CPU, MODEL, TRAINING, tiny_corpus
from training_processes import after_steps, outcome, stop

PLAIN = {"encoder": "lstm", "decoder": "lstm"}
PLAIN |= {"posterior": "diagonal-gaussian", "prior": "standard-normal"}
SIZES = CNN | {"dilated_channels": 8, "dilated_bottleneck": 4, "dilated_layers": 2, "bag_hidden": 4}
SIZES |= {"mixture_components": 3, "vamp_components": 3, "vamp_length": 3.0, "flow_hidden": 5}
SIZES |= {"svi_steps": 2}
USUAL = {"objective": "elbo", "strategy": "standard"}
# Settings without a default, and of short trainings.
NEEDED = {
    "geco": {"target_distortion": 10.0},
    "auto-distortion": {"target_distortion": 10.0},
    "auto-information": {"target_information": 1.0},
    "aggressive": {"aggressive_steps": 2},
}


def combinations(config, usual, *groups):
    """Return every combination of registered parts within each group; the others are the usual."""
    found = [usual]
    for group in groups:
        names = [parts.names() for parts in config.PARTS if parts.kind in group]
        found += [usual | dict(zip(group, chosen, strict=True)) for chosen in product(*names)]
    return [one for index, one in enumerate(found) if one not in found[:index]]


# Posteriors and priors that belong together; the others are combined with the usual ones.
SPHERE = {"posterior": "von-mises-fisher", "prior": "uniform-sphere"}
NEED = dict.fromkeys(SPHERE.values(), SPHERE)
MODELS = combinations(ModelConfig, PLAIN, ("encoder",), ("decoder",))
MODELS += [
    PLAIN | {parts.kind: name} | NEED.get(name, {})
    for parts in (POSTERIORS, PRIORS)
    for name in parts.names()
    if name not in PLAIN.values() and (parts, name) != (PRIORS, SPHERE["prior"])
]
MODELS += [PLAIN | {"posterior": "real-nvp", "prior": name} for name in ("real-nvp", "vamp")]
TRAININGS = combinations(TrainingConfig, USUAL, ("objective",), ("strategy",))
# Every model with the usual training, and the plain model with every other.
PAIRS = [(model, USUAL) for model in MODELS] + [(PLAIN, training) for training in TRAININGS[1:]]
# Each decoder once in bfloat16.
ROUNDED = USUAL | {"precision": "bfloat16"}
PAIRS += [(PLAIN | {"decoder": name}, ROUNDED) for name in DECODERS.names()]
WORDS = 5
SENTENCES = [np.array([4, 2, 3]), np.array([3]), np.array([2, 2, 4, 1, 3])]


def needed(names):
    return {key: value for name in names for key, value in NEEDED.get(name, {}).items()}


def name_of(value):
    return "-".join(value.values()) if isinstance(value, dict) else None


def configuration(parts):
    return ModelConfig.resolve(MODEL.model_dump() | SIZES | parts)


@pytest.fixture(params=MODELS, ids=name_of)
def model(request):
    """A model in which words, codes and biases matter."""
    torch.manual_seed(1)
    model = TextVAE(configuration(request.param), WORDS).eval()
    for part in model.parts:
        part.aim(2.0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_terms_have_their_shapes_and_reach_every_parameter(model, precision):
    batch, noise = pack(SENTENCES), torch.randn(3, 4)
    terms = model(batch, noise, precision)
    assert (terms.distortion.shape, terms.rates.shape, terms.z.shape) == ((), (3,), (3, 4))
    assert set(terms.losses) == set(model.loss_names)
    (terms.distortion + terms.rates.mean() + sum(terms.losses.values())).backward()
    for name, parameter in model.named_parameters():
        if name.startswith("encoder.") and terms.posterior.mean.grad_fn is None:
            # A posterior that is the same for every sentence.
            assert parameter.grad is None
            continue
        assert parameter.grad.dtype == torch.float32, name
        assert parameter.grad.abs().max() > 0, name
    exact = model(batch, noise, torch.float32).distortion
    assert terms.distortion.item() == pytest.approx(exact.item(), rel=0.02)


def test_sentences_of_a_batch_do_not_affect_each_other(model):
    batch, noise = pack(SENTENCES), torch.randn(3, 4)
    z, rates = model.draw(model.encode(batch), batch.arrange(noise))
    together = batch.restore(torch.stack([model.distortion(batch, z), rates], dim=1))
    for i, sentence in enumerate(SENTENCES):
        alone = pack([sentence])
        z, rates = model.draw(model.encode(alone), noise[i : i + 1])
        expected = torch.stack([model.distortion(alone, z), rates], dim=1)
        torch.testing.assert_close(together[i : i + 1], expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_rate_is_the_mean_log_ratio_of_sampled_codes(model):
    count = 4000
    posterior = model.encode(pack([SENTENCES[0]] * count))
    _, rates = model.draw(posterior, torch.randn(count, 4))
    z = posterior.sample(torch.randn(count, 4))
    ratios = posterior.log_prob(z) - model.prior.log_prob(z)
    error = math.hypot(ratios.std(), rates.std()) / math.sqrt(count)
    assert abs(rates.mean() - ratios.mean()) < 4 * error
    assert rates.mean() > 0


@torch.no_grad()
def test_codes_of_the_prior_have_its_moments(model):
    codes = model.prior.codes(torch.randn(20_000, 4)).double().numpy()
    mean, covariance = model.prior.moments().whiten(codes.mean(0), np.cov(codes.T))
    assert np.abs(mean).max() < 4 / 20_000**0.5
    assert np.abs(covariance - np.eye(4)).max() < 6 / 20_000**0.5


@torch.no_grad()
def test_probabilities_of_all_sentences_sum_to_one(model):
    """Sentences of up to two words, by the whole batch; of more than two, word by word."""
    z, words = torch.randn(1, 4), range(1, WORDS)
    pairs = list(product(words, words))
    short = pack([np.array(ids, dtype=np.int64) for ids in [(), *((w,) for w in words), *pairs]])
    ended = (-model.distortion(short, z.expand(len(short), -1)).double()).exp().sum()
    previous, state = torch.zeros(len(pairs), dtype=torch.int64), None
    longer = torch.zeros(len(pairs), dtype=torch.float64)
    for word in (*torch.tensor(pairs).T, None):
        embedded = model.embedding(previous)
        features, state = model.decoder.step(embedded, z.expand(len(pairs), -1), state)
        log_p = model.output(features).double().log_softmax(1)
        if word is None:
            longer += torch.log1p(-log_p[:, 0].exp())
        else:
            longer += log_p.gather(1, word[:, None])[:, 0]
            previous = word
    assert 0.01 < ended < 0.99
    assert (ended + longer.exp().sum()).item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("parts", "training"), PAIRS, ids=name_of)
def test_interrupted_training_gives_the_same_bytes(tmp_path, monkeypatch, capsys, parts, training):
    """Stopped after every step, each time in the middle of an epoch or between two."""
    settings = TRAINING.replace(**training, **needed(training.values()), epochs=2, batch=34)
    corpus, model = tiny_corpus(tmp_path / "corpus"), configuration(parts)
    task = TrainingJob(Cell("tiny", "parts", 2.0, 1), corpus, model, settings, CPU)
    cell.train(task, tmp_path / "whole", tmp_path / "checkpoints", 10)
    after_steps(monkeypatch, stop)
    for _ in range(5):
        with pytest.raises(Stopped):
            cell.train(task, tmp_path / "stopped", tmp_path / "checkpoints", 10)
    cell.train(task, tmp_path / "stopped", tmp_path / "checkpoints", 10)
    assert "resuming after step 5 of 6\n" in capsys.readouterr().err
    assert outcome(tmp_path / "stopped") == outcome(tmp_path / "whole")
    assert saved.load(tmp_path / "whole", CPU).model.config == model


@pytest.mark.parametrize("strategy", STRATEGIES.names())
def test_one_step_changes_every_parameter(tmp_path, strategy):
    training = TRAINING.replace(strategy=strategy, **needed([strategy]))
    task = TrainingJob(Cell("tiny", "a", 2.0, 1), tiny_corpus(tmp_path), MODEL, training, CPU)
    trainer = CellTrainer(task)
    before = {name: value.clone() for name, value in trainer.model.named_parameters()}
    trainer.advance(pack([np.arange(2, 22)] * 2))
    assert trainer.step == 1
    for name, parameter in trainer.model.named_parameters():
        assert not parameter.equal(before[name]), name
        assert parameter.grad is None, name


@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_objective_is_a_differentiable_function_of_its_terms(name):
    cls = OBJECTIVES[name]
    settings = cls.Settings(**needed([name]))
    assert cls.check(settings, 2.0) is None
    objective = cls(settings, 2.0, Schedule(TRAINING.shared, 100))
    distortion, mean = torch.tensor(9.0, requires_grad=True), torch.full((3, 4), 2.0)
    posterior = Gaussian(mean.requires_grad_(), torch.zeros(3, 4))
    prior = StandardNormal(MODEL.architecture, None)
    z, rates = rate.draw(posterior, prior, torch.randn(3, 4))
    terms = BatchTerms(distortion, rates, z, posterior, prior)
    losses = [objective.loss(terms, step=20) for _ in range(2)]
    assert losses[0].shape == ()
    assert losses[0].equal(losses[1])
    gradients = torch.autograd.grad(losses[0], [distortion, mean])
    assert gradients[0] == 1
    assert gradients[1].abs().min() > 0
    # A sweep has its own C.
    assert objective.record(20)["C"] == 2 or name == "sweep"
    assert objective.state_dict() == dict(objective.state)


BOUNDED = [
    pytest.param(config, parts, name, spec, id=f"{name}{spec.flag}")
    for config in (ModelConfig, TrainingConfig)
    for parts, name, own in (
        (None, "shared", specs(config.SHARED)),
        *((p.kind, one.name, one.specs) for p in config.PARTS for one in p.declared().values()),
    )
    for spec in own
]


@pytest.mark.parametrize(("config", "kind", "name", "spec"), BOUNDED)
def test_setting_is_accepted_up_to_its_bounds_only(config, kind, name, spec):
    chosen = {kind: name} if kind else {}
    wrong = [[1]] if spec.optional else [None, [1]]
    if spec.type in ("int", "float"):
        wrong += ["1", True, math.nan, math.inf, 10**400]
        wrong += [] if spec.ge is None else [spec.ge - 1, spec.ge - 1e-9]
        wrong += [] if spec.gt is None else [spec.gt, -spec.gt - 1e-9]
        wrong += [] if spec.le is None else [spec.le * (1 + 1e-9), spec.le + 1]
    else:
        wrong += ["no such name", 1]
    for value in wrong:
        with pytest.raises(InputError, match=f"^{spec.flag}: "):
            config(**chosen, **{spec.name: value})
    for bound in (spec.ge, spec.le):
        if bound is not None:
            value = int(bound) if spec.type == "int" else float(bound)
            assert config(**chosen, **{spec.name: value}).model_dump()[spec.name] == bound
