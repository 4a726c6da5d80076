"""The paper's own printed numbers as evidence, by its authors' erratum."""

from textvae.paper.claims.evidence import Evidence, Key, ModelSpec
from textvae.paper.published import Figure, corrected, published

# What the models of tables are (section 3, "Models").
_SPECS = {
    "lstm": ModelSpec("lstm", "lstm", "rate-target", 1, hidden=512, latent=64),
    "gru": ModelSpec("gru", "gru", "rate-target", 1, hidden=512, latent=64),
}
# Table 2 prints sentences: the identical ones of six pairs of neighbours in its greedy column.
_IDENTICAL = {3: 2, 15: 0, 100: 0}
_TABLES = ("table1", "table3", "table4", "section3_2")


def printed() -> Evidence:
    """What Tables 1, 3, 4 and section 3.2 print, the corpora's vocabularies; Table 2 counted."""
    figures = [figure for table in _TABLES for figure in corrected(published(table))]
    values: dict[Key, float] = {}
    for figure in figures:
        if figure.C is not None:
            values[_key(figure, figure.C)] = figure.value
    # The Test lines have no C: they hold at every C.
    levels = {key[:4] for key in values}
    for figure in figures:
        for corpus, model, C, decoding in levels:
            named = (figure.corpus, figure.model, figure.decoding)
            if figure.C is None and named == (corpus, model, decoding):
                values[_key(figure, C)] = figure.value
    for C, identical in _IDENTICAL.items():
        values[Key("cbt", "lstm", C, "", "distinct_interpolation")] = 1 - identical / 6
    return Evidence(
        values, {(key.corpus, key.model): _SPECS[key.model] for key in values}, _sizes()
    )


def _sizes() -> dict[str, dict[str, float]]:
    """What section 3 prints of the corpora, and Table 3 of the lengths of their test sentences."""
    lengths = [f for f in published("table3") if f.metric == "test_mean_length"]
    sizes: dict[str, dict[str, float]] = {}
    for figure in (*published("corpora"), *lengths):
        sizes.setdefault(figure.corpus, {})[figure.metric] = figure.value
    return sizes


def _key(figure: Figure, C: float) -> Key:
    return Key(figure.corpus, figure.model, C, figure.decoding, figure.metric)
