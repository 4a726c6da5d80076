"""Flags, checks and output that several commands share."""

import argparse
import sys
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from textvae.api import MAX_WORDS
from textvae.errors import InputError, UnknownWordWarning, warn
from textvae.io import json_text, write_json
from textvae.spec import MAX_INTEGER


def at_least(args: argparse.Namespace, **bounds: int) -> None:
    """Raise InputError if a given flag is below its bound, or an integer above MAX_INTEGER."""
    for name, bound in bounds.items():
        value, flag = getattr(args, name), name.replace("_", "-")
        # Negated, because NaN is also invalid.
        if value is not None and not value >= bound:
            raise InputError(f"--{flag}: {value} is not a number of at least {bound}")
        if type(value) is int and value > MAX_INTEGER:
            raise InputError(f"--{flag}: {value} is not a number of at most {MAX_INTEGER}")


def check_printable(args: argparse.Namespace, name: str) -> None:
    """Raise InputError if the text of a given flag has unprintable characters."""
    value = getattr(args, name)
    if value is not None and not value.isprintable():
        raise InputError(f"--{name}: {value!r:.80} has unprintable characters")


if TYPE_CHECKING:
    import torch

    from textvae.spec import Spec


def add_device_flags(parser: argparse.ArgumentParser) -> None:
    """Add --device, --cells-per-gpu and --threads."""
    parser.add_argument(
        "--device", default="cpu", help="cpu, cuda, cuda:1 or auto (cuda if available)"
    )
    parser.add_argument(
        "--cells-per-gpu",
        type=int,
        default=1,
        help="with cuda and auto: processes that may share a GPU; waits until a GPU has fewer",
    )
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")


def device_of(args: argparse.Namespace) -> "torch.device":
    """Return the device of --device, and set the number of CPU threads to --threads.

    `cuda` and `auto` claim one of the visible GPUs until the process ends; `cuda:1` names one and
    claims none.
    """
    from textvae.runtime import gpus
    from textvae.runtime.device import select_device, use_threads

    at_least(args, cells_per_gpu=1)
    use_threads(args.threads)
    if args.device not in ("cuda", "auto"):
        return select_device(args.device)
    claim = gpus.claim(args.cells_per_gpu)
    device = select_device(args.device)
    if claim is not None and device.type == "cpu":
        claim.release()
        print("torch finds no CUDA here: computing on the CPU", file=sys.stderr, flush=True)
    if claim is None and device.type == "cuda":
        print(
            "nvidia-smi reports no GPU: several processes may use the same one",
            file=sys.stderr,
            flush=True,
        )
    return device


if TYPE_CHECKING:
    from textvae.models.saved import TrainedModel


def add_model_flag(parser: argparse.ArgumentParser) -> None:
    """Add --model."""
    parser.add_argument(
        "--model",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="model folder, or one in an archive of a run: archive.zip/models/...",
    )


def add_decoder_flags(parser: argparse.ArgumentParser) -> None:
    """Add --model, --longest, --corpus, --device, --cells-per-gpu and --threads."""
    add_model_flag(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--longest", type=int, help=f"cut sentences after this many words, default {MAX_WORDS}"
    )
    length.add_argument(
        "--corpus",
        type=Path,
        help="prepared corpus folder: cut sentences after the length of its longest training"
        " sentence, end mark included",
    )
    add_device_flags(parser)


def add_text_flags(parser: argparse.ArgumentParser) -> None:
    """Add --as-prepared."""
    parser.add_argument(
        "--as-prepared",
        action="store_true",
        help="split at white space only, as `textvae measure --text` does; by default a word that"
        " the model does not know is normalised as its corpus was, tokenised and lower-cased",
    )


@contextmanager
def printed_warnings(name: str) -> Iterator[list[str]]:
    """Print UnknownWordWarnings to stderr as one line each, with the name of the text.

    Yields the list of those printed so far.
    """
    printed: list[str] = []

    def show(message: Warning | str, *rest: object) -> None:
        warn(f"{name}: {message}")
        printed.append(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always", UnknownWordWarning)
        warnings.showwarning = show
        yield printed


def load_model(args: argparse.Namespace) -> "TrainedModel":
    """Load the model of --model to --device."""
    from textvae.api.archive import model_folder
    from textvae.models import saved

    device = device_of(args)
    with model_folder(args.model) as folder:
        return saved.load(folder, device)


def origin_of(trained: "TrainedModel") -> dict[str, str]:
    """Return what identifies the training of a model: its weights, and its corpus if recorded."""
    corpus = {"corpus_sha256": trained.corpus} if trained.corpus else {}
    return {"weights": str(trained.weights)} | corpus


def max_words(args: argparse.Namespace, trained: "TrainedModel") -> int:
    """Return the number of words after which a sentence is cut, from --longest or --corpus.

    Warns if that is not the corpus of the model.
    """
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.models.ownership import difference

    if args.corpus is not None:
        corpus = EncodedCorpus(args.corpus)
        if other := difference(trained, corpus):
            warn(f"{args.corpus}: {other}; sentences are cut at its maximum length")
        return corpus.counted("train", "longest") + 1
    if args.longest is None:
        return MAX_WORDS
    at_least(args, longest=1)
    return args.longest


def write_json_output(value: Any, path: Path | None) -> None:
    """Write `value` as JSON to the file, or print it if no file is given."""
    if path:
        write_json(path, value)
    else:
        print(json_text(value, ensure_ascii=True))


def warn_of_flags_without_effect(
    args: argparse.Namespace,
    declared: Iterable["Spec"],
    used: Container[str],
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Warn of each flag of a part that the model does not have.

    declared: the settings of all parts. used: the names of those of the model and its training.
    defaults: of the command, where they are not those that are declared.
    """
    from textvae.config.model_entry import no_effect

    for one in declared:
        given = getattr(args, one.name)
        value = tuple(given) if isinstance(given, list) else given
        if one.name not in used and value != defaults.get(one.name, one.default):
            warn(f"{one.flag}: {no_effect(one.name)}")
