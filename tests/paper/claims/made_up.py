"""Made-up measurements for claims."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from textvae.paper.claims.claim import Bound, Claim, Instances
from textvae.paper.claims.evidence import Evidence, MeasurementKey, ModelSpec

Values = dict[MeasurementKey, float]
# Makes the values of one metric from a list, one per C.
Part = Callable[[list[float]], Values]

LSTM = ModelSpec("lstm", "lstm", "rate-target", 1, hidden=512, latent=64)
SPECS = {
    "lstm": LSTM,
    "gru": ModelSpec("gru", "gru", "rate-target", 1, hidden=512, latent=64),
    "lstm-wide": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=1048, latent=64),
    "lstm-beta2": ModelSpec("lstm", "lstm", "rate-target", 2, hidden=512, latent=64),
    "lstm-elbo": ModelSpec("lstm", "lstm", "elbo", 1, hidden=512, latent=64),
    "lstm-constant": replace(LSTM, posterior="constant"),
    "lstm-linear": replace(LSTM, objective="linear-annealing", beta=None),
    "lstm-mixture": replace(LSTM, objective="elbo", prior="gaussian-mixture"),
    "lstm-inputless": replace(LSTM, objective="elbo", decoder="lstm-word-dropout"),
    "lstm-aggressive": replace(LSTM, objective="elbo", strategy="aggressive"),
    "lstm-max": replace(LSTM, objective="free-bits-batch", beta=None),
    "lstm-mdr": replace(LSTM, objective="mdr", beta=None),
}
SIZES = {
    "cbt": {"vocabulary_size": 12000, "test_mean_length": 15.3},
    "webtext": {"test_mean_length": 16.1},
    "wiki": {"test_mean_length": 19.6},
}


def levels(metric, *C, decoding="", corpus="cbt", model="lstm") -> Part:
    """Return the function from a list of values to a metric with one of them at each C."""
    keys = [MeasurementKey(corpus, model, one, decoding, metric) for one in C or (3, 15, 100)]
    return lambda values: dict(zip(keys, values, strict=True))


def union(parts: list[Part], *lists: list[float]) -> Values:
    """Return the values of several metrics, each made from its list."""
    made: Values = {}
    for part, values in zip(parts, lists, strict=True):
        made |= part(values)
    return made


def evidence(values: Values, specs: Mapping[str, ModelSpec] = SPECS) -> Evidence:
    """Return values as evidence, with the specs of their models and the sizes in `SIZES`."""
    return Evidence(values, {(key.corpus, key.model): specs[key.model] for key in values}, SIZES)


def claim(bound: Bound) -> Callable[[Instances], Claim]:
    """Decorate a function to make it a claim that is not registered."""
    return lambda instances: Claim(
        instances.__name__, "It is.", "3.1", "how much", bound, instances
    )
