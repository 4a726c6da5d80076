"""`textvae interpolate`: sentences along a line between two samples of the prior (Table 2)."""

import argparse
from pathlib import Path

from textvae.commands import decoder
from textvae.commands.bounds import at_least
from textvae.errors import InputError, one_line
from textvae.schemes import Scheme


def arguments(parser: argparse.ArgumentParser) -> None:
    decoder.add_flags(parser)
    parser.add_argument(
        "--decodings",
        nargs="+",
        default=["greedy"],
        metavar="SCHEME",
        help="greedy, top15, nucleus0.9 ...",
    )
    parser.add_argument("--points", type=int, default=7, help="codes on the line, both ends too")
    parser.add_argument("--lines", type=Path, help="file of `textvae codes --lines`")
    parser.add_argument("--line", type=int, default=1, help="which line, counted from 1")
    parser.add_argument("--seed", type=int, default=1, help="of the draws, and of lines drawn anew")
    parser.add_argument("--output", type=Path, help="JSON file; printed as text if not given")


def run(args: argparse.Namespace) -> None:
    schemes = [Scheme.parse(name) for name in args.decodings]
    at_least(args, points=2, line=1, seed=0)

    from textvae.files import write_json
    from textvae.generation.codes import line_ends, load, points
    from textvae.generation.synthesis import Tally, synthesise, warn

    trained, longest = decoder.model(args), decoder.longest(args)
    latent = trained.model.architecture.latent
    ends = load(args.lines, 3, latent) if args.lines else line_ends(args.line, latent, args.seed)
    if args.line > len(ends):
        raise InputError(f"--line: {args.line} asked for, {args.lines} has {len(ends)}")
    (codes,) = points(ends[args.line - 1 : args.line], args.points)
    said = {}
    for scheme in schemes:
        tally = Tally()
        seed = (args.seed, args.line)
        said[scheme.name] = list(synthesise(trained, codes, scheme, seed, longest, tally))
        warn(f"{trained.cell}, {scheme.name}, line {args.line}", tally, longest)
    if args.output:
        write_json(args.output, {"cell": trained.cell.as_dict(), "decodings": said})
        return
    for name, sentences in said.items():
        print(name)
        for number, sentence in enumerate(sentences, start=1):
            print(f"{number:4}  {one_line(sentence)}")
