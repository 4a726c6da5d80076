"""`textvae codes`: latent codes from the prior, for every model and decoding alike."""

import argparse
from pathlib import Path

from textvae.commands.bounds import at_least


def arguments(parser: argparse.ArgumentParser) -> None:
    count = parser.add_mutually_exclusive_group(required=True)
    count.add_argument("--sentences", type=int, help="codes of a synthetic corpus of so many")
    count.add_argument("--corpus", type=Path, help="as many as this prepared corpus trains on")
    count.add_argument("--lines", type=int, help="two codes for each of so many lines")
    parser.add_argument("--latent", type=int, required=True, help="dimensions of z")
    parser.add_argument("--seed", type=int, default=1, help="of the draws")
    parser.add_argument("--copy", type=int, default=1, help="which copy of the corpus")
    parser.add_argument("--output", type=Path, required=True, metavar="NPY", help="float32 array")


def run(args: argparse.Namespace) -> None:
    from textvae.corpora.encoded import EncodedCorpus, save_array
    from textvae.generation.codes import corpus_codes, line_ends

    at_least(args, seed=0, copy=1, sentences=1, lines=1, latent=1)
    if args.lines is not None:
        save_array(args.output, line_ends(args.lines, args.latent, args.seed))
        return
    count = args.sentences
    if count is None:
        count = EncodedCorpus(args.corpus).counted("train", "sentences")
    save_array(args.output, corpus_codes(count, args.latent, args.seed, args.copy))
