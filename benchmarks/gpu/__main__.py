"""`python -m benchmarks.gpu`: check and time trainings on a GPU within a few minutes.

Correctness first; then tokens per second of one cell by several implementations, of many cells at
once, and of the paper's other models; then what the paper would cost. Results are written as JSON
after every stage; a stage that would not end in time is left out, and one that fails is named.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CROWDS = (2, 4, 8, 16)


@dataclass(frozen=True)
class Size:
    """How much is run. size: of the small cell, and with `tiny` of all; None is the paper's."""

    rounds: int
    batches: int
    batch: int
    words: dict[str, int]
    size: int | None
    crowds: tuple[int, ...]
    checked_batches: int


FULL = Size(5, 40, 128, {"cbt-like": 12_000, "yahoo-like": 20_000}, None, CROWDS, 60)
TINY = Size(1, 1, 4, {"cbt-like": 60, "yahoo-like": 60}, 8, (2,), 4)


class Run:
    """The stages within a time limit, and their results."""

    def __init__(self, seconds: float, path: Path, results: dict[str, Any]) -> None:
        self.start, self.seconds, self.path = time.monotonic(), seconds, path
        self.results = {**results, "left_out": {}, "failed": {}, "stage_seconds": {}}

    def stage(self, name: str, estimate: float, work: Callable[[], Any]) -> Any:
        """Run a stage if its estimated seconds are left; return its result, None without one."""
        begun = time.monotonic()
        left = self.seconds - (begun - self.start)
        if left < estimate:
            reason = f"{left:.0f} s left, about {estimate:.0f} needed"
            self.results["left_out"][name] = reason
            print(f"{name}: left out: {reason}", flush=True)
            result = None
        else:
            try:
                result = work()
                self.results[name] = result
            except Exception as error:
                message = f"{type(error).__name__}: {error}".splitlines()[0]
                self.results["failed"][name] = message
                print(f"{name}: failed: {message}", flush=True)
                result = None
        seconds = time.monotonic() - begun
        self.results["stage_seconds"][name] = round(seconds, 1)
        print(f"{name}: {seconds:.0f} s, {time.monotonic() - self.start:.0f} in all", flush=True)
        self.write()
        return result

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.results, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=450, help="after which no stage begins")
    parser.add_argument("--output", type=Path, default=Path("results", "benchmark-gpu"))
    parser.add_argument("--tiny", action="store_true", help="a few sentences, to test the script")
    args = parser.parse_args()
    # One thread, here and in all child processes: several wait for each other.
    os.environ["OMP_NUM_THREADS"] = "1"
    if problem := missing(args.device):
        sys.exit(f"benchmarks.gpu: {problem}")
    import torch

    from benchmarks.gpu import STAND_INS

    where = {
        "device": torch.cuda.get_device_name(args.device) if args.device != "cpu" else "cpu",
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),
        "python": sys.version.split()[0],
        "stand_ins": STAND_INS,
        # Without MPS, the processes that share a GPU take turns on it.
        "mps": Path(os.environ.get("CUDA_MPS_PIPE_DIRECTORY", "/tmp/nvidia-mps")).exists(),
        "tiny": args.tiny,
    }
    run = Run(args.seconds, args.output / "benchmark-gpu.json", where)
    with tempfile.TemporaryDirectory(prefix="textvae-gpu-") as folder:
        stages(run, TINY if args.tiny else FULL, args.device, Path(folder))
    text = "\n".join(report(run.results)) + "\n"
    (args.output / "benchmark-gpu.md").write_text(text)
    print(text, end="")
    if run.results["failed"] or not all(check["passed"] for check in checks(run.results)):
        sys.exit("benchmarks.gpu: a check or a stage failed")


def missing(device: str) -> str | None:
    """Return what this machine lacks, None if it lacks nothing."""
    if sys.version_info < (3, 11):  # noqa: UP036
        return f"Python {sys.version.split()[0]}, expected 3.11 or newer"
    for name in ("numpy", "torch"):
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed"
    import torch

    release = tuple(int(part) for part in torch.__version__.split(".")[:2])
    if release < (2, 11):
        return f"torch {torch.__version__}, expected 2.11 or newer"
    if device != "cpu" and not torch.cuda.is_available():
        return "torch sees no GPU; --device cpu --tiny tests the script"
    return None


def stages(run: Run, size: Size, device: str, folder: Path) -> None:
    import torch

    from benchmarks.gpu import correct, price, speed
    from benchmarks.texts import write_corpus
    from benchmarks.turns import LANGUAGE_MODEL, Case
    from textvae.runtime.device import select_device

    where = select_device(device)
    tiny = run.results["tiny"]
    slow, apart = (0, False) if tiny else (1, True)
    small = Case("cbt-like", 60 if tiny else 300, "lstm", size.checked_batches, 32, size.size or 32)
    texts = {}
    for kind, words in {**size.words, "small": small.words}.items():
        needed = size.batches * size.batch * (size.rounds + 1)
        if kind == "small":
            needed = small.batches * small.batch
        texts[kind] = folder / kind
        sizes = {"train": needed, "valid": 10 if tiny else 300, "test": 10}
        write_corpus(texts[kind], "cbt-like" if kind == "small" else kind, words, sizes)

    run.stage("decodings", 20 * slow, lambda: correct.decodings(where))
    run.stage("trainings", 40 * slow, lambda: correct.trainings(small, texts["small"], where))

    def case(model: str, kind: str, batches: int = size.batches) -> Case:
        return Case(kind, size.words[kind], model, batches, size.batch, size.size)

    # On documents a batch has five times the tokens.
    cases = [case(m, "cbt-like") for m in ("lstm", "gru", "cnn", LANGUAGE_MODEL)]
    cases += [case(each.model, "yahoo-like", max(1, size.batches // 5)) for each in cases]
    first, *others = cases
    rounds = size.rounds
    turns = speed.variants(first, texts["cbt-like"], rounds, device)
    measured = [
        run.stage(
            "lstm, cbt-like", 70 * slow, lambda: speed.one_cell(first, turns, rounds, device, apart)
        )
    ]
    crowds: dict[str, dict[str, float]] = {"streams": {}, "processes": {}}
    run.results["cells_at_once"] = crowds

    def crowd(how: str, count: int, estimate: float) -> None:
        work = getattr(speed, how)
        speeds = run.stage(
            f"{count} cells in {how}",
            estimate * slow,
            lambda: work(first, texts["cbt-like"], count, min(3, rounds), device),
        )
        if speeds:
            crowds[how][str(count)] = speeds

    for count in size.crowds:
        crowd("streams", count, 15 + 3 * count)
    for count in size.crowds[:2]:
        crowd("processes", count, 20 + 2 * count)
    for each in others if slow else others[:1]:
        chosen = speed.variants(each, texts[each.corpus], rounds, device)
        names = [name for name in (speed.PLAIN, speed.OURS, speed.GRAPHS) if name in chosen]
        work = {name: chosen[name] for name in names}
        name = f"{each.model}, {each.corpus}"
        measured.append(
            run.stage(
                name,
                25 * slow,
                lambda each=each, work=work: speed.one_cell(
                    each, work, min(3, rounds), device, apart
                ),
            )
        )
    for count in size.crowds[2:]:
        crowd("processes", count, 20 + 2 * count)
    done = [each for each in measured if each]
    run.stage("price", 0, lambda: price.of_paper(done, crowds))
    if device != "cpu":
        run.results["peak_memory_mib"] = round(torch.cuda.max_memory_allocated(where) / 2**20)
        run.write()


def checks(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all checks of correctness."""
    return [*results.get("decodings", []), *results.get("trainings", [])]


def report(results: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    mps = "with" if results["mps"] else "without"
    versions = f"torch {results['torch']}; cuDNN {results['cudnn']}; {mps} MPS"
    lines = [f"{results['device']}; {versions}", ""]
    every = checks(results)
    failed = [check for check in every if not check["passed"]]
    lines.append(f"{len(every) - len(failed)} of {len(every)} checks passed")
    lines += [f"failed: {json.dumps(check)}" for check in failed]
    lines += ["", "| training | by | tokens/s | to plain in TF32 | MiB |", "| --- " * 5 + "|"]
    for name, value in results.items():
        if isinstance(value, dict) and "variants" in value:
            lines += [
                f"| {name} | {by} | {row['tokens_per_second']:,.0f} |"
                f" {row['ratio_to_plain']:.2f} | {row['peak_memory_mib']:,} |"
                for by, row in value["variants"].items()
            ]
    lines += ["", "| cells at once | in | tokens/s together |", "| --- " * 3 + "|"]
    lines += [
        f"| {count} | {how} | {speed:,.0f} |"
        for how, speeds in results.get("cells_at_once", {}).items()
        for count, speed in speeds.items()
    ]
    if price := results.get("price"):
        lines += ["", *(f"{what}: {value}" for what, value in price.items() if what != "groups")]
    for kind in ("left_out", "failed"):
        lines += [f"{kind.replace('_', ' ')}: {k}: {v}" for k, v in results[kind].items()]
    return lines


if __name__ == "__main__":
    main()
