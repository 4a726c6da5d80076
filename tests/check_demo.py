"""Check that the demo's results are those of informative codes; exit with 1 and a list if not.

R is near C, units are active, D + R >= H by the paired test, and distortion, text statistics and
accuracies change with C as in the paper. Each function below checks one table or figure.
"""

import csv
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean

# The metrics of one model at one C, and "C".
Row = dict[str, float]
# Estimated from above.
_INFORMATION = "mutual_information_upper_nats"
# (decoding, C) -> metric -> values by copy. Measurements of lines have the decoding "".
Texts = dict[tuple[str, float], dict[str, list[float]]]


def read_models(path: str) -> dict[str, list[Row]]:
    """Return model -> rows with ascending C."""
    models: dict[str, dict[float, Row]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            C = float(line["C"])
            row = models.setdefault(line["model"], {}).setdefault(C, {"C": C})
            row[line["metric"]] = float(line["value"] or "nan")
    return {model: [rows[C] for C in sorted(rows)] for model, rows in models.items()}


def read_texts(path: str) -> Texts:
    """Return the measurements of generated text and of lines."""
    texts: Texts = {}
    with open(path, newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            values = texts.setdefault((line["decoding"], float(line["C"])), {})
            values.setdefault(line["metric"], []).append(float(line["value"] or "nan"))
    return texts


# All comparisons are negated, so that NaN is a fault.
def cell_faults(rows: list[Row]) -> Iterator[str]:
    """Yield the faults of the single cells of a model."""
    for row in rows:
        C, rate = row["C"], row["rate_nats"]
        if not abs(rate - C) <= 1:
            yield f"C = {C:g}: R = {rate:.2f} is not within 1 of C"
        if not row["active_units"] > 0:
            yield f"C = {C:g}: no active unit"
        errors = row["bound_excess_nats"] / row["bound_excess_standard_error"]
        if not errors >= -3:
            yield f"C = {C:g}: D + R is below H by {-errors:.1f} standard errors"


def table1_faults(models: dict[str, list[Row]]) -> Iterator[str]:
    (rows,) = models.values()
    yield from cell_faults(rows)
    for low, high in pairwise(rows):
        if not high["distortion_nats"] < low["distortion_nats"]:
            yield f"D does not fall from C = {low['C']:g} to C = {high['C']:g}"
        if not high["active_units"] >= low["active_units"]:
            yield f"AU falls from C = {low['C']:g} to C = {high['C']:g}"
    if len(rows) < 3:
        yield "fewer than 3 rows"


def figure1_faults(models: dict[str, list[Row]]) -> Iterator[str]:
    if len(models) < 3:
        yield "fewer than 3 models"
    for model, rows in models.items():
        yield from (f"{model}: {fault}" for fault in cell_faults(rows))
        if not rows[-1]["distortion_nats"] < rows[0]["distortion_nats"]:
            yield f"{model}: D does not fall over C"
        if len(rows) < 4:
            yield f"{model}: fewer than 4 C"


def frontier_faults(models: dict[str, list[Row]]) -> Iterator[str]:
    """Yield the faults of methods: D + R below H, or a control whose rate is information."""
    for model, rows in models.items():
        for row in rows:
            errors = row["bound_excess_nats"] / row["bound_excess_standard_error"]
            if not errors >= -3:
                cell = f"{model}, C = {row['C']:g}"
                yield f"{cell}: D + R is below H by {-errors:.1f} standard errors"
    for row in models.get("lstm-small-constant", [{"C": 0.0}]):
        rate, information = (row.get(name, float("nan")) for name in ("rate_nats", _INFORMATION))
        if not abs(rate - row["C"]) <= 0.01:
            yield f"the constant posterior has R = {rate:.2f} at C = {row['C']:g}"
        if not information <= 0.01:
            yield f"the constant posterior has I = {information:.2f} at C = {row['C']:g}"


def over_C(texts: Texts, decoding: str, metric: str) -> list[float]:
    """Return the mean of a metric over copies, by ascending C."""
    return [fmean(texts[key][metric]) for key in sorted(texts) if key[0] == decoding]


def table2_faults(texts: Texts) -> Iterator[str]:
    shares = over_C(texts, "", "distinct_interpolation")
    if not shares[-1] > shares[0]:
        yield "neighbours do not differ more often at the largest C"


def table3_faults(texts: Texts) -> Iterator[str]:
    for (decoding, C), values in sorted(texts.items()):
        excess = zip(values["excess_nats"], values["excess_standard_error"], strict=True)
        if not all(above >= -3 * error for above, error in excess):
            yield f"{decoding}, C = {C:g}: a synthetic corpus is below the floor"
    fce = over_C(texts, "nucleus0.9", "fce_nats")
    if not fce[-1] > fce[0]:
        yield "FCE of nucleus0.9 is not higher at the largest C"
    self_bleu = over_C(texts, "greedy", "self_bleu4")
    if not all(later < earlier for earlier, later in pairwise(self_bleu)):
        yield "greedy self-BLEU does not fall with C"


METRICS = ("p1", "p2", "p1_bar", "p2_bar", "language_model")


def phenomena(row: Row) -> dict[str, dict[str, float]]:
    """Return heading of Table 4 -> metric -> mean over the rows under it."""
    names = [name.removesuffix(".p1") for name in row if name.endswith(".p1")]
    return {
        heading: {
            metric: fmean(row[f"{name}.{metric}"] for name in names if name.startswith(heading))
            for metric in METRICS
        }
        for heading in ("agreement", "reflexive", "npi")
    }


def table4_faults(models: dict[str, list[Row]]) -> Iterator[str]:
    (rows,) = models.values()
    count = sum(name.endswith(".p1") for name in rows[0])
    if count != 15:
        yield f"{count} rows, not 15"
    means = [phenomena(row) for row in rows]
    for heading in means[0]:
        for row, mean in zip(rows, means, strict=True):
            if not min(mean[heading]["p1"], mean[heading]["language_model"]) > 0.6:
                yield f"{heading}, C = {row['C']:g}: not better than chance"
        gaps = [mean[heading]["p1"] - mean[heading]["p2"] for mean in means]
        if not abs(gaps[0]) <= 0.05:
            yield f"{heading}: p1 and p2 differ at C = {rows[0]['C']:g}"
        if not gaps[-1] >= 0.2:
            yield f"{heading}: p1 and p2 do not differ at C = {rows[-1]['C']:g}"


def check(folder: Path) -> list[str]:
    """Return the faults of the measurements in a results folder."""
    path = f"{folder}/measurements/{{}}.csv".format
    models = {"table1": table1_faults, "figure1": figure1_faults, "table4": table4_faults}
    models["frontier"] = frontier_faults
    texts = {"table2": table2_faults, "table3": table3_faults}
    faults = {name: faults(read_models(path(name))) for name, faults in models.items()}
    faults |= {name: faults(read_texts(path(name))) for name, faults in texts.items()}
    return [f"{name}: {fault}" for name, each in faults.items() for fault in each]


if __name__ == "__main__":
    wrong = check(Path(sys.argv[1]))
    print("\n".join(wrong) or "all checks passed")
    sys.exit(bool(wrong))
