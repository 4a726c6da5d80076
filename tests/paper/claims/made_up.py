"""Made-up measurements for claims."""

from collections.abc import Mapping

from textvae.paper.claims.claim import Claim
from textvae.paper.claims.decision import decide_as_printed
from textvae.paper.claims.evidence import Evidence, Key, Kind

Values = dict[Key, float]

LSTM = Kind("lstm", "lstm", "rate-target", 1, hidden=512, latent=64)
KINDS = {
    "lstm": LSTM,
    "gru": Kind("gru", "gru", "rate-target", 1, hidden=512, latent=64),
    "cnn": Kind("lstm", "cnn", "rate-target", 1, hidden=512, latent=64),
    "lstm-small": Kind("lstm", "lstm", "rate-target", 1, hidden=128, latent=32),
    "lstm-wide": Kind("lstm", "lstm", "rate-target", 1, hidden=1048, latent=64),
    "lstm-beta2": Kind("lstm", "lstm", "rate-target", 2, hidden=512, latent=64),
    "lstm-elbo": Kind("lstm", "lstm", "elbo", 1, hidden=512, latent=64),
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
    return {Key(corpus, model, C, decoding, metric): value for C, value in values.items()}


def evidence(values: Values) -> Evidence:
    """The values of models of `KINDS`, on corpora of `SIZES`."""
    return Evidence(values, {(key.corpus, key.model): KINDS[key.model] for key in values}, SIZES)


def verdict(claim: Claim, values: Values) -> str:
    """What becomes of a claim on values without spread."""
    return decide_as_printed(claim, evidence(values)).verdict
