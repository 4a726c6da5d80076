"""A cell of the paper's grid: one corpus, one model, one C, one seed."""

import re
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from textvae.errors import InputError

# Largest seed that NumPy, torch and Python all accept.
MAX_SEED = 2**32 - 1
# Nats: more than the information in any sentence.
MAX_C = 1_000_000
# Characters. File systems allow 255 bytes for a file name, and a name may be part of one.
MAX_NAME_LENGTH = 100
_MAX_C_DIGITS = 24

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


def check_name(kind: str, name: str) -> None:
    """Raise InputError if a name cannot be part of a path; `kind` begins the message."""
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        expected = "a name is made of letters, digits, '-', '_' and '.'"
        raise InputError(f"{kind} {name!r:.80}: {expected}")
    if len(name) > MAX_NAME_LENGTH:
        problem = f"{len(name)} characters long, expected at most {MAX_NAME_LENGTH}"
        raise InputError(f"{kind} {name[:40]!r}...: is {problem}")


@dataclass(frozen=True, order=True)
class Cell:
    """The identity of one trained model; C is in nats per sentence, and 3 and 3.0 are equal."""

    corpus: str
    model: str
    C: float
    seed: int

    def __post_init__(self) -> None:
        check_name("corpus", self.corpus)
        check_name("model", self.model)
        # Written with `not`, so that NaN is refused too.
        if not (_is_number(self.C, int | float) and self.C >= 0):
            raise InputError(f"C: {self.C!r:.40} is not a number of at least 0")
        if self.C > MAX_C:
            raise InputError(f"C: {self.C!r:.40} is not a number of at most {MAX_C}")
        if len(format_C(self.C)) > _MAX_C_DIGITS:
            raise InputError(f"C: {self.C!r} has too many digits to be part of a path")
        if not (_is_number(self.seed, int) and 0 <= self.seed <= MAX_SEED):
            raise InputError(f"seed: {self.seed!r:.40} is not a number from 0 to {MAX_SEED}")

    def __str__(self) -> str:
        """Return the path of its folder: corpus/model/C15/seed1."""
        return f"{self.corpus}/{self.model}/C{format_C(self.C)}/seed{self.seed}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        """Parse the path of a cell's folder; C may be written as 15 or 15.0."""
        match = re.fullmatch(rf"({NAME})/({NAME})/C([0-9.]+)/seed([0-9]+)", str(text))
        try:
            corpus, model, C, seed = match.groups()
            return cls(corpus, model, float(C), int(seed))
        except (AttributeError, ValueError):
            raise InputError(
                f"{text!r:.80}: expected a cell such as corpus/model/C15/seed1"
            ) from None

    @classmethod
    def from_dict(cls, value: Any) -> "Cell":
        """Make a cell from JSON written by `as_dict`; InputError if it is not valid."""
        names = [entry.name for entry in fields(cls)]
        if not isinstance(value, dict) or sorted(value) != sorted(names):
            raise InputError(f"'cell' is not an object of {', '.join(names)}")
        return cls(**value)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


def _is_number(value: Any, kind: Any) -> bool:
    """Return whether a value is a number of a type; True and False are not."""
    return isinstance(value, kind) and not isinstance(value, bool)


def format_C(C: float) -> str:
    """Format C for paths and tables: 3 for 3.0, 2.5 for 2.50, 0.00001 for 1e-5."""
    # The shortest decimals that give the same float, without exponent or minus zero.
    return format(Decimal(repr(float(C) + 0.0)), "f").removesuffix(".0")
