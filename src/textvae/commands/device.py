"""Flags of the commands that run a model: where."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--device and --threads."""
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or auto")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")


def select(args: argparse.Namespace) -> "torch.device":
    """The device of --device, with so many --threads beside it."""
    from textvae.models.device import select_device

    return select_device(args.device, args.threads)
