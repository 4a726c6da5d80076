"""The paper's printed numbers as evidence, and how far each of them may be off."""

from textvae.paper.claims.evidence import Evidence, MeasurementKey, ModelSpec
from textvae.paper.published import PublishedValue, corrected, published
from textvae.paper.verdicts import tolerance_of

# The models of the paper's tables (section 3, "Models").
_SPECS = {
    "lstm": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=512, latent=64),
    "gru": ModelSpec("gru", "gru", "rate-target", 1, hidden=512, latent=64),
}
# C -> number of identical sentences among the six pairs of neighbours in Table 2's greedy column.
_IDENTICAL = {3: 2, 15: 0, 100: 0}
_TABLES = ("table1", "table3", "table4", "section3_2")


def printed() -> Evidence:
    """Return the numbers of Tables 1, 3, 4 and section 3.2, corpus sizes, and counts of Table 2."""
    values = {key: figure.value for key, figure in _by_key().items()}
    for C, identical in _IDENTICAL.items():
        values[MeasurementKey("cbt", "lstm", C, "", "distinct_interpolation")] = 1 - identical / 6
    return Evidence(
        values, {(key.corpus, key.model): _SPECS[key.model] for key in values}, _sizes()
    )


def printed_tolerances() -> dict[MeasurementKey, float]:
    """Return the tolerance of each number of the tables, that of the comparison with ours."""
    return {key: tolerance_of(figure).at(figure.value) for key, figure in _by_key().items()}


def _by_key() -> dict[MeasurementKey, PublishedValue]:
    figures = [figure for table in _TABLES for figure in corrected(published(table))]
    by_key = {_key(figure, figure.C): figure for figure in figures if figure.C is not None}
    # The Test lines have no C: they apply to every C.
    levels = {key[:4] for key in by_key}
    for figure in figures:
        for corpus, model, C, decoding in levels:
            name = (figure.corpus, figure.model, figure.decoding)
            if figure.C is None and name == (corpus, model, decoding):
                by_key[_key(figure, C)] = figure
    return by_key


def _sizes() -> dict[str, dict[str, float]]:
    """Return the corpus sizes of section 3, and the mean lengths of test sentences of Table 3."""
    lengths = [f for f in published("table3") if f.metric == "test_mean_length"]
    sizes: dict[str, dict[str, float]] = {}
    for figure in (*published("corpora"), *lengths):
        sizes.setdefault(figure.corpus, {})[figure.metric] = figure.value
    return sizes


def _key(figure: PublishedValue, C: float) -> MeasurementKey:
    return MeasurementKey(figure.corpus, figure.model, C, figure.decoding, figure.metric)
