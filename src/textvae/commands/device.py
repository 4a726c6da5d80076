"""Flags of the commands that run a model: where."""

import argparse
import sys
from typing import TYPE_CHECKING

from textvae.commands.bounds import at_least

if TYPE_CHECKING:
    import torch


def add_flags(parser: argparse.ArgumentParser) -> None:
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


def select(args: argparse.Namespace) -> "torch.device":
    """The device of --device, with so many --threads beside it.

    `cuda` and `auto` claim one of the visible GPUs for as long as this process lives; `cuda:1` says
    itself which, and claims none.
    """
    from textvae import gpus
    from textvae.models.device import select_device, use_threads

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
