"""Made-up measurements for claims."""

from collections.abc import Callable, Mapping

from textvae.paper.claims.claim import Bound, Claim, Instances
from textvae.paper.claims.decision import decide_as_printed
from textvae.paper.claims.evidence import Evidence, MeasurementKey, ModelSpec

Values = dict[MeasurementKey, float]

LSTM = ModelSpec("lstm", "lstm", "rate-target", 1, hidden=512, latent=64)
SPECS = {
    "lstm": LSTM,
    "gru": ModelSpec("gru", "gru", "rate-target", 1, hidden=512, latent=64),
    "cnn": ModelSpec("lstm", "cnn", "rate-target", 1, hidden=512, latent=64),
    "lstm-small": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=128, latent=32),
    "lstm-wide": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=1048, latent=64),
    "lstm-beta2": ModelSpec("lstm", "lstm", "rate-target", 2, hidden=512, latent=64),
    "lstm-elbo": ModelSpec("lstm", "lstm", "elbo", 1, hidden=512, latent=64),
}


SIZES = {
    "cbt": {"vocabulary_size": 12000, "test_mean_length": 15.3},
    "webtext": {"test_mean_length": 16.1},
    "wiki": {"test_mean_length": 19.6},
}


def over_C(
    metric: str,
    values: Mapping[float, float],
    corpus: str = "cbt",
    model: str = "lstm",
    decoding: str = "",
) -> Values:
    """A metric by C."""
    return {
        MeasurementKey(corpus, model, C, decoding, metric): value for C, value in values.items()
    }


def evidence(values: Values) -> Evidence:
    """The values of models of `SPECS`, on corpora of `SIZES`."""
    return Evidence(values, {(key.corpus, key.model): SPECS[key.model] for key in values}, SIZES)


def verdict(claim: Claim, values: Values) -> str:
    """What becomes of a claim on values without spread."""
    return decide_as_printed(claim, evidence(values)).verdict


def claim(bound: Bound, says: str = "It is so.") -> Callable[[Instances], Claim]:
    """Decorate a function to be a claim of its name that is not registered."""

    def make(instances: Instances) -> Claim:
        return Claim(instances.__name__, says, "3.1", "how much", bound, instances)

    return make
