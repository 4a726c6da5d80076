"""`python -m benchmarks`: measure, print the tables, and write benchmark.{json,md,pdf,svg,png}."""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

PARTS = ("training", "loss", "measuring", "workflow", "memory", "precision")
COMPARED = ("training", "measuring", "workflow")
FIGURE_FORMS = ("pdf", "svg", "png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"of {', '.join(PARTS)}; all if none (precision: with --corpus)"
    )
    parser.add_argument("--rounds", type=int, help="of each measurement; 5, or 2 with --small")
    parser.add_argument("--small", action="store_true", help="two minutes' worth, for a glance")
    parser.add_argument(
        "--device", default="cpu", help="cpu or cuda; of training, loss and measuring"
    )
    parser.add_argument(
        "--side-by-side",
        type=int,
        nargs="*",
        default=[],
        help="also measure this many trainings at once, such as 2 4 8 on a GPU",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="CHECKOUT",
        help="compare with another checkout of this project: training and measuring, on the CPU,"
        " and the workflow",
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="with --baseline: work with this in its name"
    )
    parser.add_argument(
        "--corpus", type=Path, help="prepared corpus of real text, for the part precision"
    )
    parser.add_argument("--sentences", type=int, default=8000, help="of it to train on")
    parser.add_argument(
        "--output", type=Path, help="results/benchmark, or results/benchmark-small with --small"
    )
    args = parser.parse_args()
    possible = COMPARED if args.baseline else PARTS
    parts = args.parts or [part for part in possible if part != "precision" or args.corpus]
    if unknown := [part for part in parts if part not in possible]:
        with_baseline = " with --baseline" if args.baseline else ""
        parser.error(f"{unknown[0]!r} is not one of {', '.join(possible)}{with_baseline}")
    if "precision" in parts and args.corpus is None:
        parser.error("the part precision takes --corpus, a folder of `textvae prepare`")
    if args.rounds is None:
        args.rounds = 2 if args.small else 5
    if args.rounds < 1:
        parser.error(f"--rounds: {args.rounds} is not a number of at least 1")
    if args.output is None:
        args.output = Path("results", "benchmark-small" if args.small else "benchmark")
    # Set before torch is imported: one thread, here and in all child processes, and huge pages as
    # in the workflow.
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    from textvae.errors import InputError

    try:
        if args.baseline:
            compare(parts, args)
        else:
            run(parts, args)
    except InputError as error:
        sys.exit(f"benchmarks: {error}")


def compare(parts: list[str], args: argparse.Namespace) -> None:
    from benchmarks import baseline, overheads
    from textvae.errors import InputError
    from textvae.io import write_json, write_text
    from textvae.run.information import this_machine

    every = [task for task in baseline.tasks(args.small) if task.part in parts]
    chosen = [task for task in every if args.only in task.name]
    runs = [*overheads.RUNS] if "workflow" in parts else []
    chosen_runs = [name for name in runs if args.only in name]
    if not chosen and not chosen_runs:
        names = "; ".join([*(task.name for task in every), *runs])
        raise InputError(f"--only {args.only!r}: in no name of {names}")
    results = {"machine": asdict(this_machine()), "baseline": str(args.baseline)}
    results["rounds"] = args.rounds
    tables = []
    if chosen:
        results["work"] = baseline.measure(args.baseline, chosen, args.rounds)
        tables += baseline.table(results["work"])
    if chosen_runs:
        results["workflow"] = overheads.measure(args.baseline, chosen_runs, args.rounds)
        tables += [""] * bool(tables) + overheads.table(results["workflow"])
    write_json(args.output / "baseline.json", results)
    text = "\n".join(tables) + "\n"
    write_text(args.output / "baseline.md", text)
    print(text, end="")


def run(parts: list[str], args: argparse.Namespace) -> None:
    import torch

    from benchmarks import cost, loss, measuring, memory, precision, report, training, workflow
    from textvae.io import write_json, write_text
    from textvae.models.kernels.precision import multiplies_bfloat16
    from textvae.run.information import this_machine
    from textvae.runtime.device import select_device

    device = select_device(args.device)
    fastest = "bfloat16" if multiplies_bfloat16(device) else "float32"
    where = {"machine": asdict(this_machine()), "torch": torch.__version__, "small": args.small}
    where = json.loads(json.dumps(where | {"device": args.device}))
    path = args.output / "benchmark.json"
    earlier = json.loads(path.read_text()) if path.exists() else {}
    # Keep earlier results of other parts if they were measured in the same environment.
    results = earlier if where.items() <= earlier.items() else where
    with tempfile.TemporaryDirectory(prefix="textvae-benchmark-") as folder:
        for part in parts:
            if part == "training":
                cases = training.SMALL_CASES if args.small else training.CASES
                crowds = tuple(args.side_by_side)
                measured = training.measure(cases, args.rounds, args.device, crowds, Path(folder))
                results |= {part: measured, "cost": cost.of_paper(measured, fastest)}
                report.draw(measured, {form: path.with_suffix(f".{form}") for form in FIGURE_FORMS})
            elif part == "loss":
                results[part] = loss.measure(args.rounds, args.device, args.small)
            elif part == "measuring":
                results[part] = measuring.measure(args.rounds, args.device, args.small)
            elif part == "workflow":
                results[part] = workflow.measure(1 if args.small else args.rounds)
            elif part == "memory":
                results[part] = memory.measure(Path(folder), args.small)
            else:
                sizes = args.sentences, 2000
                results[part] = precision.measure(args.corpus, "lstm", *sizes, 10, [1, 2, 3])
            write_json(path, results)
    text = report.markdown(results)
    write_text(path.with_suffix(".md"), text)
    print(text, end="")


if __name__ == "__main__":
    main()
