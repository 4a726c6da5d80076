"""Render the results of the benchmarks: tables in Markdown, and a figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from textvae.paper.render.figure import GREY, add_legend, look, save

Row = list[str]


def markdown(results: dict[str, Any]) -> str:
    """Return the tables of all measured parts."""
    machine = results["machine"]
    processor, gpus = machine["processor"] or machine["system"], ", ".join(machine["gpus"])
    lines = [f"{processor}; {gpus or 'no GPU'}; torch {results['torch']}; one thread a process"]
    tables = {
        "training": _training,
        "loss": _losses,
        "cost": _cost,
        "measuring": _measuring,
        "workflow": _workflow,
        "memory": _memory,
        "precision": _precision,
    }
    for part, table in tables.items():
        if part in results:
            lines += ["", *table(results[part])]
    return "\n".join(lines) + "\n"


def _table(header: Row, rows: list[Row]) -> list[str]:
    cells = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]


def _training(cases: list[dict[str, Any]]) -> list[str]:
    rows = [
        [
            f"{case['model']}, {case['corpus']}, {case['words']:,} words",
            name,
            f"{row['tokens_per_second']:,.0f}",
            f"{row['ratio_to_plain']:.1f}",
            f"{row['ratio_to_peer']:.2f}",
            f"{row['share_of_peak']:.0%}",
            f"{row['peak_memory_mib']:,}",
        ]
        for case in cases
        for name, row in case["variants"].items()
    ]
    header = ["training", "by", "tokens/s", "to plain", "to the peer", "of the peak", "MiB"]
    several = [
        f"{count} at once: {speed:,.0f} tokens/s together ({case['model']}, {case['corpus']})"
        for case in cases
        for count, speed in case["tokens_per_second_side_by_side"].items()
    ]
    peaks = [
        f"largest products in {name}: {min(speeds):,.0f} to {max(speeds):,.0f} GFLOP/s"
        for name in cases[0]["peak_gflops"]
        for speeds in [[case["peak_gflops"][name] for case in cases]]
    ]
    return ["; ".join(peaks), "", *_table(header, rows), *([""] if several else []), *several]


def _losses(cases: list[dict[str, Any]]) -> list[str]:
    rows = [
        [
            f"{case['precision']}, {case['tokens']:,} tokens, {case['words']:,} words",
            name,
            f"{row['tokens_per_second']:,.0f}",
            f"{row['ratio_to_ours']:.2f}",
            f"{row['loss_error']:+.0e}",
            f"{row['gradient_error']:.0e}",
            f"{row['peak_memory_mib']:,}",
        ]
        for case in cases
        for name, row in case["losses"].items()
    ]
    header = ["loss", "by", "tokens/s", "to ours", "loss off by", "gradients off by", "MiB"]
    return _table(header, rows)


def _cost(results: list[dict[str, Any]]) -> list[str]:
    rows = [
        [row["trainings"], str(row["models"]), f"{row['million_tokens']:,}", f"{row['hours']:,.1f}"]
        for row in results
    ]
    total = ["all of these", str(sum(row["models"] for row in results)), "", ""]
    total[2] = f"{sum(row['million_tokens'] for row in results):,}"
    total[3] = f"{sum(row['hours'] for row in results):,.1f}"
    return _table(["the paper", "models", "million tokens", "hours"], [*rows, total])


def _measuring(results: dict[str, Any]) -> list[str]:
    rows = [
        [name, row["unit"], f"{row['per_second']:,.0f}", f"{row['peak_memory_mib']:,}"]
        for name, row in results.items()
    ]
    return _table(["work", "of", "a second", "MiB"], rows)


def _workflow(results: dict[str, Any]) -> list[str]:
    rows = [
        [f"plan the whole paper, {results['plan_jobs']:,} jobs", _median(results["plan_seconds"])],
        [
            f"plan the demo, {results['demo_plan_jobs']:,} jobs",
            _median(results["demo_plan_seconds"]),
        ],
        ["nothing to do", _median(results["nothing_to_do_seconds"])],
        ["nothing to do, after a git checkout", _median(results["after_git_checkout_seconds"])],
        ["of a job, its command aside", f"{results['job_overhead_seconds']:.3f}"],
        ["start of a job without torch, the median", f"{results['start_seconds_median']:.2f}"],
        [
            f"the slowest of these ({results['start_slowest']})",
            f"{results['start_seconds_slowest']:.2f}",
        ],
    ]
    return _table(["workflow", "seconds"], rows)


def _median(seconds: dict[str, Any]) -> str:
    return f"{seconds['median']:.2f}"


def _memory(results: dict[str, Any]) -> list[str]:
    rows = [
        [
            f"train, {row['lengths']}, {row['words']:,} words, {row['precision']}",
            f"{row['peak_mib']:,.0f}",
        ]
        for row in results["training"]
    ]
    prepared = results["preparation"]
    lines = f"prepare, {prepared['lines']['train']:,} sentences to train on"
    return _table(["peak memory", "MiB"], [*rows, [lines, f"{prepared['peak_mib']:,.0f}"]])


def _precision(results: dict[str, Any]) -> list[str]:
    header = ["seed", *(f"{what} in {name}" for name in results["ends"] for what in ("D", "R"))]
    rows = [
        [
            str(seed),
            *(f"{ends[index][what]:.2f}" for ends in results["ends"].values() for what in "DR"),
        ]
        for index, seed in enumerate(results["seeds"])
    ]
    means = ["mean", *(f"{mean[what]:.2f}" for mean in results["means"].values() for what in "DR")]
    summary = (
        f"{results['corpus']}, {results['sentences']:,} sentences, {results['words']:,} words,"
        f" {results['model']}, C = {results['C']:g}, {results['epochs']} epochs: D in bfloat16"
        f" differs by {results['difference']['D']:+.2%}, R by {results['difference']['R']:+.2%}"
    )
    return [summary, "", *_table(header, [*rows, means])]


def draw(cases: list[dict[str, Any]], files: Mapping[str, Path]) -> None:
    """Draw tokens per second of each training beside the plain loop's; files: form -> path."""
    names = list(cases[0]["variants"])
    with look():
        figure = Figure(figsize=(6.3, 0.62 * len(cases) + 0.9), layout="constrained")
        axes = figure.add_subplot()
        shades = [str(0.85 - 0.6 * place / (len(names) - 1)) for place in range(len(names))]
        height = 0.8 / len(names)
        for place, (name, shade) in enumerate(zip(names, shades, strict=True)):
            speeds = [case["variants"][name]["tokens_per_second"] for case in cases]
            ratios = [case["variants"][name]["ratio_to_plain"] for case in cases]
            at = [row + (place - (len(names) - 1) / 2) * height for row in range(len(cases))]
            bars = axes.barh(at, speeds, height, color=shade, label=name)
            labels = [f"{ratio:.1f}x" for ratio in ratios]
            axes.bar_label(bars, labels, padding=2, fontsize=6.5, color=GREY)
        axes.set_yticks(
            range(len(cases)),
            [f"{case['model']}\n{case['corpus']}, {case['words']:,}" for case in cases],
        )
        axes.invert_yaxis()
        axes.set_xlabel("tokens a second in training; beside each bar, to the plain loop")
        add_legend(figure, axes.get_legend_handles_labels()[0])
        save(figure, "Speed of training", files)
