"""What the models of an evidence are, from the config.json beside their weights."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from textvae.claims.evidence import Kind
from textvae.errors import InputError
from textvae.paper.model_config import read_config


def read_kinds(paths: Iterable[Path]) -> dict[tuple[str, str], Kind]:
    """The kind of each model by corpus and model; InputError where cells of one differ in it."""
    kinds: dict[tuple[str, str], Kind] = {}
    for path in paths:
        trained = read_config(path)
        name = (trained.cell.corpus, trained.cell.model)
        kind = Kind(**asdict(trained.config), hidden=trained.hidden, latent=trained.latent)
        if kinds.setdefault(name, kind) != kind:
            raise InputError(
                f"{path}: {trained.cell} differs from other cells of {'/'.join(name)} in encoder, "
                "decoder, objective, beta or sizes, expected one of each"
            )
    return kinds
