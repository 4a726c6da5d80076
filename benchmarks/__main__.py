"""`python -m benchmarks`: measure, print the tables, and write benchmark.{json,md,pdf,svg,png}."""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

PARTS = ("training", "measuring", "workflow", "memory", "precision")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help=f"of {', '.join(PARTS)}; all if none (precision: with --corpus)"
    )
    parser.add_argument("--rounds", type=int, help="of each measurement; 5, or 2 with --small")
    parser.add_argument("--small", action="store_true", help="a minute's worth, for a glance")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--side-by-side",
        type=int,
        nargs="*",
        default=[],
        help="so many trainings at once as well, such as 2 4 8 on a GPU",
    )
    parser.add_argument(
        "--corpus", type=Path, help="prepared corpus of real text, for the part precision"
    )
    parser.add_argument("--sentences", type=int, default=8000, help="of it to train on")
    parser.add_argument("--output", type=Path, default=Path("results/benchmark"))
    args = parser.parse_args()
    parts = args.parts or [part for part in PARTS if part != "precision" or args.corpus]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(PARTS)}")
    if "precision" in parts and args.corpus is None:
        parser.error("the part precision takes --corpus, a folder of `textvae prepare`")
    rounds = args.rounds or (2 if args.small else 5)
    if rounds < 1:
        parser.error(f"--rounds: {rounds} is not a number of at least 1")
    # Before torch is imported: one thread, here and in all that is started.
    os.environ["OMP_NUM_THREADS"] = "1"
    from textvae.errors import InputError

    try:
        run(parts, rounds, args)
    except InputError as error:
        sys.exit(f"benchmarks: {error}")


def run(parts: list[str], rounds: int, args: argparse.Namespace) -> None:
    import torch

    from benchmarks import cost, measuring, memory, precision, report, training, workflow
    from textvae.files import write_json, write_text
    from textvae.run.machine import this_machine

    path = args.output / "benchmark.json"
    # What an earlier run measured of other parts stays.
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    found |= {"machine": asdict(this_machine()), "torch": torch.__version__}
    with tempfile.TemporaryDirectory(prefix="textvae-benchmark-") as folder:
        for part in parts:
            if part == "training":
                cases = training.SMALL_CASES if args.small else training.CASES
                crowds = tuple(args.side_by_side)
                found[part] = training.measure(cases, rounds, args.device, crowds, Path(folder))
                found["cost"] = cost.of_paper(found[part], "bfloat16")
                report.draw(
                    found[part], *(path.with_suffix(f".{s}") for s in ("pdf", "svg", "png"))
                )
            elif part == "measuring":
                found[part] = measuring.measure(rounds, args.device, args.small)
            elif part == "workflow":
                found[part] = workflow.measure(1 if args.small else rounds)
            elif part == "memory":
                found[part] = memory.measure(Path(folder), args.small)
            else:
                sizes = args.sentences, 2000
                found[part] = precision.measure(args.corpus, "lstm", *sizes, 10, [1, 2, 3])
            write_json(path, found)
    text = report.markdown(found)
    write_text(path.with_suffix(".md"), text)
    print(text, end="")


if __name__ == "__main__":
    main()
