"""The `textvae` command: one subcommand a step of the workflow, each usable by hand.

A subcommand is a module of `textvae.commands` with two functions, `arguments(parser)` and
`run(args)`. Only the module that was asked for is imported, and it imports its own room inside
`run`, so that a step which needs no torch starts in a fraction of a second.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from textvae import __version__
from textvae.errors import InputError

COMMANDS = {
    "grammar": "sample the embedded corpus, with its exact entropy",
    "fetch": "download a corpus, check it, unpack it",
    "prepare": "raw text to vocabulary, encoded splits and statistics",
    "pairs": "minimal pairs as a table: Marvin and Linzen's, or the embedded grammar's",
    "train": "train one cell: one corpus, model, C and seed",
    "evaluate": "measure a trained model on a test split or on a text of your own",
    "score": "BLEU and ROUGE of one text file against another",
    "self-bleu": "how alike the sentences of a text are: self-BLEU-4 and pairwise BLEU-4",
    "codes": "draw latent codes from the prior, for every model and decoding alike",
    "sample": "sentences that a trained model makes of codes from the prior",
    "interpolate": "sentences along a line between two samples of the prior",
    "sensitivity": "how often neighbouring codes decode to different sentences",
    "probe": "what a linear classifier reads out of the code: grammaticality and number",
    "describe": "count what there is to count in a synthetic corpus",
    "common-dictionary": "the words that several texts share",
    "language-model": "train an LSTM language model on one text, from scratch",
    "kneser-ney": "a modified Kneser-Ney 5-gram model of one text, by KenLM",
    "fce": "forward and reverse cross-entropy of one synthetic corpus",
    "syntax": "whether a trained model prefers the grammatical sentence of minimal pairs",
    "gather": "collect the measurements of an experiment into one tidy table",
    "table1": "the paper's Table 1 as .tex, .csv and .html",
    "table2": "the paper's Table 2 as .tex, .csv and .html, and the sensitivity of decoders",
    "table3": "the paper's Table 3 as .tex, .csv and .html",
    "table4": "the paper's Table 4 and linear probes of the codes, as .tex, .csv and .html",
    "section3_2": "the KL of the aggregated posterior (section 3.2) as .tex, .csv and .html",
    "collapse": "the controls against posterior collapse as .tex, .csv and .html",
    "figure1": "the paper's Figure 1 as .pdf, .svg, .png and .csv",
    "curves": "how the cells of an experiment trained: D, R and R - C, as .pdf, .svg and .png",
}


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser, with the arguments of `command` alone (its module is the only one imported)."""
    parser = argparse.ArgumentParser(prog="textvae", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"textvae {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
            allow_abbrev=False,
        )
        if name == command:
            module = _module(name)
            module.arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is 0, 1 for a wrong input, 2 for wrong arguments."""
    argv = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in argv if not word.startswith("-")), None)
    args = build_parser(command if command in COMMANDS else None).parse_args(argv)
    try:
        args.run(args)
    except InputError as error:
        print(f"textvae {args.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"textvae {args.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, say) has gone; keep the interpreter's exit quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"textvae {args.command}: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _module(name: str):
    return importlib.import_module(f"textvae.commands.{name.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
