"""Flags and manners of the commands that train: where to, on what, and how they are stopped."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textvae.commands import device
from textvae.commands.bounds import at_least
from textvae.errors import InputError

if TYPE_CHECKING:
    import torch


class Task(Protocol):
    """What is asked of a task before it is trained."""

    precision: "torch.dtype"
    device: "torch.device"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--output, --checkpoints and how they are kept, --grace, --device and --threads."""
    parser.add_argument("--output", type=Path, required=True, help="model folder to write")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder to keep them in, by default OUTPUT.checkpoints"
    )
    parser.add_argument(
        "--checkpoint-minutes", type=float, default=10, help="between two checkpoints"
    )
    parser.add_argument(
        "--keep-last",
        action="store_true",
        help="leave the checkpoint of the last step, of which the model is soon saved again",
    )
    parser.add_argument(
        "--grace",
        type=float,
        default=0,
        help="once SIGTERM has stopped it: seconds to wait to be killed (SLURM queues again what it"
        " had to kill, and calls failed what ended by itself)",
    )
    device.add_flags(parser)


def check(args: argparse.Namespace) -> None:
    """InputError where a flag is not what it should be."""
    at_least(args, checkpoint_minutes=0, grace=0)
    if not args.output.name:
        raise InputError(f"--output: {args.output} is not the name of a folder to be made")
    if args.output.is_file():
        raise InputError(f"--output: {args.output} is a file, expected a folder or a new name")


def run(args: argparse.Namespace, task: Task, train: Callable[..., None]) -> None:
    """`train` a task into the folder, with its checkpoints; the process ends with it if stopped."""
    from textvae.models import native
    from textvae.optimisation.signals import Stopped

    if reason := native.why_not(task.precision, task.device):
        slow = "the training takes longer without what it would compile"
        print(f"textvae {args.command}: {reason}: {slow}", file=sys.stderr, flush=True)
    checkpoints = args.checkpoints or args.output.with_name(f"{args.output.name}.checkpoints")
    try:
        with native.compiled():
            train(task, args.output, checkpoints, args.checkpoint_minutes, args.keep_last)
    except Stopped as stopped:
        waits = stopped.signal == signal.SIGTERM and args.grace > 0
        more = f"; waiting to be killed, {args.grace:g} s at the most" if waits else ""
        with suppress(OSError):  # what reads the log may have been stopped before
            print(f"textvae {args.command}: {stopped}{more}", file=sys.stderr)
        if waits:
            time.sleep(args.grace)
        # What a process that the signal ended looks like to whoever sent it.
        sys.exit(128 + stopped.signal)
