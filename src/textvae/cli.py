"""The `textvae` command: one subcommand a step of the workflow, each usable by hand.

A subcommand NAME is two functions in a module of `textvae.commands`: `NAME_arguments(parser)` and
`run_NAME(args)`. Only the module of the subcommand that was asked for is imported, and `run_NAME`
imports what it needs itself, so that a step which needs no torch starts in a fraction of a second.
"""

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from textvae import __version__
from textvae.errors import InputError, one_line
from textvae.io import fault

COMMANDS = {
    "grammar": "sample the embedded corpus, with its exact entropy",
    "fetch": "download a corpus, check it, unpack it",
    "split": "one text as splits for training, validation and test",
    "prepare": "raw text to vocabulary, encoded splits and statistics",
    "pairs": "minimal pairs as a table: Marvin and Linzen's, or the embedded grammar's",
    "train": "train one cell: one corpus, model, C and seed",
    "measure": "one measurement of a trained model, or of what it generated",
    "score": "BLEU and ROUGE of one text file against another",
    "self-bleu": "how alike the sentences of a text are: self-BLEU-4 and pairwise BLEU-4",
    "codes": "draw latent codes from the prior, for every model and decoding alike",
    "sample": "sentences that a trained model makes of codes from the prior",
    "interpolate": "sentences along a line between two samples of the prior",
    "common-dictionary": "the words that several texts share",
    "language-model": "train an LSTM language model on one text, from scratch",
    "kneser-ney": "a modified Kneser-Ney 5-gram model of one text, by KenLM",
    "gather": "collect the measurements of an experiment into one tidy table",
    "render": "any table or figure of the paper, or of your own, from gathered measurements",
    "document": "tables and figures as one PDF, by LaTeX",
    "costs": "what each rule of a run cost: time and memory, as .tex, .csv and .html",
    "run-information": "configuration, versions and machine of a run, as .yaml, .json and .html",
    "provenance": "the code that a result stands on, and what of it changed since a run",
}


# Module of `textvae.commands` -> the subcommands in it; any other is a module of its own name.
_GROUPS = {
    "corpus": ("grammar", "fetch", "split", "prepare", "pairs"),
    "train": ("train", "common_dictionary", "language_model", "kneser_ney"),
    "generate": ("codes", "sample", "interpolate"),
    "render": ("render", "document"),
    "measure": ("measure",),
    "score": ("score", "self_bleu", "gather"),
    "run": ("costs", "run_information", "provenance"),
}
# Subcommands of earlier versions -> the words that now take their place.
_RENAMED = {
    "evaluate": "measure",
    "sensitivity": "measure sensitivity",
    "describe": "measure description",
    "fce": "measure fce",
    "syntax": "measure syntax",
    "probe": "measure probe",
} | {
    name: f"render {name}"
    for name in (
        *("table1", "table2", "table3", "table4", "section3_2", "collapse"),
        *("figure1", "curves", "comparison", "claims"),
    )
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
            arguments, run = _functions(name)
            arguments(subparser)
            subparser.set_defaults(run=run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is 0, 1 for a wrong input, 2 for wrong arguments.

    What the machine has too little of (room, memory, rights) is status 1 too.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in argv if not word.startswith("-")), None)
    if command in _RENAMED:
        now = f"textvae {_RENAMED[command]}"
        _say(command, f"this command is now `{now}`; `{now} --help` lists its flags")
        return 2
    called = command or ""
    try:
        args = build_parser(command if command in COMMANDS else None).parse_args(argv)
        # One of several (render table1) gives the words that it was called by.
        called = args.command
        args.run(args)
    except InputError as error:
        _say(called, *error.args)
        return 1
    except KeyboardInterrupt:
        print(f"textvae {called}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (head, say) has gone; keep the interpreter's exit quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, MemoryError, RuntimeError) as error:
        said = _no_memory(error) or (fault(error) if isinstance(error, OSError) else None)
        if said is None:
            raise
        _say(called, said)
        return 1
    return 0


def _say(command: str, *lines: object) -> None:
    print(f"textvae {command}: " + "\n".join(map(one_line, lines)), file=sys.stderr)


def _no_memory(error: Exception) -> str | None:
    """What to say of an error that means that memory ran out, else None.

    torch has errors of its own for it; they are known by what they say, as it is not imported here.
    """
    text = str(error).lower() if isinstance(error, RuntimeError) else ""
    if "out of memory" in text or "cublas_status_alloc_failed" in text:
        return (
            "the memory of the GPU ran out; take a GPU with more, put fewer cells on it"
            " (`cells_per_gpu`), or give the model's entry a smaller `batch`"
        )
    none_left = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if isinstance(error, MemoryError) or none_left or "can't allocate memory" in text:
        return (
            "memory ran out; ask for more (on a cluster, `mem_mb` of the rule in the profile), or,"
            " where a model is trained, give its entry a smaller `batch`"
        )
    return None


def _functions(name: str) -> tuple[Callable, Callable]:
    """The two functions of a subcommand: its arguments, and what it does."""
    name = name.replace("-", "_")
    group = next((group for group, names in _GROUPS.items() if name in names), None)
    module = importlib.import_module(f"textvae.commands.{group or name}")
    if group is None:
        return module.arguments, module.run
    return getattr(module, f"{name}_arguments"), getattr(module, f"run_{name}")


if __name__ == "__main__":
    sys.exit(main())
