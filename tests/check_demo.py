"""Is the demo's table what a living code gives? Exit status 1, and which row, if not.

In every row the rate is within 1 of C, units are active and D + R >= H by the paired test; over
the rows D falls with C, and AU does not fall.
"""

import csv
import sys
from itertools import pairwise
from pathlib import Path

Row = dict[str, float]


def read(path: Path) -> list[Row]:
    """One row for each C, ascending: metric -> value, and "C"."""
    rows: dict[float, Row] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            C = float(line["C"])
            rows.setdefault(C, {"C": C})[line["metric"]] = float(line["value"] or "nan")
    return [rows[C] for C in sorted(rows)]


def complaints(rows: list[Row]) -> list[str]:
    """What is wrong with the rows, a line each."""
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
    for low, high in pairwise(rows):
        if not high["distortion_nats"] < low["distortion_nats"]:
            wrong.append(f"D does not fall from C = {low['C']:g} to C = {high['C']:g}")
        if not high["active_units"] >= low["active_units"]:
            wrong.append(f"AU falls from C = {low['C']:g} to C = {high['C']:g}")
    return wrong


if __name__ == "__main__":
    rows = read(Path(sys.argv[1]))
    wrong = complaints(rows)
    for row in rows:
        print(
            "C = {C:g}: D = {distortion_nats:.1f}, R = {rate_nats:.1f}, AU = {active_units:.0f}"
            ", D + R - H = {bound_excess_nats:.1f}".format(**row)
        )
    print("\n".join(wrong) or f"{len(rows)} rows, all as they should be")
    sys.exit(bool(wrong or len(rows) < 3))
