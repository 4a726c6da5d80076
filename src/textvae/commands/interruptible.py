"""Flags and manners of the commands that train: where to, on what, and how they are stopped."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textvae.commands import device
from textvae.commands.bounds import at_least
from textvae.errors import InputError

# Seconds to wait for SLURM to end a job; after more than that it ends by itself.
LONGEST_GRACE = 300


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--output, --checkpoints, --checkpoint-minutes, --device and --threads."""
    parser.add_argument("--output", type=Path, required=True, help="model folder to write")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder to keep them in, by default OUTPUT.checkpoints"
    )
    parser.add_argument(
        "--checkpoint-minutes", type=float, default=10, help="between two checkpoints"
    )
    device.add_flags(parser)


def check(args: argparse.Namespace) -> None:
    """InputError where a flag is not what it should be."""
    at_least(args, checkpoint_minutes=0)
    if not args.output.name:
        raise InputError(f"--output: {args.output} is not the name of a folder to be made")
    if args.output.is_file():
        raise InputError(f"--output: {args.output} is a file, expected a folder or a new name")


def run(args: argparse.Namespace, train: Callable[[Path, Path, float], None]) -> None:
    """`train` into the folder, with its checkpoints; a signal that stops it ends the process."""
    from textvae.optimisation.signals import Stopped

    checkpoints = args.checkpoints or args.output.with_name(f"{args.output.name}.checkpoints")
    try:
        train(args.output, checkpoints, args.checkpoint_minutes)
    except Stopped as stopped:
        with suppress(OSError):  # what reads the log may have been stopped before
            print(f"textvae {args.command}: {stopped}", file=sys.stderr)
        if stopped.signal == signal.SIGTERM and "SLURM_JOB_ID" in os.environ:
            # To SLURM a job that is preempted and ends by itself has failed; one that it has to end
            # is queued again. It ends all that it sends SIGTERM to, when a time of grace is over.
            time.sleep(LONGEST_GRACE)
        # What a process that the signal ended looks like to whoever sent it.
        sys.exit(128 + stopped.signal)
