"""`textvae choose-C`: from a text to a C, with the reason in one paragraph."""

import argparse
import hashlib
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from textvae.cells import MAX_SEED, Cell
from textvae.commands import options
from textvae.commands.options import at_least
from textvae.corpora import SPLITS
from textvae.errors import InputError, one_line, warn

if TYPE_CHECKING:
    from textvae.corpora.encoded import EncodedCorpus
    from textvae.corpora.settings import Preparation
    from textvae.settings import Settings

# Those of config/own.yaml, for minutes on a CPU.
_SMALL = {
    "embedding": 64,
    "hidden": 128,
    "latent": 32,
    "embedding_range": 0.5,
    "mean_gain": 5.0,
    "latent_gain": 4.0,
    "batch": 32,
    "learning_rate": 0.01,
    "decay": 0.5,
    "epochs": 4,
    "ramp_epochs": 1.0,
    "precision": "float32",
}
# Of --text, where another is not given.
_PREPARATION = {"normalise": ("lowercase",), "longest": 100, "vocabulary": 10_000}


def choose_C_arguments(parser: argparse.ArgumentParser) -> None:
    """Add flags for the text, the search and the model."""
    from textvae.choice.settings import ChoiceSettings
    from textvae.commands.train import add_grace
    from textvae.models.architecture import ModelConfig
    from textvae.settings import add_flags

    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument(
        "--text",
        type=Path,
        help="a sentence or document a line; lower-cased, with the 10,000 most frequent words,"
        " unless flags of the preparation say otherwise",
    )
    text.add_argument("--corpus", type=Path, help="folder of a corpus prepared otherwise")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder to write; continues what is there"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="remove another search that the folder has"
    )
    parser.add_argument("--name", default="model", help="name of the model, for tables")
    parser.add_argument("--seed", type=int, default=1, help="seed of all random draws")
    parser.add_argument(
        "--checkpoint-minutes", type=float, default=10, help="minutes between two checkpoints"
    )
    add_grace(parser)
    options.add_device_flags(parser)
    add_flags(parser, ChoiceSettings)
    add_flags(parser, _text_settings())
    add_flags(parser, ModelConfig.every())
    add_flags(parser, _training_settings())
    known = {action.dest for action in parser._actions}
    small = {name: value for name, value in _SMALL.items() if name in known}
    parser.set_defaults(**small, **_PREPARATION)


def _text_settings() -> "type[Settings]":
    """Return the settings of a text's preparation; --seed is that of all random draws."""
    from textvae.corpora.settings import Preparation
    from textvae.settings import settings_class, specs

    own = [one for one in specs(Preparation) if one.name != "seed"]
    return settings_class("Text", own, "Preparation of --text.")


def _training_settings() -> "type[Settings]":
    """Return the settings of a training at a given C: the search sets the objective."""
    from textvae.registry import OBJECTIVES, STRATEGIES
    from textvae.settings import settings_class, specs
    from textvae.training.config import TrainingSettings

    parts = (OBJECTIVES.declared()["rate-target"], *STRATEGIES.declared().values())
    every = (*specs(TrainingSettings), *(one for part in parts for one in part.specs))
    own = [one for one in every if one.name != "objective"]
    return settings_class("Training", own, "Training of the models.")


def run_choose_C(args: argparse.Namespace) -> None:
    """Choose C, and print the reason."""
    from textvae.choice.checks import search_fault, text_warnings
    from textvae.choice.choose import choose, paragraph
    from textvae.choice.request import check_folder
    from textvae.choice.settings import ChoiceSettings
    from textvae.commands.train import end, tell_missing_kernels
    from textvae.config.warnings import size_warnings, training_warnings
    from textvae.corpora.settings import Preparation
    from textvae.models.architecture import ModelConfig
    from textvae.models.kernels import compiled as native
    from textvae.runtime.signals import Stopped
    from textvae.settings import from_flags, specs
    from textvae.training.cell import TrainingJob
    from textvae.training.config import TrainingConfig

    at_least(args, checkpoint_minutes=0, grace=0)
    if not 0 <= args.seed <= MAX_SEED:
        raise InputError(f"--seed: {args.seed} is not a number from 0 to {MAX_SEED}")
    if args.output.is_file():
        raise InputError(f"--output: {args.output} is a file, expected a folder or a new name")
    preparation = Preparation(**from_flags(_text_settings(), args).model_dump(), seed=args.seed)
    if args.corpus and (flag := _given_for_text(args)):
        raise InputError(f"{flag}: this flag prepares a --text; --corpus is prepared already")
    settings = from_flags(ChoiceSettings, args)
    given = from_flags(_training_settings(), args)
    training = TrainingConfig.resolve(given.model_dump())
    model = ModelConfig.resolve(from_flags(ModelConfig.every(), args).model_dump())
    trained = model.model_dump() | training.model_dump()
    every = (*specs(ModelConfig.every()), *specs(_training_settings()))
    options.warn_of_flags_without_effect(args, every, trained, _SMALL)
    # Before a text is prepared, without its sizes.
    _check_search(search_fault(settings, trained, None, None, None))
    check_folder(args.output)
    corpus = _prepared(args, preparation) if args.text else _corpus(args.corpus)
    train, valid = corpus.split("train"), corpus.split("valid")
    longest = int(train.lengths.max())
    _check_search(search_fault(settings, trained, len(train), len(valid), longest))
    for line in (
        *training_warnings({**trained, **settings.model_dump()}, settings.max_rate),
        *size_warnings(trained, len(train)),
        *text_warnings(settings, len(train), len(valid)),
    ):
        warn(line)
    task = TrainingJob(
        Cell(corpus.name, args.name, 0.0, args.seed),
        *(corpus, model, training, options.device_of(args)),
    )
    tell_missing_kernels(args.command, task)
    try:
        with native.compiled():
            result = choose(settings, task, args.output, args.checkpoint_minutes, args.overwrite)
    except Stopped as stopped:
        end(args, stopped, f"{stopped}; the same command continues")
    # Paths stay whole, hyphens or not.
    whole = {"break_on_hyphens": False, "break_long_words": False}
    print(textwrap.fill(one_line(paragraph(result, args.output)), width=88, **whole))


def _given_for_text(args: argparse.Namespace) -> str | None:
    """Return the first flag of the preparation that differs from its default."""
    from textvae.settings import specs

    for one in specs(_text_settings()):
        if getattr(args, one.name) != _PREPARATION.get(one.name, one.default):
            return one.flag
    return None


def _check_search(fault: str | None) -> None:
    if fault is not None:
        raise InputError(fault)


def _corpus(folder: Path) -> "EncodedCorpus":
    from textvae.corpora.encoded import EncodedCorpus

    return EncodedCorpus(folder)


def _prepared(args: argparse.Namespace, settings: "Preparation") -> "EncodedCorpus":
    """Return the corpus of a text, prepared below the output unless it is already there."""
    from textvae import provenance
    from textvae.choice.request import is_prepared, write_request
    from textvae.corpora.preparation import prepare
    from textvae.corpora.splitting import split_text
    from textvae.registry import FORMATS
    from textvae.registry import STEPS as NORMALISATION
    from textvae.stages import STEPS

    if not args.text.is_file():
        raise InputError(f"--text: no such file: {args.text}")
    with args.text.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    corpus, raw = args.output / "corpus", args.output / "raw"
    code = (
        *(STEPS["split"] + STEPS["prepare"]),
        FORMATS.declared()[settings.format].module,
        *(NORMALISATION.declared()[name].module for name in settings.normalise),
    )
    request = {
        "text": digest,
        "seed": args.seed,
        "preparation": settings.model_dump(),
        "code": provenance.digest(provenance.SOURCE, *code),
    }
    if is_prepared(corpus, request, args.overwrite):
        return _corpus(corpus)
    # Another corpus stays until this one is whole, because the text may be refused.
    new = {path: path.with_name(f".{path.name}") for path in (corpus, raw)}
    for path in new.values():
        shutil.rmtree(path, ignore_errors=True)
    split_text(args.text, new[raw], args.seed)
    paths = {split: new[raw] / f"{split}.txt" for split in SPLITS}
    prepare("text", paths, settings, new[corpus])
    write_request(new[corpus], request)
    for path, prepared in new.items():
        _keep_others(path, prepared)
        shutil.rmtree(path, ignore_errors=True)
        prepared.rename(path)
    return _corpus(corpus)


def _keep_others(old: Path, new: Path) -> None:
    """Move the files of a folder that its successor does not have, which are not ours, there."""
    for path in sorted(old.rglob("*")):
        kept = new / path.relative_to(old)
        if path.is_file() and not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            path.rename(kept)
