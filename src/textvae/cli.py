"""The `textvae` command, with a subcommand for each step of the workflow.

A subcommand NAME is two functions in a module of `textvae.commands`: `NAME_arguments(parser)` and
`run_NAME(args)`. Only the module of the requested subcommand is imported, and `run_NAME` imports
what it needs, so that a step without torch starts in a fraction of a second.
"""

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from textvae import __version__
from textvae.errors import InputError, one_line
from textvae.help_text import HelpFormatter, Parser, add_subcommands
from textvae.io import STANDARD_OUTPUT, check_target, fault
from textvae.runtime import costs, environment

# Not taken from the docstring, which PYTHONOPTIMIZE=2 removes.
DESCRIPTION = "The steps of the workflow, one subcommand each."

# Step -> its subcommands -> their summaries.
STEPS = {
    "corpora": {
        "grammar": "sample the embedded corpus, with its exact entropy",
        "fetch": "download, verify and unpack a corpus",
        "split": "split one text at random for training, validation and test",
        "prepare": "prepare a corpus from raw text: vocabulary, encoded splits, statistics",
        "pairs": "write a table of minimal pairs: Marvin and Linzen's, or the embedded grammar's",
    },
    "training": {
        "train": "train one cell: one corpus, model, C and seed",
        "choose-C": "choose C for a text, by distortion, information, a sweep or FCE",
        "common-dictionary": "write the words that several texts share",
        "language-model": "train an LSTM language model on one text, from scratch",
        "kneser-ney": "train a modified Kneser-Ney 5-gram model on one text, by KenLM",
    },
    "generation": {
        "codes": "draw latent codes, to be shared by all models and decodings",
        "sample": "generate sentences from codes of the prior with a trained model",
        "interpolate": "generate sentences along a line between two samples of the prior, or two"
        " sentences of yours",
    },
    "measuring": {
        "measure": "take one measurement of a trained model, or of generated text",
        "encode": "compute the codes and rates of the sentences in a text file",
        "score": "compute BLEU and ROUGE of one text file against another",
        "self-bleu": "compute self-BLEU-4 and pairwise BLEU-4 of a text",
    },
    "tables and figures": {
        "gather": "collect the measurements of an experiment into one tidy table",
        "render": "render a table or figure, the paper's or your own, from gathered measurements",
        "document": "compile tables and figures to one PDF, by LaTeX",
    },
    "the run": {
        "costs": "write time and memory of each rule of a run, as .tex, .csv and .html",
        "run-information": "write configuration, versions and machine of a run, as files",
        "archive": "write a finished run as one zip file, to publish it",
        "excerpt": "copy the small files of a finished run, to keep them beside a text about it",
        "summary": "write a run's numbers, claims and costs into Markdown documents",
        "provenance": "list the code that a result depends on, and its changes since a run",
    },
}
COMMANDS = {name: summary for step in STEPS.values() for name, summary in step.items()}


# Module of `textvae.commands` -> its subcommands; any other subcommand has a module of its name.
_GROUPS = {
    "corpus": ("grammar", "fetch", "split", "prepare", "pairs"),
    "choose": ("choose_C",),
    "train": ("train", "common_dictionary", "language_model", "kneser_ney"),
    "generate": ("codes", "sample", "interpolate"),
    "render": ("render", "document"),
    "measure": ("measure",),
    "score": ("score", "self_bleu", "gather"),
    "run": ("costs", "run_information", "archive", "excerpt", "summary", "provenance"),
}
# Names of the arguments that are files to write.
_WRITTEN = (
    *("output", "report", "bootstrap_output", "jobs", "yaml", "json"),
    *("tex", "csv", "html", "pdf", "svg", "png"),
)
# Subcommands whose `--output` is a folder.
_OF_FOLDERS = frozenset(
    {
        *("grammar", "fetch", "split", "prepare", "choose-C", "train", "language-model"),
        "excerpt",
    }
)
# Files of a model or corpus, without which it is lost.
_PARTS = frozenset(
    {"config.json", "model.safetensors", "vocabulary.txt", "training.jsonl", "statistics.json"}
)
# Subcommand of an earlier version -> its replacement.
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
    """Return the parser, with the arguments of `command` only, whose module is imported."""
    parser = Parser(prog="textvae", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"textvae {__version__}")
    parser.add_argument(
        "--costs",
        metavar="FILE",
        help="write seconds, CPU seconds and peak memory of the command to FILE, however it ends",
    )
    subparsers = add_subcommands(parser, "command", STEPS)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            description=summary[0].upper() + summary[1:] + ".",
            formatter_class=HelpFormatter,
            allow_abbrev=False,
        )
        if name == command:
            arguments, run = _functions(name)
            arguments(subparser)
            subparser.set_defaults(run=run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; return the exit status: 0, 1 for wrong input, 2 for wrong arguments.

    A full disk, too little memory and missing permissions also give status 1; Ctrl-C gives 130.
    """
    environment.prepare()
    path, argv = costs.split_flag(sys.argv[1:] if argv is None else argv)
    try:
        costs.check(path)
    except InputError as error:
        _print_error(None, *error.args)
        return 1
    with costs.recorded(path):
        return _run(argv)


def _run(argv: list[str]) -> int:
    command = next((word for word in argv if not word.startswith("-")), None)
    if command in _RENAMED:
        new = f"textvae {_RENAMED[command]}"
        _print_error(command, f"this command is now `{new}`; `{new} --help` lists its flags")
        return 2
    prefix = command or ""
    try:
        try:
            args = build_parser(command if command in COMMANDS else None).parse_args(argv)
            # A subcommand of `render` sets `command` to "render NAME".
            prefix = args.command
            _check_outputs(args)
            args.run(args)
        finally:
            sys.stdout.flush()
    except InputError as error:
        _print_error(prefix, *error.args)
        return 1
    except KeyboardInterrupt:
        print(f"textvae {prefix}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The program that reads the output (head, say) has closed it.
        _discard_output()
        return 1
    except (OSError, MemoryError, RuntimeError) as error:
        message = _memory_message(error) or (fault(error) if isinstance(error, OSError) else None)
        if message is None:
            raise
        _print_error(prefix, message)
        if getattr(error, "filename", None) == STANDARD_OUTPUT:
            _discard_output()
        return 1
    return 0


def _check_outputs(args: argparse.Namespace) -> None:
    """Raise InputError if a file to write cannot be written, or is one that is read.

    That is one given as another argument, or a part of a model or corpus that is.
    """
    written = {*_WRITTEN, *getattr(args, "also_written", ())}
    # Files that are read come first.
    named = sorted(vars(args).items(), key=lambda item: item[0] in written)
    paths = [
        (name, path)
        for name, value in named
        for path in (value if isinstance(value, list) else [value])
        if isinstance(path, Path)
    ]
    folders = {os.path.realpath(path): name for name, path in paths if path.is_dir()}
    known: dict[str, str] = {}
    for name, path in paths:
        is_folder = name == "output" and args.command in _OF_FOLDERS
        if name in written and not is_folder:
            check_target(path)
        if path.is_dir():
            continue
        other = known.setdefault(os.path.realpath(path), name)
        if name not in written:
            continue
        flag, given = (one.replace("_", "-") for one in (name, other))
        if other != name:
            raise InputError(f"--{flag}: {path} is also given as {given}, expected another file")
        if is_folder or path.name not in _PARTS or not path.exists():
            continue
        if of := folders.get(os.path.realpath(path.parent)):
            raise InputError(
                f"--{flag}: {path} is part of what is given as {of}, expected another file"
            )


def _discard_output() -> None:
    """Discard what standard output has not written, to avoid a second error at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(command: str, *lines: object) -> None:
    command = f" {command}" if command else ""
    print(f"textvae{command}: " + "\n".join(map(one_line, lines)), file=sys.stderr)


def _memory_message(error: Exception) -> str | None:
    """Return a message if an error means that memory ran out, None otherwise.

    Errors of torch, which is not imported here, are recognised by their text.
    """
    text = str(error).lower() if isinstance(error, RuntimeError) else ""
    if "out of memory" in text or "cublas_status_alloc_failed" in text:
        return (
            "the memory of the GPU ran out; take a GPU with more, run fewer cells on it"
            " (`cells_per_gpu`), or give the model's entry a smaller `batch`"
        )
    no_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if isinstance(error, MemoryError) or no_memory or "can't allocate memory" in text:
        return (
            "memory ran out; ask for more (on a cluster, `mem_mb` of the rule in the profile), or,"
            " where a model is trained, give its entry a smaller `batch`"
        )
    return None


def _functions(name: str) -> tuple[Callable, Callable]:
    """Return the functions `NAME_arguments` and `run_NAME` of a subcommand."""
    name = name.replace("-", "_")
    group = next((group for group, names in _GROUPS.items() if name in names), None)
    module = importlib.import_module(f"textvae.commands.{group or name}")
    if group is None:
        return module.arguments, module.run
    return getattr(module, f"{name}_arguments"), getattr(module, f"run_{name}")


if __name__ == "__main__":
    sys.exit(main())
