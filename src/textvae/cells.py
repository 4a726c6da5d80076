"""A cell of the paper's grid: one corpus, one model, one C, one seed."""

import math
import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from textvae.errors import InputError

# What every generator of random numbers takes.
MOST_SEED = 2**32 - 1

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


def check_name(kind: str, name: str) -> None:
    """InputError where a name, of whatever kind, cannot be part of a path."""
    if not re.fullmatch(NAME, name):
        raise InputError(f"{kind} {name!r}: a name is made of letters, digits, '-', '_' and '.'")


@dataclass(frozen=True, order=True)
class Cell:
    """The identity of one trained model; C is in nats a sentence, C = 3 and C = 3.0 are one."""

    corpus: str
    model: str
    C: float
    seed: int

    def __post_init__(self) -> None:
        check_name("corpus", self.corpus)
        check_name("model", self.model)
        if not (math.isfinite(self.C) and self.C >= 0):
            raise InputError(f"C: {self.C} is not a number of at least 0")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"seed: {self.seed} is not a number from 0 to {MOST_SEED}")

    def __str__(self) -> str:
        """As its folder: corpus/model/C15/seed1."""
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}/seed{self.seed}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        """From the form of its folder, in any spelling of C."""
        match = re.fullmatch(rf"({NAME})/({NAME})/C([0-9.]+)/seed([0-9]+)", str(text))
        try:
            corpus, model, C, seed = match.groups()
            return cls(corpus, model, float(C), int(seed))
        except (AttributeError, ValueError):
            raise InputError(f"{text!r}: a cell reads corpus/model/C15/seed1") from None

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        return asdict(self)


def format_C(C: float) -> str:
    """The one spelling of C in paths and tables: 3 for 3.0, 2.5 for 2.50, 0.00001 for 1e-5."""
    # The shortest decimals that mean this very number, never with an exponent.
    return format(Decimal(repr(float(C))), "f").removesuffix(".0")
