"""Are the demo's results what living codes give? Exit status 1, and which cell, if not.

Of every cell of Table 1 and Figure 1 the rate is within 1 of C, units are active and D + R >= H by
the paired test. For each model D falls with C, from its least C to its greatest; in Table 1 at
every step, and there AU does not fall. Figure 1 has three models of at least four C.

In Table 2 more neighbours on a line are told apart at the greatest C than at the least. In Table 3
the forward cross-entropy of nucleus sampling is worse at the greatest C than at the least, greedy
self-BLEU falls with C, and no synthetic corpus beats the floor.

In Table 4, under each of its three headings, p1 and p2 agree at the least C and part at the
greatest; p1 and a language model without a code are better than chance.
"""

import csv
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from statistics import fmean

Row = dict[str, float]
# (decoding, C) -> metric -> its value for each copy.
Texts = dict[tuple[str, float], dict[str, list[float]]]


def read(path: Path) -> dict[str, list[Row]]:
    """Model -> one row for each C, ascending: metric -> value, and "C"."""
    models: dict[str, dict[float, Row]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            C = float(line["C"])
            row = models.setdefault(line["model"], {}).setdefault(C, {"C": C})
            row[line["metric"]] = float(line["value"] or "nan")
    return {model: [rows[C] for C in sorted(rows)] for model, rows in models.items()}


def of_cells(rows: list[Row]) -> list[str]:
    """What is wrong with single cells of a model, a line each."""
    wrong = []
    for row in rows:
        C, rate = row["C"], row["rate_nats"]
        if not abs(rate - C) <= 1:
            wrong.append(f"C = {C:g}: R = {rate:.2f} is not within 1 of C")
        if not row["active_units"] > 0:
            wrong.append(f"C = {C:g}: no active unit")
        errors = row["bound_excess_nats"] / row["bound_excess_standard_error"]
        if not errors >= -3:
            wrong.append(f"C = {C:g}: D + R is below H by {-errors:.1f} standard errors")
    return wrong


def of_steps(rows: list[Row]) -> list[str]:
    """Where D does not fall, or AU does, from one C to the next."""
    wrong = []
    for low, high in pairwise(rows):
        if not high["distortion_nats"] < low["distortion_nats"]:
            wrong.append(f"D does not fall from C = {low['C']:g} to C = {high['C']:g}")
        if not high["active_units"] >= low["active_units"]:
            wrong.append(f"AU falls from C = {low['C']:g} to C = {high['C']:g}")
    return wrong


def of_table1(models: dict[str, list[Row]]) -> list[str]:
    """What is wrong with Table 1."""
    (rows,) = models.values()
    return of_cells(rows) + of_steps(rows) + (["fewer than 3 rows"] if len(rows) < 3 else [])


def of_figure1(models: dict[str, list[Row]]) -> list[str]:
    """What is wrong with Figure 1."""
    wrong = ["fewer than 3 models"] if len(models) < 3 else []
    for model, rows in models.items():
        faults = of_cells(rows)
        if not rows[-1]["distortion_nats"] < rows[0]["distortion_nats"]:
            faults.append("D does not fall over C")
        if len(rows) < 4:
            faults.append("fewer than 4 C")
        wrong += [f"{model}: {fault}" for fault in faults]
    return wrong


def read_texts(path: Path) -> Texts:
    """What was measured of generated text, and of lines (whose decoding is "")."""
    texts: Texts = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            values = texts.setdefault((line["decoding"], float(line["C"])), {})
            values.setdefault(line["metric"], []).append(float(line["value"] or "nan"))
    return texts


def over_C(texts: Texts, decoding: str, metric: str) -> list[float]:
    """The means over copies of a metric, by rising C."""
    return [fmean(texts[key][metric]) for key in sorted(texts) if key[0] == decoding]


def of_table2(texts: Texts) -> list[str]:
    """What is wrong with the sensitivity of decoders."""
    shares = over_C(texts, "", "distinct_interpolation")
    said = ", ".join(f"{share:.2f}" for share in shares)
    print(f"table2: share of distinct neighbours {said}")
    return [] if shares[-1] > shares[0] else ["neighbours are not told apart better at larger C"]


def of_table3(texts: Texts) -> list[str]:
    """What is wrong with Table 3."""
    wrong = []
    for (decoding, C), values in sorted(texts.items()):
        means = {metric: fmean(copies) for metric, copies in values.items()}
        print(
            "table3, {}: C = {:g}, FCE {fce_nats:.1f}, floor {floor_nats:.1f}, reverse"
            " {reverse_nats:.1f}, self-BLEU {self_bleu4:.1f}, accepted {accepted_percent:.1f}%"
            ", KN-5 {kn5_fce_nats:.1f}".format(decoding, C, **means)
        )
        excess = zip(values["excess_nats"], values["excess_standard_error"], strict=True)
        if not all(above >= -3 * error for above, error in excess):
            wrong.append(f"{decoding}, C = {C:g}: a synthetic corpus beats the floor")
    fce, self_bleu = over_C(texts, "nucleus0.9", "fce_nats"), over_C(texts, "greedy", "self_bleu4")
    if not fce[-1] > fce[0]:
        wrong.append("FCE of nucleus0.9 is not worse at the greatest C")
    if not falling(self_bleu):
        wrong.append("greedy self-BLEU does not fall with C")
    return wrong


def of_table4(models: dict[str, list[Row]]) -> list[str]:
    """What is wrong with Table 4."""
    (rows,) = models.values()
    found = [name.removesuffix(".p1") for name in rows[0] if name.endswith(".p1")]
    wrong = [] if len(found) == 15 else [f"{len(found)} rows, not 15"]
    for heading in ("agreement", "reflexive", "npi"):
        names = [name for name in found if name.startswith(heading)]
        gaps = []
        for row in rows:
            metrics = ("p1", "p2", "p1_bar", "p2_bar", "language_model")
            mean = {one: fmean(row[f"{name}.{one}"] for name in names) for one in metrics}
            print(
                "table4, {}: C = {:g}, p1 {p1:.2f}, p2 {p2:.2f}, barred {p1_bar:.2f} and"
                " {p2_bar:.2f}, language model {language_model:.2f}".format(
                    heading, row["C"], **mean
                )
            )
            gaps.append(mean["p1"] - mean["p2"])
            if not min(mean["p1"], mean["language_model"]) > 0.6:
                wrong.append(f"{heading}, C = {row['C']:g}: grammar is not known")
        if not abs(gaps[0]) <= 0.05:
            wrong.append(f"{heading}: p1 and p2 do not agree at C = {rows[0]['C']:g}")
        if not gaps[-1] >= 0.2:
            wrong.append(f"{heading}: p1 and p2 do not part at C = {rows[-1]['C']:g}")
    return wrong


def falling(values: Iterable[float]) -> bool:
    return all(later < earlier for earlier, later in pairwise(values))


def check(folder: Path) -> list[str]:
    """Print the rows of all in a results folder; returns what is wrong."""
    wrong = []
    for name, faults in (("table1", of_table1), ("figure1", of_figure1)):
        models = read(folder / f"measurements/{name}.csv")
        for model, rows in models.items():
            for row in rows:
                print(
                    "{}, {}: C = {C:g}, D = {distortion_nats:.1f}, R = {rate_nats:.1f}"
                    ", AU = {active_units:.0f}, D + R - H = {bound_excess_nats:.1f}".format(
                        name, model, **row
                    )
                )
        wrong += [f"{name}: {fault}" for fault in faults(models)]
    wrong += [f"table4: {fault}" for fault in of_table4(read(folder / "measurements/table4.csv"))]
    for name, of_texts in (("table2", of_table2), ("table3", of_table3)):
        texts = read_texts(folder / f"measurements/{name}.csv")
        wrong += [f"{name}: {fault}" for fault in of_texts(texts)]
    return wrong


if __name__ == "__main__":
    wrong = check(Path(sys.argv[1]))
    print("\n".join(wrong) or "all as it should be")
    sys.exit(bool(wrong))
