"""Ends of lines through the latent space of a model."""

import argparse
from hashlib import sha256
from pathlib import Path

from textvae.commands import options
from textvae.commands.subjects.subject import Subject
from textvae.errors import InputError
from textvae.registry import Declaration


def add_flags(parser: argparse.ArgumentParser, declaration: Declaration) -> None:
    """Add the model, and --lines or their number and seed."""
    options.add_decoder_flags(parser)
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument("--lines", type=Path, help="file of `textvae codes --lines`")
    lines.add_argument("--count", type=int, help="number of lines to draw, default 200")
    parser.add_argument("--seed", type=int, help="seed of the drawn lines, default 1")


def read(args: argparse.Namespace, declaration: Declaration) -> Subject:
    """Read a model, and the ends of lines through its latent space."""
    from textvae.generation.codes import line_ends, load

    options.at_least(args, seed=0, count=1)
    if args.lines and args.seed is not None:
        raise InputError("--seed: cannot be used with --lines, a file of drawn ones")
    seed = 1 if args.seed is None else args.seed
    trained = options.load_model(args)
    longest = options.max_words(args, trained)
    latent = trained.model.architecture.latent
    count = 200 if args.count is None else args.count
    ends = load(args.lines, 3, latent) if args.lines else line_ends(count, latent, seed)
    return Subject(
        trained.cell,
        "prior",
        len(ends),
        (trained, ends),
        {"longest": longest},
        settings={"longest": longest} | ({} if args.lines else {"seed": seed}),
        # More lines begin with the same ones.
        origin=options.origin_of(trained)
        | {"dimensions": latent, "lines_sha256": sha256(ends[0].tobytes()).hexdigest()},
    )
