"""The output of the commands that measure: a JSON file, or the terminal."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.errors import InputError
from textvae.io import json_text, write_json
from textvae.spec import MOST


def at_least(args: argparse.Namespace, **bounds: int) -> None:
    """InputError where a flag that was given is below its bound, or a whole number above MOST."""
    for name, bound in bounds.items():
        value, flag = getattr(args, name), name.replace("_", "-")
        # Not below it, because NaN is not at least anything.
        if value is not None and not value >= bound:
            raise InputError(f"--{flag}: {value} is not a number of at least {bound}")
        if type(value) is int and value > MOST:
            raise InputError(f"--{flag}: {value} is not a number of at most {MOST}")


def shows(args: argparse.Namespace, name: str) -> None:
    """InputError where a flag that was given is not a text that a file and a terminal can show."""
    value = getattr(args, name)
    if value is not None and not value.isprintable():
        raise InputError(f"--{name}: {value!r:.80} has characters in it that do not show")


if TYPE_CHECKING:
    import torch


def add_device_flags(parser: argparse.ArgumentParser) -> None:
    """--device, --cells-per-gpu and --threads."""
    parser.add_argument(
        "--device", default="cpu", help="cpu, cuda, cuda:1 or auto (cuda where there is one)"
    )
    parser.add_argument(
        "--cells-per-gpu",
        type=int,
        default=1,
        help="with cuda and auto: wait for a GPU that fewer processes have",
    )
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")


def device_of(args: argparse.Namespace) -> "torch.device":
    """The device of --device, with so many --threads beside it.

    `cuda` and `auto` claim one of the visible GPUs for as long as this process lives; `cuda:1` says
    itself which, and claims none.
    """
    from textvae.runtime import gpus
    from textvae.runtime.device import select_device, use_threads

    at_least(args, cells_per_gpu=1)
    use_threads(args.threads)
    if args.device not in ("cuda", "auto"):
        return select_device(args.device)
    claim = gpus.claim(args.cells_per_gpu)
    device = select_device(args.device)
    if claim is not None and device.type == "cpu":
        claim.release()
        print("torch finds no CUDA here: computing on the CPU", file=sys.stderr, flush=True)
    if claim is None and device.type == "cuda":
        print(
            "no GPU is told by nvidia-smi: processes may meet on one", file=sys.stderr, flush=True
        )
    return device


if TYPE_CHECKING:
    from textvae.models.saved import TrainedModel

LONGEST = 50


def add_decoder_flags(parser: argparse.ArgumentParser) -> None:
    """--model, --longest, --corpus, --device and --threads."""
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--longest", type=int, help=f"cut sentences after so many words; if not given, {LONGEST}"
    )
    length.add_argument(
        "--corpus",
        type=Path,
        help="prepared corpus folder: cut after as many words as its longest sentence to train on"
        " has with its end mark",
    )
    add_device_flags(parser)


def model_of(args: argparse.Namespace) -> "TrainedModel":
    """The model of --model on --device."""
    from textvae.models import saved

    return saved.load(args.model, device_of(args))


def max_words(args: argparse.Namespace) -> int:
    """After how many words a sentence is cut."""
    from textvae.corpora.encoded import EncodedCorpus

    if args.corpus is not None:
        return EncodedCorpus(args.corpus).counted("train", "longest") + 1
    if args.longest is None:
        return LONGEST
    at_least(args, longest=1)
    return args.longest


def write_json_output(value: Any, path: Path | None) -> None:
    """Write `value` to the file, or print it where none is given."""
    if path:
        write_json(path, value)
    else:
        print(json_text(value, ensure_ascii=True))
