"""`textvae sample`: sentences that a trained model makes of codes from the prior."""

import argparse
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from textvae.commands import decoder
from textvae.commands.bounds import at_least
from textvae.schemes import Scheme


def arguments(parser: argparse.ArgumentParser) -> None:
    decoder.add_flags(parser)
    parser.add_argument(
        "--decoding", default="nucleus0.9", metavar="SCHEME", help="greedy, top15, nucleus0.9 ..."
    )
    codes = parser.add_mutually_exclusive_group()
    codes.add_argument("--sentences", type=int, default=10, help="how many, from codes drawn anew")
    codes.add_argument("--codes", type=Path, help="file of `textvae codes`, a sentence a code")
    parser.add_argument("--seed", type=int, default=1, help="of codes and draws")
    parser.add_argument("--copy", type=int, default=1, help="another copy has other draws")
    parser.add_argument("--output", type=Path, help="text file; printed if not given")
    parser.add_argument("--report", type=Path, help="JSON file: what was generated, and how")


def run(args: argparse.Namespace) -> None:
    # Before torch is there, which takes seconds.
    scheme = Scheme.parse(args.decoding)
    at_least(args, seed=0, copy=1, sentences=1)

    from textvae.files import whole, write_json
    from textvae.generation.codes import corpus_codes, load
    from textvae.generation.synthesis import Tally, synthesise, warn

    trained, longest = decoder.model(args), decoder.longest(args)
    latent = trained.model.architecture.latent
    if args.codes:
        codes = load(args.codes, 2, latent)
    else:
        codes = corpus_codes(args.sentences, latent, args.seed, args.copy)
    tally = Tally()
    sentences = synthesise(trained, codes, scheme, (args.seed, args.copy), longest, tally)
    with whole(args.output) if args.output else nullcontext(sys.stdout) as file:
        for sentence in sentences:
            file.write(f"{sentence}\n")
    name = f"{trained.cell}, {args.decoding}, copy {args.copy}"
    warn(name, tally, longest)
    if args.report:
        write_json(
            args.report,
            {
                "cell": trained.cell.as_dict(),
                "decoding": args.decoding,
                "copy": args.copy,
                "seed": args.seed,
                "longest": longest,
                **asdict(tally),
            },
        )
