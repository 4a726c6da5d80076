"""Commands that train text VAEs, and the language models of forward cross-entropy."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from textvae.cells import MAX_SEED, Cell
from textvae.commands import options
from textvae.commands.options import at_least, check_printable
from textvae.errors import InputError, one_line, warn
from textvae.vacancy import check_model_folder

if TYPE_CHECKING:
    import torch

    from textvae.runtime.signals import Stopped


class Job(Protocol):
    """The attributes of a training task that `run_training` needs."""

    device: "torch.device"

    @property
    def precision_setting(self) -> str: ...


def add_training_flags(parser: argparse.ArgumentParser) -> None:
    """Add --output, --grace, and the flags of checkpoints and device."""
    parser.add_argument("--output", type=Path, required=True, help="model folder to write")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder of the checkpoints, default OUTPUT.checkpoints"
    )
    parser.add_argument(
        "--checkpoint-minutes", type=float, default=10, help="minutes between two checkpoints"
    )
    parser.add_argument(
        "--keep-last",
        action="store_true",
        help="keep the checkpoint of the last step, from which the model can be saved again",
    )
    add_grace(parser)
    options.add_device_flags(parser)


def add_grace(parser: argparse.ArgumentParser) -> None:
    """Add --grace."""
    parser.add_argument(
        "--grace",
        type=float,
        default=0,
        help="seconds to wait to be killed after SIGTERM (SLURM requeues a job that it kills; a job"
        " that exits counts as failed)",
    )


def check_training_flags(args: argparse.Namespace) -> None:
    """Raise InputError if a training flag is not valid."""
    at_least(args, checkpoint_minutes=0, grace=0)
    if not args.output.name:
        raise InputError(f"--output: {args.output} is not a name for a new folder")
    if args.output.is_file():
        raise InputError(f"--output: {args.output} is a file, expected a folder or a new name")
    check_model_folder(args.output)


def run_training(args: argparse.Namespace, task: Job, train: Callable[..., None]) -> None:
    """Train a task; if a signal stops it, exit with that signal's status."""
    from textvae.models.kernels import compiled as native
    from textvae.runtime.signals import Stopped

    tell_missing_kernels(args.command, task)
    checkpoints = args.checkpoints or args.output.with_name(f"{args.output.name}.checkpoints")
    try:
        with native.compiled():
            train(task, args.output, checkpoints, args.checkpoint_minutes, args.keep_last)
    except Stopped as stopped:
        end(args, stopped, str(stopped))


def end(args: argparse.Namespace, stopped: "Stopped", message: str) -> NoReturn:
    """Exit with the status of a signal, after the time that --grace leaves to be killed."""
    from textvae.runtime import costs

    waits = stopped.signal == signal.SIGTERM and args.grace > 0
    more = f"; waiting at most {args.grace:g} s to be killed" if waits else ""
    with suppress(OSError):  # the reader of the log may already have stopped
        print(f"textvae {args.command}: {message}{more}", file=sys.stderr)
    if waits:
        costs.record()
        time.sleep(args.grace)
    # The exit status of a process that this signal ends.
    sys.exit(128 + stopped.signal)


def tell_missing_kernels(command: str, task: Job) -> None:
    """Say on stderr why a training has no compiled kernels, if it has none."""
    from textvae.models.kernels import compiled as native
    from textvae.models.kernels.precision import PRECISIONS

    setting = task.precision_setting
    candidates = PRECISIONS.values() if setting == "auto" else [PRECISIONS[setting]]
    if reason := next(filter(None, (native.why_not(p, task.device) for p in candidates)), None):
        slow = "training is slower without compiled kernels"
        print(f"textvae {command}: {reason}: {slow}", file=sys.stderr, flush=True)


if TYPE_CHECKING:
    from textvae.corpora.encoded import Sentences
    from textvae.corpora.vocabulary import Vocabulary


def add_text_flags(parser: argparse.ArgumentParser) -> None:
    """Add --name, --dictionary, and --text or --corpus with --sentences."""
    parser.add_argument("--name", required=True, help="name of the text in messages")
    parser.add_argument(
        "--dictionary",
        type=Path,
        required=True,
        help="file of `textvae common-dictionary`, or vocabulary.txt of a corpus",
    )
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", type=Path, help="a sentence a line")
    text.add_argument("--corpus", type=Path, help="prepared corpus folder, for its training split")
    parser.add_argument(
        "--sentences", type=int, help="number of sentences to draw from the corpus, default all"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of all random draws")


def text_to_learn(args: argparse.Namespace) -> "tuple[Sentences, Vocabulary, str | None]":
    """Return the sentences of the text over the dictionary, the dictionary, and the corpus.

    The corpus is its fingerprint, None if the text is not from one.
    """
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.corpora.unknown_words import counted, too_many, unk_percent
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.fce.dictionary import encode_file, real_text

    check_printable(args, "name")
    if not 0 <= args.seed <= MAX_SEED:
        raise InputError(f"--seed: {args.seed} is not a number from 0 to {MAX_SEED}")
    dictionary = Vocabulary.load(args.dictionary)
    if args.text:
        if args.sentences is not None:
            raise InputError("--sentences: can only be used with --corpus, not with --text")
        text, fingerprint = encode_file(args.text, dictionary), None
    else:
        at_least(args, sentences=2)
        corpus = EncodedCorpus(args.corpus)
        available = len(corpus.split("train"))
        if args.sentences is not None and args.sentences > available:
            more = f"more than the {available} of the training split"
            warn(f"--sentences: {args.sentences} is {more}")
        text = real_text(corpus, dictionary, args.sentences, args.seed)
        fingerprint = corpus.fingerprint
    origin = args.text or args.corpus
    # A text without words is one of empty sentences, which a model may generate.
    if len(text.tokens) and unk_percent(text) == 100:
        raise InputError(f"{origin}: none of its words is in {args.dictionary}")
    if too_many(text):
        warn(f"{origin}: {counted(text)} are not in {args.dictionary}")
    return text, dictionary, fingerprint


def train_arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.models.architecture import ModelConfig
    from textvae.settings import add_flags
    from textvae.training.config import TrainingConfig

    parser.add_argument("--corpus", type=Path, required=True, help="prepared corpus folder")
    parser.add_argument("--name", required=True, help="name of the model, as in its cell")
    parser.add_argument("--C", type=float, required=True, help="target of the rate, nats")
    parser.add_argument("--seed", type=int, required=True, help="seed of all random draws")
    add_training_flags(parser)
    add_flags(parser, ModelConfig.every())
    add_flags(parser, TrainingConfig.every())


def run_train(args: argparse.Namespace) -> None:
    from textvae.config.combinations import (
        job_fault,
        training_fault,
        void_fault,
    )
    from textvae.config.warnings import size_warnings, training_warnings
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.models.architecture import ModelConfig
    from textvae.settings import from_flags, specs
    from textvae.training.cell import TrainingJob, train
    from textvae.training.config import TrainingConfig

    check_training_flags(args)
    corpus = EncodedCorpus(args.corpus)
    task = TrainingJob(
        cell=Cell(corpus.name, args.name, args.C, args.seed),
        corpus=corpus,
        model=ModelConfig.resolve(from_flags(ModelConfig.every(), args).model_dump()),
        training=TrainingConfig.resolve(from_flags(TrainingConfig.every(), args).model_dump()),
        device=options.device_of(args),
    )
    settings = task.model.model_dump() | task.training.model_dump()
    every = (*specs(ModelConfig.every()), *specs(TrainingConfig.every()))
    options.warn_of_flags_without_effect(args, every, settings)
    if fault := training_fault(settings, args.C):
        raise InputError(f"--ramp-epochs: {fault}")
    sizes = len(corpus.split("train")), len(corpus.split("valid"))
    if fault := void_fault(settings) or job_fault(settings, *sizes, of_extensions=True):
        raise InputError(fault)
    for line in (
        *training_warnings(settings, args.C),
        *size_warnings(settings, len(corpus.split("train"))),
    ):
        warn(line)
    run_training(args, task, train)


def language_model_arguments(parser: argparse.ArgumentParser) -> None:
    from textvae.fce.settings import LanguageModelSettings
    from textvae.models.architecture import LanguageModelSizes
    from textvae.settings import add_flags

    add_text_flags(parser)
    add_training_flags(parser)
    add_flags(parser, LanguageModelSizes)
    add_flags(parser, LanguageModelSettings)


def run_language_model(args: argparse.Namespace) -> None:
    from textvae.config.warnings import early_stopping_warnings, size_warnings
    from textvae.fce.settings import LanguageModelSettings
    from textvae.fce.training import LanguageModelJob, train
    from textvae.models.architecture import LanguageModelSizes
    from textvae.settings import from_flags

    check_training_flags(args)
    sizes, recipe = from_flags(LanguageModelSizes, args), from_flags(LanguageModelSettings, args)
    text, dictionary, corpus = text_to_learn(args)
    task = LanguageModelJob(
        args.name, text, dictionary, sizes, recipe, args.seed, options.device_of(args), corpus
    )
    settings = recipe.model_dump()
    for line in (*early_stopping_warnings(settings), *size_warnings(settings, len(text))):
        warn(line)
    run_training(args, task, train)


def kneser_ney_arguments(parser: argparse.ArgumentParser) -> None:
    add_text_flags(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="ARPA", help="model to write")


def run_kneser_ney(args: argparse.Namespace) -> None:
    from textvae.fce.kneser_ney import train

    text, dictionary, _ = text_to_learn(args)
    train(text, dictionary, args.output, args.name)


def common_dictionary_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT", help="a sentence a line")
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="vocabulary.txt of the models"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="dictionary to write, one word a line"
    )


def run_common_dictionary(args: argparse.Namespace) -> None:
    from textvae.corpora.vocabulary import Vocabulary
    from textvae.fce.dictionary import common_dictionary

    dictionary = common_dictionary(args.texts, Vocabulary.load(args.vocabulary))
    dictionary.save(args.output)
    print(f"{one_line(args.output)}: {dictionary.types:,} words common to {len(args.texts)} texts")
